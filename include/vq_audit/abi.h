/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the BPF programs and user space share: events and per-queue state.
 *
 * Values are in host byte order. The layout is fixed by explicit padding and
 * checked with -Wpadded; a change of it raises VQA_ABI_VERSION.
 */
#ifndef VQ_AUDIT_ABI_H
#define VQ_AUDIT_ABI_H

#include "vq_audit/calls.h"
#include "vq_audit/flight.h"
#include "vq_audit/histogram.h"
#include "vq_audit/kinds.h"
#include "vq_audit/losses.h"
#include "vq_audit/rules.h"
#include "vq_audit/window.h"

#ifndef __bpf__
#include <linux/types.h>
#endif

#define VQA_ABI_VERSION 10

/*
 * Largest ring that is audited, in descriptors. 1024 is the limit of QEMU's
 * devices; a larger ring is registered, and its completions are skips.
 */
#define VQA_RING_MAX 1024
#define VQA_RUN 4 /* descriptors in consecutive places that are read together */

#define VQA_NAME_LEN 24

/** struct vqa_desc - a descriptor, of either ring, of a table, or a shadow of one */
struct vqa_desc {
	__u64 addr; /* guest-physical or DMA address */
	union {
		struct {
			__u32 len; /* bytes */
			__u16 flags; /* VRING_DESC_F_*, on packed rings with AVAIL and USED */
			__u16 next; /* split: index of the next descriptor; packed: buffer id */
		};
		__u64 rest; /* all three, for whoever loads or compares them at once */
	};
};

/*
 * What can differ: X(ID, name, noun). The first ones are of struct vqa_desc;
 * a word is a single number, which stands in addr of both sides.
 */
#define VQA_FIELDS(X)                                   \
	X(ADDR, "addr", "address")                      \
	X(LEN, "len", "length")                         \
	X(NEXT_FLAG, "next_flag", "NEXT flag")          \
	X(WRITE, "write", "WRITE flag")                 \
	X(INDIRECT, "indirect", "INDIRECT flag")        \
	X(AVAIL_USED, "avail_used", "AVAIL/USED flags") \
	X(FLAGS, "flags", "other flags")                \
	X(NEXT, "next", "next")                         \
	X(ID, "id", "id")                               \
	X(USED_ID, "used_id", "used id")                \
	X(USED_LEN, "used_len", "used length")          \
	X(TABLE, "table", "indirect table")             \
	X(WORD, "word", "word")                         \
	X(DMA, "dma", "DMA mapping")

enum vqa_field_bit {
#define X(id, name, noun) VQA_FIELD_BIT_##id,
	VQA_FIELDS(X)
#undef X
		VQA_FIELD_COUNT,
};

/* enum vqa_field - masks of them */
enum vqa_field {
#define X(id, name, noun) VQA_F_##id = 1 << VQA_FIELD_BIT_##id,
	VQA_FIELDS(X)
#undef X
};

/* What the auditor's record of a buffer is taken from: X(ID, name, text). */
#define VQA_SHADOWS(X)                                                                      \
	X(RING, "ring", "no private copy: what stands in the ring right after publication") \
	X(PART, "part",                                                                     \
	  "private values; where a chain ends is told by the number of its descriptors")    \
	X(WHOLE, "whole", "a complete private copy")

/* enum vqa_shadow - how much of a queue's descriptors the kernel keeps privately */
enum vqa_shadow {
#define X(id, name, text) VQA_SHADOW_##id,
	VQA_SHADOWS(X)
#undef X
		VQA_SHADOW_COUNT,
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
	__u8 shadow; /* enum vqa_shadow */
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
	__u8 quirk; /* 1 if the action was lowered to log: a known habit */
	__u8 point; /* enum vqa_point */
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
	__u64 flight_next; /* position behind the newest operation, if flight is not 0 */
	__u32 flight; /* entries of the queue's recorder, struct vqa_op, behind this event */
	__u32 pad3;
};

enum vqa_head_state {
	VQA_HEAD_NEVER,
	VQA_HEAD_IN_FLIGHT,
	VQA_HEAD_DONE,
	VQA_HEAD_RACED, /* in flight, but the device was faster than the record */
};

/** struct vqa_head - the auditor's own record of a buffer, by id */
struct vqa_head {
	__u64 shadow; /* of the kernel's private copy, packed: its digest; split: all ones if it
			 lacks the addresses, else 0 */
	__u64 table; /* digest of its indirect table, where the kernel keeps no copy */
	__u32 writable; /* bytes that the device may write */
	__u32 bytes; /* length of its indirect table, 0 if it has none */
	__u16 n; /* descriptors in the ring */
	__u16 epoch; /* of the queue, when it was published */
	__u16 tail; /* the last of them, by place in the kernel's private copy */
	__u8 state; /* enum vqa_head_state */
#define VQA_HEAD_READABLE 1 /* there is something that the device may read */
#define VQA_HEAD_TIMED 2 /* the queue's since[] says when it was published */
	__u8 marks;
};

