/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a queue's state is. Every hook asks, so the answer is at hand: a hint, which the
 * state itself confirms or not. Only where it does not is a hash map looked up, which costs
 * several calls.
 */
#ifndef BPF_FIND_H
#define BPF_FIND_H

#include "maps.h"

#define NO_PLACE (~0U)
#define PLACE_TAKEN 1ULL /* instead of an address: by a queue that is being registered */
#define PLACES_MAX 16384 /* that --max-queues takes */
#define FIND_HINTS 1024

/* The place of the queue that was found last with such an address. */
__u32 vqa_hint[FIND_HINTS];

static __always_inline __u32 *find_hint(__u64 vq)
{
	return &vqa_hint[(vq >> 6 ^ vq >> 12) & (FIND_HINTS - 1)];
}

/* As the registry has it, or NO_PLACE. By reference: what a hook is given is no number. */
verified_once __u32 find_place(__u64 *vq)
{
	__u64 key = vq ? *vq : 0; /* 6.1 takes keys from the stack */
	__u32 *place = bpf_map_lookup_elem(&places, &key);

	if (!place)
		return NO_PLACE;
	*find_hint(key) = *place;
	return *place;
}

/* What is at a place, if it is that queue. It may not be ready. */
static __always_inline struct vqa_queue *queue_at(__u32 place, __u64 vq)
{
	struct vqa_queue *q = bpf_map_lookup_elem(&queues, &place);

	return q && q->id.vq == vq ? q : 0;
}

/* The queue of that address, NULL if it is not registered. */
static __always_inline struct vqa_queue *queue_find(__u64 vq)
{
	return queue_at(*find_hint(vq), vq) ?: queue_at(find_place(&vq), vq);
}

#endif
