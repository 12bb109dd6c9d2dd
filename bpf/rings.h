/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the parts of a queue's ring lie. A queue keeps them until it gets another ring, of
 * which our series tells, by events that nothing can switch off. Elsewhere a reset can be
 * missed, and they are looked up each time.
 */
#ifndef BPF_RINGS_H
#define BPF_RINGS_H

#include "snapshot.h"

static __always_inline struct tables read_tables(struct vring_virtqueue *v, __u32 packed)
{
	return packed ? read_packed_tables(v) : read_split_tables(v);
}

/* The queue is new, or has another ring. */
static __always_inline void rings_note(struct vqa_queue *q, struct vring_virtqueue *v)
{
	struct tables t = read_tables(v, q->id.packed);

	q->tables.ring = t.ring;
	q->tables.shadow = t.shadow;
	q->tables.state = read_states(v, q->id.packed);
}

static __always_inline struct tables rings_tables(const struct vqa_queue *q)
{
	struct tables t = { .ring = q->tables.ring, .shadow = q->tables.shadow };

	return vqa_patched ? t : read_tables(queue_vring(q), q->id.packed);
}

static __always_inline __u64 rings_states(const struct vqa_queue *q)
{
	return vqa_patched ? q->tables.state : read_states(queue_vring(q), q->id.packed);
}

static __always_inline struct head_state rings_head(const struct vqa_queue *q, __u32 id)
{
	return read_head_state(rings_states(q), q->id.packed, id);
}

/* Kernel address of the indirect table of buffer @id, which is in flight; or 0. */
static __always_inline __u64 rings_table(const struct vqa_queue *q, __u32 id)
{
	if (!vring_read(queue_vring(q), indirect))
		return 0;
	return read_head_table(rings_states(q), q->id.packed, id);
}

#endif