/** struct vqa_limit - rate limit of one rule's records on one queue */
struct vqa_limit {
	__u64 since_ns;
	__u64 flight_ns; /* from when on a record has the operations before it again */
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
	__u64 violations[VQA_RULE_MAX];
	__u64 ignored; /* of these: the action was to ignore them */
	__u64 suppressed; /* event records held back by the rate limit */
};

/** struct vqa_open - a call of the driver, as it began */
struct vqa_open {
	__u32 id; /* of the buffer */
	__u32 num_free;
	__u32 free_head;
	__u16 at; /* the driver's index: next_avail of an add, last_used of a detach */
	__u16 n; /* detach: descriptors that are to come back, 0 if unknown */
	__u8 valid; /* 1 until it ends */
	__u8 inside; /* detach, stock: 1 while the driver is in get_buf */
	__u8 taken; /* detach: 1 once the driver is known to take the buffer */
	__u8 pad;
};

/** struct vqa_first - the next used element, as an interrupt found it */
struct vqa_first {
	__u32 id;
	__u32 len; /* bytes */
	__u16 at; /* last_used of the driver */
	__u8 valid;
	__u8 pad;
};

/**
 * struct vqa_sweep_counters - of one queue, written by the sweep alone
 *
 * The sweep runs beside the hooks, so that it cannot share theirs.
 */
struct vqa_sweep_counters {
	__u64 sweeps;
	__u64 descs; /* descriptors compared */
	__u64 unsettled; /* divergences not judged: the driver was at work on each look */
	__u64 violations[VQA_RULE_MAX];
	__u64 ignored; /* of these: the action was to ignore them */
	__u64 suppressed; /* event records held back by the rate limit */
};

/** struct vqa_gone - what queues counted that were deleted, the sweep's violations among it */
struct vqa_gone {
	struct vqa_counters c;
	__u64 queues;
};

#define VQA_WORD_MAX 16 /* ways in which a word beside the descriptors can be wrong */

/** struct vqa_standing - a wrong word that stands */
struct vqa_standing {
	__u64 since_ns; /* when it was first found so; 0: it is as it should be */
	__u32 sign; /* of what was found */
	__u32 told; /* 1: it was reported */
};

/** struct vqa_swept - what a sweep leaves to the next one, and the driver's hooks to the sweep */
struct vqa_swept {
	struct vqa_sweep_counters c;
	struct vqa_limit limit[VQA_RULE_MAX];
	struct vqa_standing word[VQA_WORD_MAX];
	__u64 published; /* at the sweep before */
	__u64 idle_ns; /* since when that has not changed */
	__u32 generation; /* at the sweep before */
	__u16 last_used;
	__u16 used_idx;
	__u16 device_event;
	__u8 valid; /* 1 once there was a sweep */
	__u8 idle; /* 1: so long that all of the last buffer is written */
	__u16 head_slot; /* by the hooks; packed: where the last buffer's first descriptor went */
	__u8 adopted; /* packed: 1 once what is in flight from before the start was looked at */
	__u8 pad;
	__u32 told[VQA_RING_MAX]; /* by place: sign of the divergence that was reported, or 0 */
	/* By the hooks; split: what the available ring holds: index << 16 | id + 1. */
	__u32 order[VQA_RING_MAX];
};

#define VQA_LOOK_MAX 8 /* things that a look at the progress of a queue can find */

/** struct vqa_progress - what a look leaves to the next one, and the hooks to the look */
struct vqa_progress {
	struct vqa_standing found[VQA_LOOK_MAX];
	__u64 quiet_ns; /* since when the device has to leave the queue alone */
	__u64 from; /* traced_from, when what functions tell was last known to count */
	__u64 storm_ns; /* when the last count of interrupts ended; 0: there was none */
	__u32 storm; /* what it found: interrupts without progress, a second */
	__u32 storm_idle; /* the counters below, as they were then */
	__u32 storm_served;
	__u32 storm_device; /* interrupts with a reason, of the whole device */
	__u32 idle; /* by the hooks: interrupts without a reason */
	__u32 served; /* by the hooks: interrupts with one */
	__u32 owed; /* by the hooks: times that the driver found that it is to notify */
	__u32 notified; /* by the hooks: how many of these it had when it last did */
	__u16 irq_at; /* by the hooks: last_used at the last interrupt */
	__u16 quiet_used; /* what the device had used by quiet_ns: split: used.idx; packed: 0 or 1
			   */
	__u16 epoch; /* of the queue, at the look before */
	__u16 last_used; /* of the driver, at the look before */
	__u8 quiet; /* enum vqa_quiet */
	__u8 notifies; /* by the hooks: 1 once a notification was seen */
	__u8 pad[6];
	__u32 born[VQA_RING_MAX]; /* by id: when a look first met the buffer; hooks: 0 */
};

