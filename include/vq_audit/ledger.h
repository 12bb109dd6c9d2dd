/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of DMA mappings, and what it says of a buffer: pure as check.h is.
 *
 * An entry stands for all mappings of one device that begin at one address, since
 * memory that is addressed physically can be mapped more than once at a time. It
 * stays for a while once they are gone, so that what comes after them is known
 * from what was never seen: mappings older than the ledger.
 */
#ifndef VQ_AUDIT_LEDGER_H
#define VQ_AUDIT_LEDGER_H

#include "vq_audit/check.h"

/** enum vqa_dma_dir - the kernel's enum dma_data_direction, as the device sees it */
enum vqa_dma_dir {
	VQA_DMA_BIDIRECTIONAL,
	VQA_DMA_TO_DEVICE, /* it reads */
	VQA_DMA_FROM_DEVICE, /* it writes */
};

/**
 * struct vqa_dma_key - where a mapping begins
 *
 * Its entry is found by @place alone, one word: the kernel takes three times as long to hash and
 * compare two. Two devices' meet in one by accident only, and an entry says itself whose it is.
 */
struct vqa_dma_key {
	__u64 place; /* address and device in one: vqa_dma_place() */
	__u64 addr; /* as the device is told */
	__u64 dev; /* address of the struct device, or of VDUSE's domain, that it is mapped for */
};

/* What a device makes of addresses. Odd, so that no two devices have the same. */
static inline __u64 vqa_dma_mark(__u64 dev)
{
	return dev * 0x9e3779b97f4a7c15ULL;
}

static inline __u64 vqa_dma_place(__u64 mark, __u64 addr)
{
	return mark ^ addr;
}

/* Of live, beside the number. */
#define VQA_MAPPING_GOING 0x80000000u /* the entry is just being deleted */
#define VQA_MAPPING_FILLED 0x40000000u /* swiotlb has filled the bounce buffer, since it is one */

#define VQA_MAPPING_COUNT (~(VQA_MAPPING_GOING | VQA_MAPPING_FILLED))

/** struct vqa_mapping - the entry */
struct vqa_mapping {
	struct vqa_dma_key key; /* see vqa_mapping_is() */
	__u64 vq; /* the queue on which it was last published; 0: on none */
	__u64 since; /* jiffies: since when any live, or none does any more; 0: not known */
	__u32 serial; /* which publication that was, as in struct vqa_queue */
	__u32 size; /* bytes; of the largest */
	__u32 live; /* how many there are, and flags */
	__u32 made; /* which one it was on its CPU: the first of them */
	__u32 task; /* that made it */
	__u32 call; /* sign of the last call that made or undid one */
	__u16 cpu; /* on which */
	__u16 head; /* id of the buffer that was published */
	__u8 dir; /* enum vqa_dma_dir */
	__u8 mixed; /* 1: they differ, or did since there were none */
	__u8 ring; /* 1: mapped by the core when it was published, which is to unmap it */
	__u8 passes; /* that found it as the last one did: left over, or ended */
	__u8 told; /* 1: its leak was reported */
	__u8 waits; /* 1: it ended once, and has its turn to make room before it */
	__u16 offset; /* bytes from addr to where the device may write, as it was published; */
	__u32 len; /* and how many; 0: it may not */
};

/** vqa_mapping_live() - how many there are, by the word with flags */
static inline __u32 vqa_mapping_live(__u32 live)
{
	return live & VQA_MAPPING_COUNT;
}

/*
 * Whether an entry that was found is the one that was looked for, and is so still. Deleted, its
 * memory is another one's at once, and a CPU that has just found it can be stopped for long, as
 * guests are. Nobody deletes one with a mapping in it.
 */
static inline int vqa_mapping_is(const struct vqa_mapping *m, const struct vqa_dma_key *key)
{
	return m->key.addr == key->addr && m->key.dev == key->dev;
}

/**
 * vqa_mapping_old() - whether mappings in it may have been undone unseen
 * @from: jiffies: since when all calls are seen; 0: since the first entry
 */
static inline int vqa_mapping_old(const struct vqa_mapping *m, __u64 from)
{
	return vqa_mapping_live(m->live) && m->since < from;
}

