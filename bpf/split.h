/* SPDX-License-Identifier: GPL-2.0 */
/* Split rings are audited by head: the recorded chain, against the descriptor table. */
#ifndef BPF_SPLIT_H
#define BPF_SPLIT_H

#include "audit.h"

/* Walks the chain along the record, and digests the kernel's private copy beside it. */
static long split_step(__u32 i, void *ctx)
{
	struct audit *a = ctx;
	struct vqa_desc want;

	want = a->q->slot[a->cursor & (VQA_RING_MAX - 1)];
	vqa_compare(&a->d, read_split_desc(a->t.ring, a->cursor), want, VQA_FIELDS_SPLIT,
		    a->cursor);
	a->digest = vqa_mix_desc(a->digest, read_shadow(a->t.shadow, a->cursor), SHADOW_KEY);
	a->cursor = want.next;
	return 0;
}

static __always_inline void split_compare(struct audit *a)
{
	a->t = read_split_tables(a->v);
	a->cursor = a->id;
	walk(split_step, a, WALK_CHAIN(a->n));
}

#endif
