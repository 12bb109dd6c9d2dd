/* SPDX-License-Identifier: GPL-2.0 */
/* What the hooks leave to the sweep: where a buffer was published. */
#ifndef BPF_ORDER_H
#define BPF_ORDER_H

#include "maps.h"

/* @at: split: the available index, packed: the slot, at which buffer @id was published. */
static __always_inline void order_note(struct vqa_queue *q, __u32 id, __u32 slot, __u16 at)
{
	struct vqa_swept *s = &q->swept;

	if (q->id.packed)
		s->head_slot = slot;
	else
		s->order[at & (q->id.num - 1) & (VQA_RING_MAX - 1)] = (__u32)at << 16 | (id + 1);
}

/* The record of publication at available index @at: 1 + the buffer's id, 0 if it is unknown. */
static __always_inline __u32 order_at(const struct vqa_queue *q, __u16 at)
{
	__u32 entry = q->swept.order[at & (q->id.num - 1) & (VQA_RING_MAX - 1)];

	return entry >> 16 == at ? entry & 0xffff : 0;
}

#endif
