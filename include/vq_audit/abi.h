/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the BPF programs and user space share: events and per-queue state.
 *
 * Values are in host byte order. The layout is fixed by explicit padding and
 * checked with -Wpadded; a change of it raises VQA_ABI_VERSION.
 */
#ifndef VQ_AUDIT_ABI_H
#define VQ_AUDIT_ABI_H

#include "vq_audit/rules.h"

#ifndef __bpf__
#include <linux/types.h>
#endif

#define VQA_ABI_VERSION 1

/*
 * Largest ring that is audited, in descriptors. 1024 is the limit of QEMU's
 * devices; a larger ring is registered, and its completions are skips.
 */
#define VQA_RING_MAX 1024

#define VQA_NAME_LEN 24

/** struct vqa_desc - a descriptor, of either ring, of a table, or a shadow of one */
struct vqa_desc {
	__u64 addr; /* guest-physical or DMA address */
	__u32 len; /* bytes */
	__u16 flags; /* VRING_DESC_F_*, on packed rings with AVAIL and USED */
	__u16 next; /* split: index of the next descriptor; packed: buffer id */
};

/* Fields of struct vqa_desc in which two of them can differ. */
enum vqa_field {
	VQA_F_ADDR = 1 << 0,
	VQA_F_LEN = 1 << 1,
	VQA_F_NEXT_FLAG = 1 << 2,
	VQA_F_WRITE = 1 << 3,
	VQA_F_INDIRECT = 1 << 4,
	VQA_F_AVAIL_USED = 1 << 5, /* packed: the AVAIL and USED flags */
	VQA_F_FLAGS = 1 << 6, /* any other bit of flags */
	VQA_F_NEXT = 1 << 7, /* split: next */
	VQA_F_ID = 1 << 8, /* packed: id */
	VQA_F_USED_ID = 1 << 9, /* the used element's id */
	VQA_F_USED_LEN = 1 << 10, /* the used element's length */
};

/* How an id that is no head of a buffer in flight came to be one (used-not-head). */
enum vqa_kind {
	VQA_KIND_NONE,
	VQA_KIND_NEVER, /* free, and no buffer was published under it since the start */
	VQA_KIND_REPLAYED, /* free, and the buffer under it was completed before */
	VQA_KIND_MID_CHAIN, /* belongs to a buffer in flight, but not as its head */
	VQA_KIND_FREE, /* free; this tier does not know whether it ever was published */
	VQA_KIND_COUNT,
};

/** struct vqa_queue_id - a queue, as people know it */
struct vqa_queue_id {
	__u64 vq; /* address of the struct virtqueue: an identity, never followed */
	__u32 vdev_index; /* N of virtioN */
	__u32 device; /* virtio device id: 1 net, 2 block, ... */
	__u32 index; /* of the queue in its device */
	__u32 num; /* descriptors in the ring */
	__u8 packed; /* 1 packed ring, 0 split ring */
	__u8 dma_api; /* 1 if buffers go through the DMA API */
	__u8 indirect; /* 1 if the driver may use indirect tables */
	__u8 shadow; /* 1 if the kernel's shadow of this queue is complete */
	__u32 generation; /* rises when the queue is reset or resized */
	char bus[VQA_NAME_LEN]; /* parent device, e.g. "0000:00:03.0" */
	char name[VQA_NAME_LEN]; /* e.g. "req.0", "input.0" */
};

enum vqa_event_type {
	VQA_EV_VIOLATION = 1,
	VQA_EV_QUEUE = 2, /* a queue was found, created or reset */
	VQA_EV_QUEUE_GONE = 3, /* a queue was deleted */
	VQA_EV_BROKEN = 4, /* the kernel broke the queue (vq_bad) */
};

/** struct vqa_event - a record in the ring buffer; one layout for all types */
struct vqa_event {
	__u16 version; /* VQA_ABI_VERSION */
	__u16 type; /* enum vqa_event_type */
	__u16 rule; /* enum vqa_rule */
	__u8 action; /* enum vqa_action that applies, after quirks */
	__u8 kind; /* enum vqa_kind */
	__u64 time_ns; /* CLOCK_MONOTONIC */
	struct vqa_queue_id queue;
	__u64 seq; /* completions of this queue before this event */
	__u32 id; /* buffer id: head on split rings */
	__u32 slot; /* ring position of the descriptor that diverges */
	__u32 entry; /* index in the indirect table, if table is 1 */
	__u8 table; /* 1 if the descriptor is an entry of an indirect table */
	__u8 racy; /* 1 if the value was read again rather than as the driver read it */
	__u8 quirk; /* 1 if the action was lowered to log: out-only chain or legacy device */
	__u8 pad;
	__u32 fields; /* enum vqa_field mask: what diverges */
	__u32 also; /* mask of other rules that further descriptors of the buffer violate */
	__u32 chain; /* descriptors of the buffer in the ring, 0 if unknown */
	__u32 entries; /* entries of its indirect table, 0 if it has none */
	__u32 used_len; /* bytes, as the device said */
	__u32 writable; /* bytes that the device may write to the buffer, ~0 if unknown */
	__u16 last_used; /* the driver's used index or position at the event */
	__u16 pad2;
	__u32 suppressed; /* records of this rule and queue that the rate limit held back before */
	struct vqa_desc seen; /* as the device can see and change it */
	struct vqa_desc want; /* as the driver published it */
};

