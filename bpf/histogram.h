/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Latency and depth of a queue. Reading the clock costs more than the rest of a
 * short audit, so one buffer of vqa_latency is timed: how many were in flight is
 * counted as it is published, and how long the device had it when it comes back.
 *
 * vqa_latency is a constant to the verifier: when it is 0, all that is left of this
 * in the programs is the reading of it.
 */
#ifndef BPF_HISTOGRAM_H
#define BPF_HISTOGRAM_H

#include "snapshot.h"
#include "thin.h"

const volatile __u32 vqa_latency; /* one buffer of so many is timed; 0: none */

static __always_inline void histogram_count(struct vqa_histogram *h, __u64 value, __u32 unit)
{
	h->sum += value;
	h->bucket[vqa_bucket_of(value, unit) & (VQA_BUCKETS - 1)]++;
}

/* The next one that is timed is another one than any pattern of the load would meet. */
static __always_inline void histogram_begin(struct vqa_queue *q)
{
	q->untimed = vqa_gap(draw(q), vqa_latency);
}

/*
 * Buffers in flight, the one that is published included. A split ring's indices
 * tell. On a packed ring the driver counts descriptors, and buffers are those on
 * record; what came back unseen is among them until the ring has fewer descriptors.
 */
static __always_inline __u32 histogram_depth(struct vqa_queue *q, __u16 at)
{
	struct vring_virtqueue *v = queue_vring(q);
	__u32 descs, depth;

	if (!q->id.packed) {
		depth = (__u16)(at + 1 - vring_read(v, last_used_idx));
	} else {
		descs = q->id.num - vring_read(v, vq.num_free);
		if (q->in_flight > descs)
			q->in_flight = descs;
		depth = q->in_flight;
	}
	return depth < VQA_RING_MAX ? depth : VQA_RING_MAX;
}

/* @id: of a buffer that is timed, and was just recorded; @at: split: the index at which it went */
verified_once int histogram_time(struct vqa_queue *q, __u32 id, __u32 at)
{
	if (!q)
		return 0;
	id &= VQA_RING_MAX - 1;
	histogram_begin(q);
	histogram_count(&q->depth, histogram_depth(q, at), VQA_DEPTH_UNIT);
	q->head[id].marks |= VQA_HEAD_TIMED;
	q->since[id] = bpf_ktime_get_ns();
	return 0;
}

static __always_inline void histogram_publish(struct vqa_queue *q, __u32 id, __u16 at)
{
	if (!vqa_latency)
		return;
	q->in_flight++;
	if (!--q->untimed)
		histogram_time(q, id, at);
}

verified_once int histogram_timed(struct vqa_queue *q, __u32 id)
{
	__s64 ns;

	if (!q)
		return 0;
	ns = bpf_ktime_get_ns() - q->since[id & (VQA_RING_MAX - 1)];
	histogram_count(&q->latency, ns > 0 ? ns : 1, VQA_LATENCY_UNIT);
	return 0;
}

/*
 * A buffer on record comes back: the one that @head stands for, if @known. Who calls
 * this ends the record, so that it counts once.
 */
static __always_inline void histogram_used(struct vqa_queue *q, const struct vqa_head *head,
					   __u32 id, int known)
{
	if (!vqa_latency)
		return;
	if (head->state == VQA_HEAD_IN_FLIGHT || head->state == VQA_HEAD_RACED)
		q->in_flight--;
	if (known && head->marks & VQA_HEAD_TIMED)
		histogram_timed(q, id);
}

#endif
