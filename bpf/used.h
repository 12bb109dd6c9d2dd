/* SPDX-License-Identifier: GPL-2.0 */
/* A used element, from the hook to the verdict, and the account of what was audited. */
#ifndef BPF_USED_H
#define BPF_USED_H

#include "packed.h"
#include "split.h"

/* Accounts for one completion, which advances the driver's index by @steps. */
static __always_inline void account(struct vqa_queue *q, __u32 outcome, __u32 steps)
{
	q->c.positions += steps;
	if (outcome < VQA_SKIP_COUNT)
		q->c.skipped[outcome]++;
	else
		q->c.audited++;
}

/** struct missed - a walk along the recorded spans of a packed ring that no hook saw */
struct missed {
	struct vqa_queue *q;
	__u32 pos;
	__u32 left; /* slots */
};

static long missed_some(__u32 round, void *ctx)
{
	struct missed *m = ctx;
	struct vqa_queue *q = m->q;

	for (__u32 k = 0; k < WALK_STRETCH; k++) {
		__u32 id = q->slot[m->pos & (VQA_RING_MAX - 1)].next;
		__u32 n = q->head[id & (VQA_RING_MAX - 1)].n ?: 1;

		if (!m->left)
			return 1;
		if (n > m->left)
			n = m->left;
		account(q, VQA_SKIP_MISSED, n);
		m->left -= n;
		m->pos += n;
		if (m->pos >= q->id.num)
			m->pos -= q->id.num;
	}
	return 0;
}

/* Completions that no hook saw, as far as the driver's index tells: counted skips. */
static __noinline int account_missed(struct vqa_queue *q, __u32 last_used)
{
	struct missed m = {
		.q = q,
		.pos = vqa_packed_pos(q->next_used),
		.left = vqa_used_distance(q->id.packed, q->id.num, q->next_used, last_used),
	};

	q->next_used = last_used;
	if (q->id.packed) {
		walk(missed_some, &m);
	} else {
		q->c.skipped[VQA_SKIP_MISSED] += m.left;
		q->c.positions += m.left;
	}
	return 0;
}

/* Audits the buffer that the element names. Returns AUDITED or the reason to skip it. */
static __always_inline __u32 used_audit(struct audit *a, struct head_state h)
{
	struct vqa_queue *q = a->q;
	struct vqa_head *head = &q->head[a->id & (VQA_RING_MAX - 1)];
	__u32 outcome;

	if (q->tracked && head->state != VQA_HEAD_IN_FLIGHT)
		return VQA_SKIP_BEFORE_START;
	head->state = VQA_HEAD_DONE;
	outcome = q->id.packed ? packed_audit(a, h) : split_audit(a, h);
	if (outcome == AUDITED && vqa_used_len_over(a->len, a->writable))
		report_len_over(a);
	return outcome;
}

/* The element names no buffer in flight: the core breaks the queue by itself. */
static __always_inline int used_refuse(struct audit *a)
{
	a->q->c.refused++;
	return vqa_verdict(a->action);
}

/**
 * used() - audit a used element
 * @vq: the queue
 * @id, @len: as the driver read them, or as read again if @racy
 *
 * Return: the verdict, as virtqueue_audit_used() is to return it.
 */
static __always_inline int used(struct virtqueue *vq, __u32 id, __u32 len, __u32 racy)
{
	struct audit a = { .id = id, .len = len, .racy = racy };
	struct head_state h;
	__u32 outcome;
	int verdict;

	a.q = queue_get(vq);
	if (!a.q)
		return 0;
	a.v = read_vring(vq);
	a.last_used = vring_read(a.v, last_used_idx);
	if (a.last_used != a.q->next_used)
		account_missed(a.q, a.last_used);
	if (id >= a.q->id.num) {
		report_id_range(&a);
		return used_refuse(&a);
	}
	h = a.q->id.packed ? read_packed_head(a.v, id) : read_split_head(a.v, id);
	a.n = a.q->id.packed ? h.n : 1;
	if (a.q->id.num > VQA_RING_MAX) {
		outcome = VQA_SKIP_RING_TOO_LARGE;
	} else if (!h.data) {
		report_not_head(&a);
		return used_refuse(&a);
	} else {
		outcome = used_audit(&a, h);
	}
	verdict = vqa_verdict(a.action);
	if (verdict) {
		a.q->c.refused++;
		return verdict;
	}
	account(a.q, outcome, a.q->id.packed ? a.n : 1);
	a.q->next_used = a.q->id.packed ? vqa_packed_advance(a.last_used, a.n, a.q->id.num)
					: a.last_used + 1;
	return 0;
}

/* A buffer of @num descriptors is about to become visible to the device. */
static __always_inline int publish(struct virtqueue *vq, __u32 slot, __u32 id, __u32 num)
{
	struct vqa_queue *q = queue_get(vq);
	struct vqa_head *head;

	if (!q)
		return 0;
	q->c.published++;
	if (q->id.num > VQA_RING_MAX)
		return 0;
	head = &q->head[id & (VQA_RING_MAX - 1)];
	head->state = VQA_HEAD_IN_FLIGHT;
	head->n = num;
	if (q->id.packed)
		packed_record(q, read_vring(vq), slot, id, num);
	return 0;
}

#endif
