/* SPDX-License-Identifier: GPL-2.0 */
/* A look at one live queue on behalf of user space. It takes no lock. */
#ifndef BPF_SURVEY_H
#define BPF_SURVEY_H

#include "mapping.h"
#include "queue.h"
#include "walk.h"

/** struct trail - descriptors followed along the private shadow, each met once if all is well */
struct trail {
	struct vring_virtqueue *v;
	__u64 shadow;
	__u32 num; /* of the ring: an index from here on is damage */
	__u32 cursor;
	__u32 left; /* steps to go at most */
	__u32 by_flag; /* 1: ends where NEXT is clear */
	__u32 fresh; /* descriptors met for the first time */
	__u32 overlaps; /* steps onto one that was met before */
	__u64 met[VQA_RING_MAX / 64];
};

/* Marks a descriptor as met. Returns 0 if it was before. */
static __always_inline int trail_meet(struct trail *t, __u32 i)
{
	__u64 *word = &t->met[i % VQA_RING_MAX / 64];
	__u64 bit = 1ULL << i % 64;

	if (*word & bit)
		return 0;
	*word |= bit;
	return 1;
}

/* Where a trail meets itself or another, all that follows was met before as well. */
static long trail_step(__u32 i, void *ctx)
{
	struct trail *t = ctx;
	struct vqa_desc d;

	if (!t->left || t->cursor >= t->num)
		return 1;
	if (!trail_meet(t, t->cursor)) {
		t->overlaps++;
		return 1;
	}
	t->fresh++;
	d = read_shadow(t->shadow, t->cursor);
	if (t->by_flag && !(d.flags & VQA_DESC_F_NEXT))
		return 1;
	t->cursor = d.next;
	t->left--;
	return 0;
}

/* Follows the chain of buffer @id, if it is in flight. */
static long trail_chain(__u32 id, void *ctx)
{
	struct trail *t = ctx;
	struct head_state h;

	h = read_packed(t->v) ? read_packed_head(t->v, id) : read_split_head(t->v, id);
	if (!h.data)
		return 0;
	t->cursor = id;
	t->left = t->by_flag ? t->num : h.n;
	walk(trail_step, t, VQA_RING_MAX);
	return 0;
}

/* Follows the free list, and then every chain in flight. */
static __always_inline void survey_descriptors(struct vqa_survey *s, struct vring_virtqueue *v)
{
	struct trail t = {
		.v = v,
		.shadow = read_tables(v, read_packed(v)).shadow,
		.num = read_num(v),
		.cursor = vring_read(v, free_head),
		.left = s->num_free,
	};

	walk(trail_step, &t, VQA_RING_MAX);
	s->free = t.fresh;
	t.by_flag = !read_packed(v);
	bpf_loop(t.num, trail_chain, &t, 0);
	s->chained = t.fresh - s->free;
	s->overlaps = t.overlaps;
	s->followed = 1;
}

static __always_inline int survey_queue(struct vqa_survey *s)
{
	__u64 key = s->vq;
	struct vqa_queue *q = queue_find(key);
	struct vring_virtqueue *v;

	if (!q)
		return 0;
	v = queue_vring(q);
	s->found = 1;
	s->num_free = vring_read(v, vq.num_free);
	s->last_used = vring_read(v, last_used_idx);
	s->next_avail = read_next_avail(v);
	s->broken = vring_read(v, broken);
	s->dma = read_mapping(key);
	if (s->follow && q->id.shadow == VQA_SHADOW_WHOLE && q->id.num <= VQA_RING_MAX)
		survey_descriptors(s, v);
	s->settled = s->num_free == vring_read(v, vq.num_free) &&
		     s->last_used == vring_read(v, last_used_idx) &&
		     s->next_avail == read_next_avail(v);
	return 0;
}

#endif
