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
 * What a sweep knows beyond the buffer. It lives in a map: there is not room
 * enough on the stack, and of what it holds the verifier remembers nothing that
 * would have to be followed value by value.
 */
struct sweep_more {
	struct sweep_state first, now;
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
	__type(value, struct sweep_more);
} sweeping SEC(".maps");

/** struct sweep - a sweep of one queue */
struct sweep {
	struct audit a; /* a.id: of the buffer under the walk; a.d: what was found there */
	struct sweep_more *m;
};

static __always_inline __u16 sweep_avail(struct vqa_queue *q, struct vring_virtqueue *v)
{
	__u16 next = read_next_avail(v);

	return q->id.packed ? next | packed_read(v, avail_wrap_counter) << VQA_WRAP_BIT : next;
}

static __always_inline void sweep_state(const struct sweep *s, struct sweep_state *ret)
{
	struct vqa_queue *q = s->a.q;
	struct vring_virtqueue *v = s->a.v;
	__u32 id = s->a.id & (VQA_RING_MAX - 1);

	ret->last_used = vring_read(v, last_used_idx);
	barrier();
	ret->next_avail = sweep_avail(q, v);
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
	return vqa_mix_desc(vqa_mix_desc(0, seen, SHADOW_KEY), want, SHADOW_KEY) | 1;
}

/*
 * Judges the descriptor at @at in the ring, as it stands in a.d. A divergence that was reported and
 * still stands is none. Returns 1 if there is one.
 */
static __always_inline int sweep_desc(struct sweep *s, __u32 mask, __u32 at)
{
	__u32 *told = &s->a.q->swept.told[at & (VQA_RING_MAX - 1)];
	struct vqa_divergence *d = &s->a.d;
	__u32 sign;

	s->a.q->swept.c.descs++;
	if (!vqa_desc_diff(d->seen, d->want, mask)) {
		*told = 0;
		return 0;
	}
	sign = sweep_sign(d->seen, d->want);
	if (*told == sign)
		return 0;
	s->m->sign = sign;
	s->m->mask = mask;
	d->at = at;
	d->found = 1 + vqa_zero;
	return 1;
}

#endif
