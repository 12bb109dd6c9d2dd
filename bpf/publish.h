/* SPDX-License-Identifier: GPL-2.0 */
/* A buffer on its way to the device: it is recorded, and its shape judged. */
#ifndef BPF_PUBLISH_H
#define BPF_PUBLISH_H

#include "ledger_error.h"
#include "ledger_publish.h"
#include "order.h"

#define VIRTIO_RING_F_INDIRECT_DESC 28

/* Reports the first kind of fault that belongs to a rule. Inline: 7.3's verifier asks for it. */
static __always_inline void report_shape(struct audit *a, __u32 rule, __u32 faults)
{
	__u32 kind;

	faults = vqa_shape_faults(rule, faults);
	if (!faults)
		return;
	for (kind = VQA_KIND_NONE; kind < VQA_KIND_COUNT - 1; kind++)
		if (faults & VQA_KIND_BIT(kind))
			break;
	report_kind(a, rule, kind, 0);
}

/*
 * Our series fires before the device can see the buffer. On a split ring the
 * index then stands where the buffer goes; on a packed one the head's flags are
 * still to be written.
 */
static __always_inline void publish_order(struct audit *a, __u32 slot)
{
	const __u16 wrap = VQA_DESC_F_AVAIL | VQA_DESC_F_USED;
	struct vqa_desc seen, want;

	if (!a->q->id.packed || !vqa_patched)
		return;
	seen = read_packed_desc(read_packed_tables(a->v).ring, slot);
	want = a->q->slot[slot & (VQA_RING_MAX - 1)];
	if (!((seen.flags ^ want.flags) & wrap))
		report_kind(a, VQA_RULE_PUBLISH_ORDER, VQA_KIND_HEAD_EARLY, 0);
}

/* Follows a split ring's available index: @at is where the buffer went. */
static __always_inline void publish_index(struct audit *a, __u16 at)
{
	struct vqa_queue *q = a->q;

	if (q->id.packed)
		return;
	if (q->avail_known == VQA_AVAIL_NEXT && vqa_index_back(at, q->next_avail))
		report_word(a, VQA_RULE_PUBLISH_ORDER, VQA_KIND_RETREAT, at, q->next_avail);
	q->next_avail = at + 1;
	q->avail_known = VQA_AVAIL_NEXT;
}

/**
 * publish() - a buffer becomes visible to the device
 * @slot: position of its first descriptor, on packed rings
 * @id, @num: of the buffer, and descriptors that it has in the ring
 * @at: split: the available index before it
 */
static __always_inline int publish(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num, __u16 at)
{
	struct audit a = { .q = q, .id = id, .n = num, .point = VQA_POINT_PUBLISH };
	__u32 faults;

	a.q->c.published++;
	if (a.q->id.num > VQA_RING_MAX)
		return 0;
	a.v = queue_vring(a.q);
	order_note(a.q, id, slot, at); /* first: who sees the record sees this */
	notice_publish(a.q, id);
	barrier();
	faults = record_buffer(a.q, slot, id, num);
	if (vqa_dma) {
		ledger_add_ends(a.q);
		if (ledger_publish(a.q, slot, id, num))
			report_mapping(a.q, &a.q->map_fault);
	}
	flight_record_add(a.q, slot, id, num, at);
	publish_index(&a, at);
	publish_order(&a, slot);
	if (a.q->head[id & (VQA_RING_MAX - 1)].bytes &&
	    !(a.q->features >> VIRTIO_RING_F_INDIRECT_DESC & 1))
		report_kind(&a, VQA_RULE_INDIRECT_UNNEGOTIATED, VQA_KIND_NONE, 0);
	if (!faults)
		return 0;
	report_shape(&a, VQA_RULE_CHAIN_SHAPE, faults);
	report_shape(&a, VQA_RULE_INDIRECT_SHAPE, faults);
	return 0;
}

/* Our series: before the index moves. */
static __always_inline int publish_begins(struct virtqueue *vq, __u32 slot, __u32 id, __u32 num)
{
	struct vqa_queue *q = queue_get(vq);

	return q ? publish(q, slot, id, num, read_next_avail(queue_vring(q))) : 0;
}

