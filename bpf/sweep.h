/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sweep: what is in flight, against what was published, beside a driver that
 * goes on meanwhile. No lock is taken. What diverges is looked at again, until
 * the driver stood still over two looks that agree.
 */
#ifndef BPF_SWEEP_H
#define BPF_SWEEP_H

#include "sweep_slots.h"

#define SWEEP_ROUNDS 8 /* looks at a divergence until it is left to the next sweep */

/* Split: one descriptor of a chain, along the record of it. */
static long sweep_chain_step(__u32 i, void *ctx)
{
	const struct sweep_walk *w = ctx;
	struct vqa_queue *q = w->q;
	struct sweep *s = w->s;
	struct vqa_desc *want = &s->d.want;
	__u32 at = s->cursor;

	if (!s->left || at >= s->num)
		return 1;
	s->left--;
	s->d.seen = read_split_desc(s->t.ring, at);
	if (s->own)
		*want = q->slot[at & (VQA_RING_MAX - 1)];
	else
		*want = read_shadow(s->t.shadow, at);
	if (!s->own && want->addr == DMA_MAPPING_ERROR)
		want->addr = s->d.seen.addr;
	if (sweep_desc(q, s, VQA_FIELDS_SPLIT, at) || !(want->flags & VQA_DESC_F_NEXT))
		return 1;
	s->cursor = want->next;
	return 0;
}

/* Split: the buffer under s->id. Its record counts; else the kernel's shadow, where it is whole. */
verified_once int sweep_chain(struct vqa_queue *q, struct sweep *s)
{
	struct sweep_walk w = { .q = q, .s = s };
	const struct vqa_head *head;

	if (!q || !s)
		return 0;
	head = &q->head[s->id & (VQA_RING_MAX - 1)];
	s->d.found = 0;
	s->own = (head->state == VQA_HEAD_IN_FLIGHT && head->epoch == q->epoch);
	if (!s->own && q->id.shadow != VQA_SHADOW_WHOLE)
		return 0;
	s->n = s->own ? head->n : 0;
	s->cursor = s->id;
	s->left = s->num;
	walk(sweep_chain_step, &w, VQA_RING_MAX);
	return 0;
}

static long sweep_head_step(__u32 i, void *ctx)
{
	const struct sweep_walk *w = ctx;
	struct sweep *s = w->s;

	if (s->from >= s->num)
		return 1;
	s->id = s->from++;
	if (!read_split_head(sweep_vring(s), s->id).data)
		return 0;
	sweep_chain(w->q, s);
	return s->d.found ? 1 : 0;
}

/* Whether the hooks have seen all that the driver did, so that their record is of now. */
static __always_inline int sweep_in_step(const struct vqa_queue *q, const struct sweep_state *now)
{
	return q->next_used == now->last_used;
}

/* One more look at a divergence. */
static long sweep_round(__u32 i, void *ctx)
{
	const struct sweep_walk *w = ctx;
	struct vqa_queue *q = w->q;
	struct sweep *s = w->s;
	__u32 sign = s->sign, at = s->d.at;
	struct sweep_state *now = &s->now;

	if (q->id.packed)
		sweep_slots(q, s);
	else
		sweep_chain(q, s);
	if (!s->d.found)
		return 1;
	barrier();
	sweep_state(q, s, now);
	if (!now->data && !q->id.packed)
		return 1;
	if (!sweep_same(now, &s->first) || sign != s->sign || at != s->d.at ||
	    !sweep_in_step(q, now) || (q->id.packed && !sweep_edge_holds(s, now->last_used))) {
		s->first = *now;
		s->looks = 0;
		return 0;
	}
	if (!s->looks++)
		return 0;
	s->settled = 1;
	return 1;
}

/* A divergence was met: believes it, or leaves it to the next sweep. */
verified_once int sweep_confirm(struct vqa_queue *q, struct sweep *s)
{
	struct sweep_walk w = { .q = q, .s = s };

	if (!q || !s)
		return 0;
	s->looks = 0;
	s->settled = 0;
	sweep_state(q, s, &s->first);
	walk(sweep_round, &w, SWEEP_ROUNDS);
	if (!s->settled) {
		q->swept.c.unsettled += s->d.found;
		return 0;
	}
	return queue_lives(q, s->vq);
}

verified_once int sweep_find(struct vqa_queue *q, struct sweep *s)
{
	struct sweep_walk w = { .q = q, .s = s };

	if (!q || !s)
		return 0;
	if (q->id.packed)
		return sweep_slots(q, s);
	s->t = read_split_tables(sweep_vring(s));
	walk(sweep_head_step, &w, VQA_RING_MAX + 1);
	return 0;
}

verified_once int sweep_report(struct vqa_queue *q, struct sweep *s)
{
	struct finding f = { .point = VQA_POINT_SWEEP };

	if (!q || !s)
		return 0;
	f.id = s->id;
	f.n = s->n;
	f.last_used = s->first.last_used;
	f.d.seen = s->d.seen;
	f.d.want = s->d.want;
	f.d.at = s->d.at;
	return report_desc(q, &f, VQA_POINT_SWEEP, s->mask);
}

static __always_inline int sweep_descriptors(struct vqa_queue *q, struct vqa_sweep *io)
{
	__u32 zero = 0;
	struct sweep *s = bpf_map_lookup_elem(&sweeping, &zero);

	if (!s || q->id.num > VQA_RING_MAX)
		return 0;
	s->vq = io->vq;
	s->from = io->from;
	s->num = q->id.num;
	s->d.found = 0;
	sweep_adopt(q, s);
	sweep_find(q, s);
	if (!s->d.found)
		return 0;
	io->from = s->from;
	io->more = !q->id.packed;
	if (!sweep_confirm(q, s))
		return 0;
	q->swept.told[s->d.at & (VQA_RING_MAX - 1)] = s->sign;
	sweep_report(q, s);
	io->from -= io->more; /* there may be more of this buffer */
	io->more = 1;
	return 0;
}

static __always_inline int sweep_queue(struct vqa_sweep *io)
{
	__u64 key = io->vq;
	struct vqa_queue *q = queue_find(key);
	__u32 begins = !io->from;

	io->more = 0;
	io->found = 0;
	if (!q || !q->ready || vring_read(queue_vring(q), broken) || !queue_look(q))
		return 0;
	if (begins) {
		sweep_words(q, key);
		sweep_order(q, key);
	}
	sweep_descriptors(q, io);
	io->found = queue_lives(q, key);
	return 0;
}

#endif
