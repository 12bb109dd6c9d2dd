/* SPDX-License-Identifier: GPL-2.0 */
/* Split rings are audited by head: the recorded chain, against the descriptor table. */
#ifndef BPF_SPLIT_H
#define BPF_SPLIT_H

#include "audit.h"

/* Walks the chain along the record, with the kernel's private copy beside it. */
static __always_inline long split_step(__u32 i, void *ctx)
{
	struct audit *a = ctx;
	struct vqa_queue *q = a->q;
	struct tables t = a->t;
	__u32 at = a->cursor, left = a->left;
	/* The address that the copy has instead, of all ones, or 0. */
	__u64 lacks = q->head[a->id & (VQA_RING_MAX - 1)].shadow, damage = 0;

#pragma nounroll
	for (__u32 k = 0; k < ABREAST && left; k++, left--) {
		struct vqa_desc want = recorded(q, at), kept = read_shadow(t.shadow, at);

		vqa_compare(&a->d, read_split_desc(t.ring, at), want, VQA_FIELDS_SPLIT, at);
		damage |= (kept.addr ^ (want.addr | lacks)) | (kept.rest ^ want.rest);
		at = want.next;
	}
	a->damage |= damage;
	a->cursor = at;
	a->left = left;
	return 0;
}

/* The NEXT flags alone, which the driver follows in the ring: detach_buf_split(). */
static __always_inline long split_next_step(__u32 i, void *ctx)
{
	struct audit *a = ctx;
	struct vqa_queue *q = a->q;
	struct tables t = a->t;
	__u32 at = a->cursor, left = a->left;

#pragma nounroll
	for (__u32 k = 0; k < ABREAST && left; k++, left--) {
		struct vqa_desc want = recorded(q, at), seen = want;

		seen.flags ^= (seen.flags ^ read_split_desc(t.ring, at).flags) & VQA_DESC_F_NEXT;
		vqa_compare(&a->d, seen, want, VQA_FIELDS_SPLIT, at);
		at = want.next;
	}
	a->cursor = at;
	a->left = left;
	return 0;
}

static __always_inline void split_compare_next(struct audit *a)
{
	a->t = rings_tables(a->q);
	a->cursor = a->id;
	a->left = a->n + vqa_zero;
	walk_chain(split_next_step, a, a->n);
}

static __always_inline void split_compare(struct audit *a)
{
	a->t = rings_tables(a->q);
	a->cursor = a->id;
	a->left = a->n + vqa_zero;
	walk_chain(split_step, a, a->n);
}

#endif
