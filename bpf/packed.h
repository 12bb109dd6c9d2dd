/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packed rings are audited by slot. The device legally overwrites id, length
 * and flags of the slot at which it completes, and out of order that slot is
 * another chain's. So a record per slot is kept from publication on, and when
 * the driver's used position passes over a slot, it must still be as recorded.
 */
#ifndef BPF_PACKED_H
#define BPF_PACKED_H

#include "audit.h"

/** struct record - a publication being recorded */
struct record {
	struct vqa_queue *q;
	__u64 shadow;
	__u32 slot;
	__u32 id;
	__u32 cursor; /* place in the shadow */
	__u32 left; /* descriptors to record */
	__u32 writable; /* bytes so far */
	__u32 num; /* of the ring */
};

static long record_some(__u32 round, void *ctx)
{
	struct record *r = ctx;

	for (__u32 k = 0; k < WALK_STRETCH; k++) {
		struct vqa_desc d;

		if (!r->left)
			return 1;
		r->left--;
		d = read_shadow(r->shadow, r->cursor);
		r->cursor = d.next;
		r->writable += vqa_desc_writable(d);
		d.next = r->id;
		r->q->slot[r->slot & (VQA_RING_MAX - 1)] = d;
		/* Subtracted, not set to 0: the verifier would follow each value from there. */
		if (++r->slot >= r->num)
			r->slot -= r->num;
	}
	return 0;
}

/* Records the @num slots from @slot on, from the shadow of buffer @id. */
static __always_inline void packed_record(struct vqa_queue *q, struct vring_virtqueue *v,
					  __u32 slot, __u32 id, __u32 num)
{
	struct record r = {
		.q = q,
		.shadow = read_packed_tables(v).shadow,
		.slot = slot,
		.id = id,
		.cursor = id,
		.left = num,
		.num = q->id.num,
	};

	walk(record_some, &r);
	q->head[id & (VQA_RING_MAX - 1)].writable = r.writable;
}

/* Compares the slots behind the completing one with their records. */
static long packed_some(__u32 round, void *ctx)
{
	struct audit *a = ctx;

	for (__u32 k = 0; k < WALK_STRETCH; k++) {
		struct vqa_desc want;

		if (++a->done >= a->n)
			return 1;
		if (++a->cursor >= a->q->id.num)
			a->cursor -= a->q->id.num;
		want = a->q->slot[a->cursor & (VQA_RING_MAX - 1)];
		a->unknown |= !want.flags;
		vqa_compare(&a->ring, read_packed_desc(a->t.ring, a->cursor), want,
			    VQA_FIELDS_PACKED, a->cursor);
	}
	return 0;
}

/* Audits the span of a head in flight. Returns AUDITED or the reason to skip it. */
static __always_inline __u32 packed_audit(struct audit *a, struct head_state h)
{
	struct vqa_queue *q = a->q;
	struct vqa_desc head;

	if (!q->id.shadow)
		return VQA_SKIP_NO_SHADOW;
	a->t = read_packed_tables(a->v);
	head = read_shadow(a->t.shadow, a->id);
	a->cursor = vqa_packed_pos(a->last_used);
	walk(packed_some, a);
	if (a->unknown)
		return VQA_SKIP_BEFORE_START;
	q->c.descs += a->n;
	a->writable = q->head[a->id & (VQA_RING_MAX - 1)].writable;
	if (head.flags & VQA_DESC_F_INDIRECT && !audit_table(a, h.table, head.len, 1))
		return VQA_SKIP_SHADOW_ODD;
	if (a->ring.found)
		report_divergence(a, 0, VQA_FIELDS_PACKED);
	if (a->table.found)
		report_divergence(a, 1, VQA_FIELDS_TABLE_PACKED);
	return AUDITED;
}

#endif