enum vqa_head_state {
	VQA_HEAD_NEVER,
	VQA_HEAD_IN_FLIGHT,
	VQA_HEAD_DONE,
};

/** struct vqa_head - what the auditor itself remembers of a buffer, by id */
struct vqa_head {
	__u32 writable; /* packed, direct: bytes that the device may write */
	__u16 n; /* descriptors in the ring */
	__u16 state; /* enum vqa_head_state */
};

/** struct vqa_limit - rate limit of one rule's records on one queue */
struct vqa_limit {
	__u64 since_ns;
	__u32 sent; /* since since_ns */
	__u32 suppressed; /* since the last record that was sent */
};

/**
 * struct vqa_counters - of one queue, since it was registered
 *
 * Written by hooks that the driver serialises per queue, so plain and exact.
 *
 * Coverage: completions = audited + sum of skipped, where completions is what
 * the driver's own index says. On packed rings an index advances by the
 * descriptors of a buffer, so positions, in descriptors there, is what can be
 * compared with the index exactly.
 */
struct vqa_counters {
	__u64 published;
	__u64 audited;
	__u64 skipped[VQA_SKIP_COUNT];
	__u64 positions; /* audited and skipped, in steps of the driver's index */
	__u64 refused; /* used elements that the verdict or the core refused */
	__u64 descs; /* descriptors and table entries compared */
	__u64 tables_unseen; /* indirect tables without a shadow to compare with */
	__u64 violations[VQA_RULE_COUNT];
	__u64 suppressed; /* event records held back by the rate limit */
};

/** struct vqa_queue - all state of a queue: the value of map "queues", keyed by address */
struct vqa_queue {
	struct vqa_queue_id id;
	struct vqa_counters c;
	__u64 features; /* negotiated */
	__u16 next_used; /* last_used_idx that the next completion must show */
	__u16 base_used; /* last_used_idx when the audit of this generation began */
	__u8 tracked; /* 1 once publications are recorded */
	__u8 broken; /* 1 once the verdict or the core broke the queue */
	__u8 ready; /* 1 once everything above is filled in */
	__u8 pad;
	struct vqa_limit limit[VQA_RULE_COUNT];
	struct vqa_head head[VQA_RING_MAX];
	struct vqa_desc slot[VQA_RING_MAX]; /* packed: as published, by ring position */
};

/* Counters that belong to no queue: map "losses", an entry per CPU. */
#define VQA_LOSSES(X)                                                                            \
	X(EVENTS, "events", "event records lost because the ring buffer was full")               \
	X(QUEUES_FULL, "queues-full", "queues not audited because the table of queues was full") \
	X(NO_QUEUE, "no-queue", "hook calls for a queue that is not registered")                 \
	X(READ_FAILED, "read-failed", "reads of kernel memory that failed")

enum vqa_loss {
#define X(id, name, text) VQA_LOSS_##id,
	VQA_LOSSES(X)
#undef X
		VQA_LOSS_COUNT,
};

/**
 * struct vqa_survey - in and out of the syscall program "survey"
 *
 * A read of one live queue. It takes no lock: what is not settled may be torn,
 * and a driver that is just at work on the queue can make what is settled look
 * wrong for a moment. Read again before believing in damage.
 *
 * In a queue that is whole, num_free descriptors are on the free list, all
 * others belong to a chain in flight, and none is met twice.
 */
struct vqa_survey {
	__u64 vq; /* in: address, as in struct vqa_queue_id */
	__u32 found; /* out: 1 if the queue is registered */
	__u32 num_free; /* as the driver counts */
	__u32 free; /* different descriptors on the free list, within num_free steps */
	__u32 chained; /* different ones in chains in flight, as far as not on the free list */
	__u32 overlaps; /* times that the free list or a chain led to one met before */
	__u16 last_used;
	__u16 next_avail; /* split: avail_idx_shadow; packed: next_avail_idx */
	__u8 follow; /* in: 1 to follow free list and chains, by the private shadow */
	__u8 followed; /* out: 1 if that was done; it takes a complete shadow */
	__u8 settled; /* 1 if the driver's indices stood still meanwhile */
	__u8 broken;
	__u8 pad[4];
};

#endif