/** struct vqa_map_fault - memory that does not fit its DMA mapping */
struct vqa_map_fault {
	struct vqa_desc seen; /* flags: enum vqa_dma_dir */
	struct vqa_desc want; /* the mapping, the same way */
	__u32 rule; /* enum vqa_rule */
	__u32 kind; /* enum vqa_kind; 0: nothing is wrong */
	__u32 head; /* id of the buffer */
	__u32 point; /* enum vqa_point */
};

/** struct vqa_map_error - a publication that failed because memory could not be mapped */
struct vqa_map_error {
	__u64 vq; /* 0: none */
	__u32 from, to; /* the last mapping on its CPU before it, and at its end */
	__u32 task; /* that published */
	__u32 cpu;
	__u32 passes; /* over the ledger, since */
	__u32 pad;
};

/* enum vqa_avail - what is known of the driver's available index */
enum vqa_avail {
	VQA_AVAIL_UNKNOWN,
	VQA_AVAIL_NEXT, /* it stands at next_avail */
	VQA_AVAIL_BACK, /* it stood there, until the driver took buffers back unused */
};

/* What is left out of a buffer that is not in the sample. */
enum vqa_thins {
	VQA_THINS_NONE, /* all are */
	VQA_THINS_DESCS, /* its descriptors, but for what leads the driver from one to the next */
	VQA_THINS_ALL, /* that, too */
};

/** struct vqa_tables - where the parts of a ring lie, by kernel address */
struct vqa_tables {
	__u64 ring; /* descriptors, which the device can write */
	__u64 shadow; /* the kernel's private copy of them */
	__u64 state; /* struct vring_desc_state_*, by id */
};

/** struct vqa_queue - all state of a queue: the value of map "queues", by its place */
struct vqa_queue {
	struct vqa_queue_id id;
	struct vqa_counters c;
	__u64 features; /* negotiated */
	__u64 dma_dev; /* address of the device, or of VDUSE's domain, that its memory is mapped
			  for; 0: of none */
#define VQA_REBUILDING 1ULL
	__u64 life; /* of the ring: another one after each rebuild, with VQA_REBUILDING during one
		     */
	struct vqa_tables tables; /* of the ring: our series tells when there is another */
	__u64 random; /* what was drawn last, under --sample and --budget */
	__u64 looked; /* the life that a sweep, or a look at progress, is about */
	__u16 next_used; /* last_used_idx that the next completion must show */
	__u16 base_used; /* last_used_idx when the audit of this generation began */
	__u16 next_avail; /* where the publication after the last one is expected */
	__u16 epoch; /* rises when a hook is known to have missed something */
	__u8 broken; /* 1 once the verdict or the core broke the queue */
	__u8 ready; /* 1 once everything above is filled in */
	__u8 avail_known; /* enum vqa_avail */
	__u8 own_map; /* 1: dma_dev is no device, but VDUSE's domain, or 0 */
	__u32 untimed; /* publications up to the next one that is timed, that one included */
	__u32 in_flight; /* buffers on record that are not known to have come back */
	struct vqa_open add; /* stock: the publication under way */
	struct vqa_open detach; /* the completion under way */
	struct vqa_first first;
	__u8 action[VQA_RULE_MAX] __attribute__((aligned(8))); /* enum vqa_action, by rule */
	struct vqa_limit limit[VQA_RULE_MAX];
	struct vqa_flight flight;
	/* In this order: within 32 KiB a member is reached without arithmetic. */
	/* As published, by place in the ring. A run of places that begins at the last one goes on.
	 */
	struct vqa_desc slot[VQA_RING_MAX + VQA_RUN - 1];
	struct vqa_head head[VQA_RING_MAX];
	struct vqa_swept swept;
	struct vqa_progress progress;
	struct vqa_windows windows; /* level dma: where the device may reach */
	struct vqa_map_fault map_fault; /* level dma: of the publication under way */
	struct vqa_map_error add_error; /* level dma: should that fail */
	__u32 serial[VQA_RING_MAX]; /* level dma; by id: which publication it is */
	/* Of the buffers that are timed: --latency-sample. */
	struct vqa_histogram latency; /* ns from publication to completion */
	struct vqa_histogram depth; /* buffers in flight at publication, that one included */
	__u64 since[VQA_RING_MAX]; /* by id: ns, CLOCK_MONOTONIC, when it was published */
};

#endif
