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

#define SHADOW_KEY 0x9e3779b97f4a7c15ULL /* digests of private memory need no secret */

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
	__u64 digest; /* of the kernel's private copy */
	struct vqa_shape shape;
};

/*
 * A sweep on another CPU can look at any moment, and for long if this one is stopped,
 * as guests are: by its flags a half of a record is of no lap of a packed ring.
 */
static __always_inline void record_slot(struct vqa_desc *slot, struct vqa_desc d)
{
	slot->flags = 0;
	barrier();
	slot->addr = d.addr;
	slot->len = d.len;
	slot->next = d.next;
	barrier();
	slot->flags = d.flags;
}

static __always_inline void record_add(struct record *r, struct vqa_desc d, __u16 link)
{
	r->left--;
	r->tail = r->cursor;
	vqa_shape_add(&r->shape, d, !r->left);
	d.next = link;
	record_slot(&r->q->slot[r->slot & (VQA_RING_MAX - 1)], d);
}

static long record_split_step(__u32 i, void *ctx)
{
	struct record *r = ctx;
	struct vqa_desc d;

	d = read_shadow(r->t.shadow, r->cursor);
	r->digest = vqa_mix_desc(r->digest, d, SHADOW_KEY);
	if (d.addr == DMA_MAPPING_ERROR)
		d.addr = read_split_desc(r->t.ring, r->cursor).addr;
	if (r->q->id.shadow == VQA_SHADOW_PART && r->left == 1)
		d.flags &= ~VQA_DESC_F_NEXT;
	r->slot = r->cursor;
	record_add(r, d, d.next);
	r->cursor = d.next;
	return 0;
}

static long record_packed_step(__u32 i, void *ctx)
{
	struct record *r = ctx;
	struct vqa_desc kept, d;

	kept = read_shadow(r->t.shadow, r->cursor);
	r->digest = vqa_mix_desc(r->digest, kept, SHADOW_KEY);
	d = kept;
	if (r->q->id.shadow == VQA_SHADOW_RING || kept.addr == DMA_MAPPING_ERROR) {
		struct vqa_desc seen = read_packed_desc(r->t.ring, r->slot);

		d.addr = seen.addr;
		if (r->q->id.shadow == VQA_SHADOW_RING) {
			d.len = seen.len;
			d.flags = seen.flags;
			/* Where the device has completed something already, nothing is left to
			 * record. */
			r->raced |= !((seen.flags ^ seen.flags >> 8) & VQA_DESC_F_AVAIL);
			r->raced |= seen.next != r->id;
		}
	}
	record_add(r, d, r->id);
	r->cursor = kept.next;
	/* Subtracted, not set to 0: the verifier would follow each value from there. */
	if (++r->slot >= r->q->id.num)
		r->slot -= r->q->id.num;
	return 0;
}

/* Records buffer @id of @num descriptors, whose head is at @slot. Returns its shape's faults. */
verified_once __u32 record_buffer(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num)
{
	struct record r = { .id = id, .cursor = id, .slot = slot };
	struct vring_virtqueue *v;
	struct vqa_head *head;
	struct vqa_desc first;
	__u32 faults;

	if (!q)
		return 0;
	v = queue_vring(q);
	head = &q->head[id & (VQA_RING_MAX - 1)];
	r.q = q;
	r.left = num + vqa_zero;
	if (q->id.packed) {
		r.t = read_packed_tables(v);
		walk(record_packed_step, &r, WALK_CHAIN(num));
	} else {
		r.t = read_split_tables(v);
		slot = id;
		walk(record_split_step, &r, WALK_CHAIN(num));
	}
	first = q->slot[slot & (VQA_RING_MAX - 1)];
	head->n = num;
	head->tail = r.tail;
	head->epoch = q->epoch;
	head->shadow = r.digest;
	head->writable = r.shape.writable;
	head->readable = vqa_nonzero(r.shape.bytes - r.shape.writable);
	head->bytes = 0;
	head->state = r.raced ? VQA_HEAD_RACED : VQA_HEAD_IN_FLIGHT;
	faults = r.shape.faults | vqa_length_faults(num, q->id.num);
	if (first.flags & VQA_DESC_F_INDIRECT) {
		head->bytes = first.len;
		faults |= table_record(q, head, read_table(q, v, id));
	}
	return faults;
}

#endif