/** struct stale - a walk along the free slots of a packed ring, from the next one to be used on */
struct stale {
	__u64 ring;
	__u32 num; /* of the ring */
	__u32 at;
	__u32 wrap;
	__u32 left;
	__u32 found; /* 1 + the position of an available descriptor, 0 if there is none */
};

static long stale_step(__u32 i, void *ctx)
{
	struct stale *s = ctx;

	if (!s->left)
		return 1;
	s->left--;
	if (vqa_packed_is_avail(read_packed_desc(s->ring, s->at).flags, s->wrap)) {
		s->found = s->at + 1;
		return 1;
	}
	if (++s->at >= s->num) {
		s->at -= s->num;
		s->wrap ^= 1;
	}
	return 0;
}

/* A buffer could not be published. On a split ring nothing is available before the index moves. */
static __always_inline int publish_failed(struct virtqueue *vq)
{
	struct audit a = { .point = VQA_POINT_PUBLISH };
	struct stale s = {};

	a.q = queue_get(vq);
	if (a.q && vqa_dma)
		ledger_add_failed(a.q);
	if (a.q)
		flight_record(a.q, VQA_OP_ADD_FAILED, VQA_OP_NO_ID, 0);
	if (!a.q || !a.q->id.packed || a.q->id.num > VQA_RING_MAX)
		return 0;
	a.v = queue_vring(a.q);
	s.ring = read_packed_tables(a.v).ring;
	s.num = a.q->id.num;
	s.at = packed_read(a.v, next_avail_idx) + vqa_zero;
	s.wrap = packed_read(a.v, avail_wrap_counter);
	s.left = vring_read(a.v, vq.num_free) + vqa_zero;
	walk(stale_step, &s, VQA_RING_MAX);
	a.id = s.found - 1;
	if (s.found)
		report_kind(&a, VQA_RULE_STALE_AVAIL, VQA_KIND_STALE, 0);
	return 0;
}

/*
 * Stock: the functions that publish are seen from outside, at their beginning
 * and their end.
 */
static __always_inline int add_begins(struct virtqueue *vq)
{
	struct vqa_queue *q = queue_get(vq);
	struct vring_virtqueue *v;

	if (!q)
		return 0;
	if (vqa_dma)
		ledger_add_begins(q);
	v = queue_vring(q);
	q->add.id = vring_read(v, free_head);
	q->add.num_free = vring_read(v, vq.num_free);
	q->add.at = read_next_avail(v);
	q->add.valid = 1;
	return 0;
}

/* Our series has no event for it; the ledger alone wants to know. */
static __always_inline int ledger_add_starts(struct virtqueue *vq)
{
	struct vqa_queue *q = queue_get(vq);

	if (q)
		ledger_add_begins(q);
	return 0;
}

/*
 * Whether the call that ends is the one that began: it published one buffer. Where
 * an end was missed, and the next beginning as well, it is not.
 * @n: descriptors that the driver has less than at the beginning
 */
verified_once int add_is_one(struct vqa_queue *q, __u32 n)
{
	struct vring_virtqueue *v;
	struct head_state h;

	if (!q || !q->add.valid)
		return 0;
	v = queue_vring(q);
	if (!q->id.packed)
		return (__u16)(read_next_avail(v) - q->add.at) == 1;
	h = read_packed_head(v, q->add.id);
	return !h.data || h.n == n; /* without data it is completed already */
}

static __always_inline int add_ends(struct virtqueue *vq, __s64 ret)
{
	struct vqa_queue *q = queue_get(vq);
	__u32 n;
	int one;

	if (!q)
		return 0;
	n = q->add.num_free - vring_read(queue_vring(q), vq.num_free);
	one = !ret && add_is_one(q, n);
	q->add.valid = 0;
	if (ret)
		return publish_failed(vq);
	if (!one) {
		q->epoch++; /* of which buffer nobody knows */
		return 0;
	}
	return publish(q, q->add.at, q->add.id, n, q->add.at);
}

#endif
