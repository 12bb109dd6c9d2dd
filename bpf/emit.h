/* SPDX-License-Identifier: GPL-2.0 */
/* The one place that sends records to user space, and counts those it cannot send. */
#ifndef BPF_EMIT_H
#define BPF_EMIT_H

#include "maps.h"

#define NSEC_PER_SEC 1000000000ULL

static __always_inline void event_init(struct vqa_event *e, const struct vqa_queue *q, __u32 type)
{
	__builtin_memset(e, 0, sizeof(*e));
	e->version = VQA_ABI_VERSION;
	e->type = type;
	e->time_ns = bpf_ktime_get_ns();
	e->queue = q->id;
}

static __always_inline struct vqa_event *event_reserve(struct vqa_queue *q, __u32 type)
{
	struct vqa_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		count_loss(VQA_LOSS_EVENTS);
		return 0;
	}
	event_init(e, q, type);
	return e;
}

/* Tells that a queue came, went or broke. */
verified_once int emit_queue(struct vqa_queue *q, __u32 type)
{
	struct vqa_event *e = q ? event_reserve(q, type) : 0;

	if (e)
		bpf_ringbuf_submit(e, 0);
	return 0;
}

/* Whether the rate limit lets one more record pass. The first of a rule on a queue always does. */
static __always_inline int limit_allows(struct vqa_limit *l, __u64 now)
{
	if (!vqa_rate)
		return 1;
	if (!l->since_ns || now - l->since_ns >= NSEC_PER_SEC) {
		l->since_ns = now;
		l->sent = 0;
	}
	return l->sent++ < vqa_rate;
}

#endif
