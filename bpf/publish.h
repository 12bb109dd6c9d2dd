/* SPDX-License-Identifier: GPL-2.0 */
/* A buffer on its way to the device: it is recorded, and its shape judged. */
#ifndef BPF_PUBLISH_H
#define BPF_PUBLISH_H

#include "ledger_error.h"
#include "ledger_publish.h"
#include "order.h"

#define VIRTIO_RING_F_INDIRECT_DESC 28

/*
 * A violation by the buffer @id of @num descriptors that is published. What a report takes is
 * on the stack of these functions alone: the clean path does without.
 */
static __always_inline struct finding publish_finding(__u32 id_num, __u32 rule, __u32 kind)
{
	struct finding f = {
		.rule = rule,
		.kind = kind,
		.point = VQA_POINT_PUBLISH,
		.id = id_num >> 16,
		.n = id_num & 0xffff,
	};

	return f;
}

verified_once int report_publish(struct vqa_queue *q, __u32 id_num, __u32 rule, __u32 kind)
{
	struct finding f = publish_finding(id_num, rule, kind);

	return q ? report_rule(q, &f, VQA_POINT_PUBLISH) : 0;
}

/* @at: the available index, which went back */
verified_once int report_retreat(struct vqa_queue *q, __u32 id_num, __u32 at)
{
	struct finding f = publish_finding(id_num, VQA_RULE_PUBLISH_ORDER, VQA_KIND_RETREAT);

	if (!q)
		return 0;
	f.fields = VQA_F_WORD;
	f.placed = 1;
	f.d.seen.addr = at;
	f.d.want.addr = q->next_avail;
	f.d.at = f.id;
	return report_rule(q, &f, VQA_POINT_PUBLISH);
}

/* The first kind of fault that belongs to a rule. */
static __always_inline void report_shape(struct vqa_queue *q, __u32 id_num, __u32 rule,
					 __u32 faults)
{
	struct finding f;
	__u32 kind;

	faults = vqa_shape_faults(rule, faults);
	if (!faults)
		return;
	for (kind = VQA_KIND_NONE; kind < VQA_KIND_COUNT - 1; kind++)
		if (faults & VQA_KIND_BIT(kind))
			break;
	f = publish_finding(id_num, rule, kind);
	report_rule(q, &f, VQA_POINT_PUBLISH);
}

verified_once int report_shapes(struct vqa_queue *q, __u32 id_num, __u32 faults)
{
	if (!q)
		return 0;
	report_shape(q, id_num, VQA_RULE_CHAIN_SHAPE, faults);
	report_shape(q, id_num, VQA_RULE_INDIRECT_SHAPE, faults);
	return 0;
}

/*
 * Our series fires before the device can see the buffer. On a split ring the
 * index then stands where the buffer goes; on a packed one the head's flags are
 * still to be written.
 */
static __always_inline int published_early(struct vqa_queue *q, __u32 slot)
{
	const __u16 wrap = VQA_DESC_F_AVAIL | VQA_DESC_F_USED;
	__u16 seen, want;

	if (!q->id.packed || !vqa_patched)
		return 0;
	seen = read_packed_flags(rings_tables(q).ring, slot);
	want = q->slot[slot & (VQA_RING_MAX - 1)].flags;
	return !((seen ^ want) & wrap);
}

/* Follows a split ring's available index: @at is where the buffer went. */
static __always_inline void publish_index(struct vqa_queue *q, __u32 id_num, __u16 at)
{
	if (q->id.packed)
		return;
	if (q->avail_known == VQA_AVAIL_NEXT && vqa_index_back(at, q->next_avail))
		report_retreat(q, id_num, at);
	q->next_avail = at + 1;
	q->avail_known = VQA_AVAIL_NEXT;
}

/*
 * Our series has one event for all publications, so that its program can do without a call,
 * which costs as much as the rest. Where reads are calls, as on 6.1, it would only cost stack.
 */
#define RECORD_IN_LINE VQA_DIRECT

/* Returns the faults of its shape. @in_line: a constant, 1 where there is one program that
 * publishes
 */
