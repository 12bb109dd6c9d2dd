/* SPDX-License-Identifier: GPL-2.0 */
/* A buffer is taken out of the ring: by which id, and what becomes of its descriptors. */
#ifndef BPF_DETACH_H
#define BPF_DETACH_H

#include "used.h"

/* The element at the driver's used position, read again. */
static __always_inline int read_used_again(struct vqa_queue *q, struct vring_virtqueue *v,
					   __u32 *id, __u32 *len)
{
	return q->id.packed ? read_packed_used(v, id, len) : read_split_used(v, id, len);
}

/* Stock: the driver is about to look at the next element, and may take it. */
static __always_inline int get_begins(struct virtqueue *vq)
{
	struct vqa_queue *q = queue_get(vq);
	__u32 id, len;

	if (!q)
		return 0;
	q->detach.valid = 0;
	q->detach.taken = 0;
	q->detach.inside = 1;
	if (read_used_again(q, queue_vring(q), &id, &len))
		used(vq, id, len, 1, VQA_POINT_USED);
	return 0;
}

/* The driver takes out another buffer than the element named when it was looked at. */
static __always_inline void detach_other(struct vqa_queue *q, struct vring_virtqueue *v, __u32 id)
{
	struct audit a = { .q = q, .v = v, .id = id, .point = VQA_POINT_DETACH, .racy = 1 };

	a.last_used = vring_read(v, last_used_idx);
	report_word(&a, VQA_RULE_USED_REWRITE, VQA_KIND_NONE, id, q->detach.id);
}

/**
 * detach_begins() - stock: the driver has read an element, and takes buffer @id out
 *
 * Only now is it certain which element it read. One that came after the look at
 * the beginning of get_buf is audited here; one that has changed since is told.
 */
static __always_inline int detach_begins(struct virtqueue *vq, __u32 id)
{
	struct vqa_queue *q = queue_get(vq);
	struct vring_virtqueue *v;
	__u32 seen, len;

	if (!q)
		return 0;
	v = queue_vring(q);
	if (!q->detach.inside) {
		avail_goes_back(q);
		return 0;
	}
	/* Left by a call whose end was missed, as was the beginning of this one. */
	if (q->detach.at != vring_read(v, last_used_idx))
		q->detach.valid = 0;
	if (!q->detach.valid) {
		if (read_used_again(q, v, &seen, &len) && seen == id)
			used(vq, id, len, 1, VQA_POINT_DETACH);
	} else if (id != q->detach.id) {
		detach_other(q, v, id);
		q->detach.n = 0; /* that is another buffer's */
	}
	q->detach.taken = 1;
	return 0;
}

/* @kind, @seen, @want: what the detachment left behind, and should have */
verified_once int report_conserve(struct vqa_queue *q, __u32 kind, __u32 seen, __u32 want)
{
	struct audit a = { .q = q, .point = VQA_POINT_DETACH };

	if (!q)
		return 0;
	a.v = queue_vring(q);
	a.id = q->detach.id;
	a.n = q->detach.n;
	a.last_used = q->detach.at;
	return report_word(&a, VQA_RULE_FREE_CONSERVE, kind, seen, want);
}

/* The free list runs through the private copy, from free_head on, on both rings. */
static __always_inline void detach_conserve(struct vqa_queue *q)
{
	const struct vqa_open *o = &q->detach;
	__u32 free = vring_read(queue_vring(q), vq.num_free), want = o->num_free + o->n, tail;

	if (free != want) {
		report_conserve(q, VQA_KIND_FREE_COUNT, free, want);
		return;
	}
	tail = q->head[o->id & (VQA_RING_MAX - 1)].tail;
	tail = read_shadow_next(rings_tables(q).shadow, tail);
	if (tail != o->free_head)
		report_conserve(q, VQA_KIND_FREE_TAIL, tail, o->free_head);
}

/* The buffer is out, if there was one. Judges only what was seen from its beginning on. */
static __always_inline int detach_ends(struct vqa_queue *q)
{
	struct vqa_open *o;
	int judge;

	if (!q)
		return 0;
	o = &q->detach;
	if (!o->valid && vqa_patched)
		avail_goes_back(q);
	judge = o->valid && o->taken && o->n;
	o->valid = 0;
	o->taken = 0;
	o->inside = 0;
	if (judge)
		detach_conserve(q);
	return 0;
}

/* For the flight recorder. */
static __always_inline int detach_recorded(struct vqa_queue *q, __u32 id)
{
	if (q)
		flight_record_id(q, VQA_OP_DETACH, id, 0);
	return 0;
}

#endif
