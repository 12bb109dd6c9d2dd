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

/*
 * Compares the slots behind the completing one with their records, and digests the kernel's
 * private copy of the buffer, which is kept by id.
 */
static __always_inline long packed_step(__u32 i, void *ctx)
{
	struct audit *a = ctx;
	struct vqa_queue *q = a->q;
	struct tables t = a->t;
	__u32 at = a->cursor, slot = a->slot, left = a->left, unknown = 0;
	__u64 digest = a->damage;

#pragma nounroll
	for (__u32 k = 0; k < ABREAST && left; k++, left--) {
		struct vqa_desc d = read_shadow(t.shadow, at);

		digest = vqa_add_desc(digest, d);
		at = d.next;
		if (left != a->n) { /* the first slot is the device's */
			struct vqa_desc want = recorded(q, slot);

			if (vqa_compare(&a->d, read_packed_desc(t.ring, slot), want,
					VQA_FIELDS_PACKED, slot))
				unknown |= !want.flags; /* what was published has some */
		}
		if (++slot >= q->id.num)
			slot -= q->id.num;
	}
	a->unknown |= unknown;
	a->damage = digest;
	a->cursor = at;
	a->slot = slot;
	a->left = left;
	return 0;
}

static __always_inline void packed_compare(struct audit *a)
{
	a->t = rings_tables(a->q);
	a->cursor = a->id;
	a->slot = vqa_packed_pos(a->last_used);
	a->left = a->n + vqa_zero;
	walk_chain(packed_step, a, a->n);
	a->damage ^= a->q->head[a->id & (VQA_RING_MAX - 1)].shadow;
}

#endif