static __always_inline __u32 record_buffer(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num,
					   const int in_line)
{
	int how = RECORD_LONG;
	__u32 faults = 0;

	if (num <= RUNS * RUN)
		how = in_line ? (int)record(q, slot, id, num, 1) : record_brief(q, slot, id, num);
	if (how == RECORD_LONG)
		how = record_long(q, slot, id, num);
	if (how == RECORD_ODD)
		faults = record_shape(q, id, q->id.packed ? slot : id);
	if (q->head[id & (VQA_RING_MAX - 1)].bytes)
		faults |= table_record(q, id);
	return faults;
}

/**
 * publish() - a buffer becomes visible to the device
 * @slot: position of its first descriptor, on packed rings
 * @id, @num: of the buffer, and descriptors that it has in the ring
 * @at: split: the available index before it
 * @in_line: as above
 */
static __always_inline int publish(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num, __u16 at,
				   const int in_line)
{
	__u32 id_num = id << 16 | (num & 0xffff), faults;

	q->c.published++;
	if (q->id.num > VQA_RING_MAX)
		return 0;
	order_note(q, id, slot, at); /* first: who sees the record sees this */
	notice_publish(q, id);
	barrier();
	faults = record_buffer(q, slot, id, num, in_line);
	histogram_publish(q, id, at);
	if (vqa_dma) {
		ledger_add_ends(q);
		if (ledger_publish(q, slot, id, num))
			report_mapping(q, &q->map_fault);
	}
	flight_record_add(q, slot, id, num, at);
	publish_index(q, id_num, at);
	if (published_early(q, slot))
		report_publish(q, id_num, VQA_RULE_PUBLISH_ORDER, VQA_KIND_HEAD_EARLY);
	if (q->head[id & (VQA_RING_MAX - 1)].bytes &&
	    !(q->features >> VIRTIO_RING_F_INDIRECT_DESC & 1))
		report_publish(q, id_num, VQA_RULE_INDIRECT_UNNEGOTIATED, VQA_KIND_NONE);
	if (faults)
		report_shapes(q, id_num, faults);
	return 0;
}

/* Our series: before the index moves. */
static __always_inline int publish_begins(struct virtqueue *vq, __u32 slot, __u32 id, __u32 num)
{
	struct vqa_queue *q = queue_get(vq);
	__u16 at = slot;

	if (!q)
		return 0;
	if (!q->id.packed)
		at = split_read(queue_vring(q), avail_idx_shadow);
	return publish(q, slot, id, num, at, RECORD_IN_LINE);
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
	if (vqa_packed_is_avail(read_packed_flags(s->ring, s->at), s->wrap)) {
		s->found = s->at + 1;
		return 1;
	}
	if (++s->at >= s->num) {
		s->at -= s->num;
		s->wrap ^= 1;
	}
	return 0;
}

/* On a packed ring: 1 + the position of a slot that is to be free, and is available; or 0. */
verified_once __u32 stale_find(struct vqa_queue *q)
{
	struct vring_virtqueue *v;
	struct stale s = {};

	if (!q)
		return 0;
	v = queue_vring(q);
	s.ring = rings_tables(q).ring;
	s.num = q->id.num;
	s.at = packed_read(v, next_avail_idx) + vqa_zero;
	s.wrap = packed_read(v, avail_wrap_counter);
	s.left = vring_read(v, vq.num_free) + vqa_zero;
	walk(stale_step, &s, VQA_RING_MAX);
	return s.found;
}

/* A buffer could not be published. On a split ring nothing is available before the index moves. */
static __always_inline int publish_failed(struct virtqueue *vq)
{
	struct vqa_queue *q = queue_get(vq);
	__u32 found;

	if (q && vqa_dma)
		ledger_add_failed(q);
	if (q)
		flight_record(q, VQA_OP_ADD_FAILED, VQA_OP_NO_ID, 0);
	if (!q || !q->id.packed || q->id.num > VQA_RING_MAX)
		return 0;
	found = stale_find(q);
	if (found)
		report_publish(q, (found - 1) << 16, VQA_RULE_STALE_AVAIL, VQA_KIND_STALE);
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
	return publish(q, q->add.at, q->add.id, n, q->add.at, 0);
}

#endif
