/* SPDX-License-Identifier: GPL-2.0 */
/* A sweep under way: what it knows of the driver, and how it judges one descriptor. */
#ifndef BPF_SWEEP_STATE_H
#define BPF_SWEEP_STATE_H

#include "words.h"

/** struct sweep_state - by what it is told that the driver did nothing with a buffer */
struct sweep_state {
	__u64 data; /* the driver's token, 0 if the buffer is not in flight */
	__u64 published; /* by the hooks, as the next one */
	__u32 head_slot;
	__u32 generation;
	__u16 last_used;
	__u16 next_avail; /* on packed rings with the wrap counter */
};

/*
 * A sweep of one queue. It lives in a map: there is not room enough on the stack,
 * and of what it holds the verifier remembers nothing that would have to be
 * followed value by value.
 */
struct sweep {
	struct vqa_divergence d; /* what was found, or is under the walk */
	struct tables t;
	struct sweep_state first, now;
	__u64 vq; /* the queue's address */
	__u32 id; /* of the buffer under the walk */
	__u32 n; /* its descriptors, 0 if unknown */
	__u32 cursor; /* place of the walk */
	__u32 left; /* steps of it to go */
	__u32 from; /* split: the next id to look at */
	__u32 num; /* of the ring */
	__u32 own; /* split: 1 to follow the auditor's record, 0 the kernel's shadow */
	__u32 wrap; /* packed: of the position */
	__u32 span; /* packed: slots left of a completion that is still unread */
	__u32 edge; /* packed: 1 + the slot of the next completion; 0: not met yet */
	__u32 fresh; /* packed: 1 + a slot of which the flags may be yet to be written */
	__u32 old; /* packed: place in the kernel's copy of a chain from before the start */
	__u32 old_id; /* the chain's */
	__u32 old_left; /* descriptors of it to go, 0 between chains */
	__u32 sure; /* packed: 1 while it is known where chains begin */
	__u32 mask; /* fields that were compared */
	__u32 sign; /* of what was found */
	__u32 looks; /* that agree */
	__u32 settled; /* 1 once two do, over which the driver stood still */
};

/* One: nobody sweeps two queues at a time. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sweep);
} sweeping SEC(".maps");

/** struct sweep_walk - what a step of a walk is given */
struct sweep_walk {
	struct vqa_queue *q;
	struct sweep *s;
};

static __always_inline struct vring_virtqueue *sweep_vring(const struct sweep *s)
{
	return (struct vring_virtqueue *)s->vq;
}

static __always_inline __u16 sweep_avail(const struct vqa_queue *q, const struct sweep *s)
{
	struct vring_virtqueue *v = sweep_vring(s);

	if (!q->id.packed)
		return split_read(v, avail_idx_shadow);
	return packed_read(v, next_avail_idx) | packed_read(v, avail_wrap_counter) << VQA_WRAP_BIT;
}

static __always_inline void sweep_state(const struct vqa_queue *q, const struct sweep *s,
					struct sweep_state *ret)
{
	struct vring_virtqueue *v = sweep_vring(s);
	__u32 id = s->id & (VQA_RING_MAX - 1);

	ret->last_used = vring_read(v, last_used_idx);
	barrier();
	ret->next_avail = sweep_avail(q, s);
	ret->published = q->c.published;
	ret->head_slot = q->swept.head_slot;
	ret->generation = q->id.generation;
	ret->data = (q->id.packed ? read_packed_head(v, id) : read_split_head(v, id)).data;
}

static __always_inline int sweep_same(const struct sweep_state *a, const struct sweep_state *b)
{
	return a->data == b->data && a->generation == b->generation &&
	       a->last_used == b->last_used && a->next_avail == b->next_avail &&
	       a->published == b->published && a->head_slot == b->head_slot;
}

static __always_inline __u32 sweep_sign(struct vqa_desc seen, struct vqa_desc want)
{
	return vqa_mix_desc(vqa_mix_desc(0, seen, VQA_SHADOW_KEY), want, VQA_SHADOW_KEY) | 1;
}

/*
 * Judges the descriptor at @at in the ring, as it stands in s->d. A divergence that was reported
 * and still stands is none. Returns 1 if there is one.
 */
verified_once int sweep_desc(struct vqa_queue *q, struct sweep *s, __u32 mask, __u32 at)
{
	__u32 *told, sign;

	if (!q || !s)
		return 0;
	told = &q->swept.told[at & (VQA_RING_MAX - 1)];
	q->swept.c.descs++;
	if (!vqa_desc_diff(s->d.seen, s->d.want, mask)) {
		*told = 0;
		return 0;
	}
	sign = sweep_sign(s->d.seen, s->d.want);
	if (*told == sign)
		return 0;
	s->sign = sign;
	s->mask = mask;
	s->d.at = at;
	s->d.found = 1;
	return 1;
}

#endif
