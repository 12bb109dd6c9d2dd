/* SPDX-License-Identifier: GPL-2.0 */
/* A look at one live queue on behalf of user space. It takes no lock. */
#ifndef BPF_SURVEY_H
#define BPF_SURVEY_H

#include "queue.h"
#include "walk.h"

/** struct free_list - a walk along the driver's free list */
struct free_list {
	__u64 shadow;
	__u32 cursor;
	__u32 length; /* steps so far */
	__u32 num; /* of the ring: an index from here on is damage */
	__u32 num_free; /* length that the driver believes in */
};

static long free_list_step(__u32 round, void *ctx)
{
	struct free_list *l = ctx;

	for (__u32 k = 0; k < WALK_STRETCH; k++) {
		if (l->length >= l->num_free || l->cursor >= l->num)
			return 1;
		l->length++;
		l->cursor = read_shadow(l->shadow, l->cursor).next;
	}
	return 0;
}

/* Length of the free list: shorter than num_free if it runs out of the ring. */
static __always_inline __u32 free_list_length(struct vring_virtqueue *v)
{
	struct tables t = v->packed_ring ? read_packed_tables(v) : read_split_tables(v);
	struct free_list l = {
		.shadow = t.shadow,
		.cursor = v->free_head,
		.num = read_num(v),
		.num_free = v->vq.num_free,
	};

	walk(free_list_step, &l);
	return l.length;
}

static __always_inline int survey_queue(struct vqa_survey *s)
{
	__u64 key = s->vq;
	struct vring_virtqueue *v;

	if (!bpf_map_lookup_elem(&queues, &key))
		return 0;
	v = read_vring((void *)key);
	s->found = 1;
	s->num_free = v->vq.num_free;
	s->in_flight = read_num(v) - s->num_free;
	s->free_len = free_list_length(v);
	s->last_used = v->last_used_idx;
	s->next_avail = read_next_avail(v);
	s->broken = v->broken;
	return 0;
}

#endif