/*
 * Whether none was ever seen there, or something was since of which nothing is known;
 * @from: as above
 */
static inline int vqa_mapping_unknown(const struct vqa_mapping *m, __u64 from)
{
	return m->since < from || (!vqa_mapping_live(m->live) && !m->since);
}

/* A mapping more, @one of its own; @before: how many there were. */
static inline void vqa_mapping_add(struct vqa_mapping *m, __u32 before,
				   const struct vqa_mapping *one)
{
	volatile struct vqa_mapping *now = m;

	m->call = one->call;
	if (!before) {
		m->since = one->since;
		m->vq = 0;
		m->mixed = 0;
		m->told = 0;
		m->size = one->size;
		m->dir = one->dir;
		m->made = one->made;
		m->task = one->task;
		m->cpu = one->cpu;
	} else if (m->size != one->size || m->dir != one->dir) {
		now->mixed = 1; /* first: see vqa_unmap_fault() */
		if (one->size > m->size)
			now->size = one->size;
	}
	m->passes = 0;
}

/** vqa_mapping_of_error() - whether a mapping was made for it */
static inline int vqa_mapping_of_error(const struct vqa_mapping *m, const struct vqa_map_error *e)
{
	return e->vq && m->task == e->task && m->cpu == e->cpu &&
	       m->made - e->from - 1 < e->to - e->from;
}

/**
 * vqa_mapping_fault() - what is wrong with a descriptor that lies in a mapping
 * @live: mappings that begin there
 * @offset: bytes from there to the descriptor's address
 *
 * Return: enum vqa_kind, VQA_KIND_NONE if nothing is.
 */
static inline __u32 vqa_mapping_fault(const struct vqa_mapping *m, __u32 live, __u64 offset,
				      struct vqa_desc d)
{
	__u32 wrong = d.flags & VQA_DESC_F_WRITE ? VQA_DMA_TO_DEVICE : VQA_DMA_FROM_DEVICE;

	if (!live)
		return VQA_KIND_MAP_ENDED;
	if (offset + d.len > m->size)
		return VQA_KIND_MAP_BEYOND;
	return !m->mixed && m->dir == wrong ? VQA_KIND_MAP_DIRECTION : VQA_KIND_NONE;
}

/**
 * vqa_overlap_fault() - what is wrong with a descriptor where another one was published
 * @offset: as above
 *
 * Return: as above; it is nothing if the other one's buffer came back.
 */
static inline __u32 vqa_overlap_fault(const struct vqa_mapping *m, __u64 offset, struct vqa_desc d)
{
	if (!(d.flags & VQA_DESC_F_WRITE) || offset >= (__u64)m->offset + m->len ||
	    m->offset >= offset + d.len)
		return VQA_KIND_NONE;
	return m->len && d.len ? VQA_KIND_MAP_SHARED : VQA_KIND_NONE;
}

/* A descriptor was published there. */
static inline void vqa_mapping_publish(struct vqa_mapping *m, __u64 offset, struct vqa_desc d)
{
	m->offset = offset; /* of a mapping that is found by its page, or none */
	m->len = d.flags & VQA_DESC_F_WRITE ? d.len : 0;
	m->passes = 0;
}

/**
 * vqa_unmap_fault() - what is wrong with an unmapping; return as above
 *
 * Another CPU may just add a mapping: "mixed" is set before the size changes, and read after it.
 */
static inline __u32 vqa_unmap_fault(const struct vqa_mapping *m, __u32 live, __u32 size, __u32 dir)
{
	const volatile struct vqa_mapping *now = m;
	__u32 mapped = now->size;

	if (!live)
		return VQA_KIND_UNMAP_TWICE;
	if (now->mixed)
		return VQA_KIND_NONE;
	if (mapped != size)
		return VQA_KIND_UNMAP_SIZE;
	return m->dir != dir ? VQA_KIND_UNMAP_DIRECTION : VQA_KIND_NONE;
}

#define VQA_UNSEEN_GRACE 1000 /* jiffies that what was not seen matters: one to ten seconds */

/* Whether it is not for long that all calls are seen; @from: as above */
static inline int vqa_mapping_young(const struct vqa_mapping *m, __u64 from)
{
	return from && m->since <= from + VQA_UNSEEN_GRACE;
}

