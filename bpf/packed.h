/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packed rings are audited by slot. The device legally overwrites id, length
 * and flags of the slot at which it completes, and out of order that slot is
 * another chain's. So when the driver's used position passes over a slot, it
 * must still be as it was recorded, whichever buffer it belonged to.
 */
#ifndef BPF_PACKED_H
#define BPF_PACKED_H

#include "audit.h"

/* Compares the slots behind the completing one with their records. */
static long packed_step(__u32 i, void *ctx)
{
	struct audit *a = ctx;
	struct vqa_desc want;

	if (++a->cursor >= a->q->id.num)
		a->cursor -= a->q->id.num;
	want = a->q->slot[a->cursor & (VQA_RING_MAX - 1)];
	a->unknown |= !want.flags;
	vqa_compare(&a->d, read_packed_desc(a->t.ring, a->cursor), want, VQA_FIELDS_PACKED,
		    a->cursor);
	return 0;
}

/* Digests the kernel's private copy of the buffer, which is kept by id. */
static long packed_shadow_step(__u32 i, void *ctx)
{
	struct audit *a = ctx;
	struct vqa_desc d;

	d = read_shadow(a->t.shadow, a->cursor);
	a->digest = vqa_mix_desc(a->digest, d, SHADOW_KEY);
	a->cursor = d.next;
	return 0;
}

static __always_inline void packed_compare(struct audit *a)
{
	a->t = read_packed_tables(a->v);
	a->cursor = a->id;
	walk(packed_shadow_step, a, WALK_CHAIN(a->n));
	a->cursor = vqa_packed_pos(a->last_used);
	walk(packed_step, a, WALK_CHAIN(a->n - vqa_nonzero(a->n)));
}

#endif
