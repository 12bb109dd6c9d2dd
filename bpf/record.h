/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The auditor's own record of a buffer, taken when it is published: the
 * kernel's is complete on some kernels and queues alone (enum vqa_shadow).
 *
 * Descriptors are recorded by their place in the ring. On split rings that is
 * the buffer's own for as long as it is in flight; on packed rings it is only
 * until the driver's used position has passed over it, so whatever is needed
 * of the buffer itself is kept by id.
 */
#ifndef BPF_RECORD_H
#define BPF_RECORD_H

#include "table.h"

/** struct record - a publication being recorded */
struct record {
	struct vqa_queue *q;
	struct tables t;
	__u32 id;
	__u32 cursor; /* place in the shadow */
	__u32 tail; /* the one before */
	__u32 slot; /* place in the ring */
	__u32 left; /* descriptors to go */
	__u32 raced; /* 1 once the device has touched what was to be read */
	__u64 shadow; /* as struct vqa_head has it */
	struct vqa_shape shape;
};

/*
 * A sweep on another CPU can look at any moment, and for long if this one is stopped,
 * as guests are: by its flags a half of a record is of no lap of a packed ring.
 */
static __always_inline void record_slot(struct vqa_desc *slot, struct vqa_desc d)
{
	slot->rest = 0;
	barrier();
	slot->addr = d.addr;
	barrier();
	slot->rest = d.rest;
}

/* The descriptor that was published at a place of the ring, by two loads. */
static __always_inline struct vqa_desc recorded(const struct vqa_queue *q, __u32 slot)
{
	const struct vqa_desc *kept = &q->slot[slot & (VQA_RING_MAX - 1)];
	struct vqa_desc d = { .addr = kept->addr, .rest = kept->rest };

	barrier_var(d.rest); /* or clang loads its fields one by one, and puts them together */
	return d;
}

/* NEXT, as a mask of rest, where it is only in the ring: what is kept of the last one is stale. */
static __always_inline __u64 record_stale_next(const struct vqa_queue *q, __u32 left)
{
	__u64 last = ((__u64)left - 1) >> 63; /* 1 if none is left */

	return (last & (q->id.shadow == VQA_SHADOW_PART)) * VQA_DESC_F_NEXT << 32;
}

static __always_inline long record_split_step(__u32 i, void *ctx)
{
	struct record *r = ctx;
	struct vqa_queue *q = r->q;
	struct tables t = r->t;
	struct vqa_shape shape = r->shape;
	__u32 at = r->cursor, left = r->left, tail = r->tail;

#pragma nounroll
	for (__u32 k = 0; k < ABREAST && left; k++) {
		struct vqa_desc d = read_shadow(t.shadow, at);

		walk_on(left);
		if (!vqa_patched && d.addr == DMA_MAPPING_ERROR) {
			r->shadow = d.addr;
			d.addr = read_split_desc(t.ring, at).addr;
		}
		if (!vqa_patched)
			d.rest &= ~record_stale_next(q, left);
		vqa_shape_add(&shape, d);
		record_slot(&q->slot[at & (VQA_RING_MAX - 1)], d);
		tail = at;
		at = d.rest >> 48;
	}
	vqa_shape_settle(&shape);
	r->shape = shape;
	r->cursor = at;
	r->left = left;
	r->tail = tail;
	return 0;
}

/* What only the ring has: where the device has completed something already, nothing. */
static __always_inline struct vqa_desc record_seen(struct record *r, struct vqa_desc d, __u32 slot)
{
	struct vqa_desc seen = read_packed_desc(r->t.ring, slot);

	d.addr = seen.addr;
	if (r->q->id.shadow != VQA_SHADOW_RING)
		return d;
	d.len = seen.len;
	d.flags = seen.flags;
	r->raced |= !((seen.flags ^ seen.flags >> 8) & VQA_DESC_F_AVAIL);
	r->raced |= seen.next != r->id;
	return d;
}

static __always_inline long record_packed_step(__u32 i, void *ctx)
{
	struct record *r = ctx;
	struct vqa_queue *q = r->q;
	struct tables t = r->t;
	struct vqa_shape shape = r->shape;
	__u64 digest = r->shadow, id = (__u64)r->id << 48;
	__u32 at = r->cursor, slot = r->slot, left = r->left, tail = r->tail;
	__u32 num = q->id.num;

#pragma nounroll
	for (__u32 k = 0; k < ABREAST && left; k++) {
		struct vqa_desc d = read_shadow(t.shadow, at);

		walk_on(left);
		tail = at;
		at = d.rest >> 48;
		digest = vqa_add_desc(digest, d);
		if (!vqa_patched &&
		    (q->id.shadow == VQA_SHADOW_RING || d.addr == DMA_MAPPING_ERROR))
			d = record_seen(r, d, slot);
		vqa_shape_add(&shape, d);
		d.rest = d.rest << 16 >> 16 | id;
		record_slot(&q->slot[slot & (VQA_RING_MAX - 1)], d);
		/* Subtracted, not set to 0: the verifier would follow each value from there. */
		if (++slot >= num)
			slot -= num;
	}
	vqa_shape_settle(&shape);
	r->shape = shape;
	r->shadow = digest;
	r->cursor = at;
	r->slot = slot;
	r->left = left;
	r->tail = tail;
	return 0;
}

static __always_inline long record_step(__u32 i, void *ctx)
{
	struct record *r = ctx;

	return r->q->id.packed ? record_packed_step(i, ctx) : record_split_step(i, ctx);
}

/*
 * A short chain is walked at once, without the two calls of a loop, and of its record nothing
 * is in memory: so they are two.
 * @brief: a constant, 1 if it is certain to be short
 */
static __always_inline struct record record_walk(struct record begin, __u32 num, const int brief)
{
	struct record here = begin, lengthy;

	if (brief || num <= ABREAST) {
		record_step(0, &here);
		return here;
	}
	lengthy = begin;
	bpf_loop(WALK_CHAIN(num), record_step, &lengthy, 0);
	return lengthy;
}

/*
 * Records buffer @id of @num descriptors, whose head is at @slot. Returns its shape's faults.
 * @brief: as above
 */
static __always_inline __u32 record(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num,
				    const int brief)
{
	struct record r = { .q = q, .id = id, .cursor = id, .slot = slot };
	struct vqa_head *head = &q->head[id & (VQA_RING_MAX - 1)];
	struct vqa_desc first;
	__u32 faults;

	r.left = num + vqa_zero;
	r.shape = shape_begin();
	r.t = rings_tables(q);
	r = record_walk(r, num, brief);
	first = q->slot[(q->id.packed ? slot : id) & (VQA_RING_MAX - 1)];
	head->n = num;
	head->tail = r.tail;
	head->epoch = q->epoch;
	head->shadow = r.shadow;
	head->writable = r.shape.writable;
	head->marks = vqa_nonzero(r.shape.bytes - r.shape.writable); /* VQA_HEAD_READABLE */
	head->bytes = 0;
	head->state = r.raced ? VQA_HEAD_RACED : VQA_HEAD_IN_FLIGHT;
	faults = vqa_shape_judge(&r.shape) | vqa_length_faults(num, q->id.num);
	if (first.flags & VQA_DESC_F_INDIRECT) {
		head->bytes = first.len;
		faults |= brief ? table_record_once(q, id)
				: table_record(q, head, rings_table(q, id));
	}
	return faults;
}

/* Of any length, by a call. */
verified_once __u32 record_once(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num)
{
	return q ? record(q, slot, id, num, 0) : 0;
}

#endif