/**
 * vqa_mapping_doubted() - whether memory that seems unmapped may be mapped, unknown to the ledger
 * @missed: jiffies: when a mapping was last missed; 0: never
 * @from: as above; one that is older may have the same address
 */
static inline int vqa_mapping_doubted(const struct vqa_mapping *m, __u32 live, __u64 missed,
				      __u64 from)
{
	return !live && ((missed && missed >= m->since) || vqa_mapping_young(m, from));
}

/**
 * vqa_fill_doubted() - whether what filled a bounce buffer, some time before it was mapped, may
 * have been missed; @missed, @from: as above
 */
static inline int vqa_fill_doubted(const struct vqa_mapping *m, __u64 missed, __u64 from)
{
	return vqa_mapping_young(m, missed) || vqa_mapping_young(m, from);
}

#define VQA_LEDGER_PASSES \
	3 /* after which what is left over is a leak, and what ended is forgotten */
#define VQA_FILL_PASSES 100 /* after which what was filled will not be mapped any more */

/** vqa_mapping_lasts() - whether an entry without a mapping stays for another pass */
static inline int vqa_mapping_lasts(const struct vqa_mapping *m)
{
	/* What was filled may never be mapped, as far as is known: dma_map_sg() does that. */
	__u32 passes = m->live & VQA_MAPPING_FILLED ? VQA_FILL_PASSES : VQA_LEDGER_PASSES;

	return m->passes <= passes;
}

#define VQA_BOUNCE_SLOT 2048 /* bytes: IO_TLB_SIZE */

/**
 * vqa_copy_fault() - what is wrong with a copy to or from a bounce buffer; return as above
 * @addr: physical, where it begins
 * @mapped: bytes that were mapped from the beginning of its slot on: io_tlb_slot.alloc_size
 */
static inline __u32 vqa_copy_fault(__u64 addr, __u64 size, __u64 mapped)
{
	return addr % VQA_BOUNCE_SLOT + size > mapped ? VQA_KIND_COPY_BEYOND : VQA_KIND_NONE;
}

/** vqa_slot_fault() - what is wrong with a bounce buffer that is published; return as above */
static inline __u32 vqa_slot_fault(const struct vqa_mapping *m)
{
	if (m->dir != VQA_DMA_FROM_DEVICE || m->mixed || m->live & VQA_MAPPING_FILLED)
		return VQA_KIND_NONE;
	return VQA_KIND_SLOT_STALE;
}

/* What the ledger counts: X(ID, name, text). */
#define VQA_LEDGER(X)                                                                           \
	X(MAPPED, "mapped", "mappings that were made")                                          \
	X(UNMAPPED, "unmapped", "mappings that were undone")                                    \
	X(DESCS, "descs", "published descriptors that lie in a known mapping")                  \
	X(UNKNOWN_DESCS, "unknown-descs",                                                       \
	  "published descriptors of whose mapping nothing is "                                  \
	  "known: it may be older than the ledger")                                             \
	X(UNKNOWN_UNMAPS, "unknown-unmaps", "undone mappings that were not known")              \
	X(DOUBTS, "doubts", "what looked wrong, but could be of a mapping that no program saw") \
	X(REPEATS, "repeats",                                                                   \
	  "calls left out, since another CPU seems to have entered them already")               \
	X(MISSED_MAPS, "missed-maps", "mappings that could not be entered")                     \
	X(MAP_ERRORS, "map-errors", "mappings that failed")                                     \
	X(UNCHECKED_ERRORS, "unchecked-errors",                                                 \
	  "publications that failed for it, after which nobody looked what stays mapped")       \
	X(WINDOW_DESCS, "window-descs",                                                         \
	  "published descriptors of devices that may not reach everywhere")                     \
	X(COPIES, "copies", "copies to and from bounce buffers")

enum vqa_ledger {
#define X(id, name, text) VQA_LEDGER_##id,
	VQA_LEDGER(X)
#undef X
		VQA_LEDGER_COUNT,
};

/** struct vqa_ledger_pass - out of the syscall program "ledger": what a pass over it met */
struct vqa_ledger_pass {
	__u32 live; /* entries with mappings that live */
	__u32 ended; /* entries without */
};

#endif
