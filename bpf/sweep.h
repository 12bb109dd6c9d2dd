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
	struct sweep *s = ctx;
	struct audit *a = &s->a;
	struct vqa_desc *want = &a->d.want;
	__u32 at = a->cursor;

	if (!a->left || at >= s->m->num)
		return 1;
	a->left--;
	a->d.seen = read_split_desc(a->t.ring, at);
	if (s->m->own)
		*want = a->q->slot[at & (VQA_RING_MAX - 1)];
	else
		*want = read_shadow(a->t.shadow, at);
	if (!s->m->own && want->addr == DMA_MAPPING_ERROR)
		want->addr = a->d.seen.addr;
	if (sweep_desc(s, VQA_FIELDS_SPLIT, at) || !(want->flags & VQA_DESC_F_NEXT))
		return 1;
	a->cursor = want->next;
	return 0;
}

/* Split: the buffer under a.id. Its record counts; else the kernel's shadow, where it is whole. */
static __always_inline void sweep_chain(struct sweep *s)
{
	struct vqa_queue *q = s->a.q;
	const struct vqa_head *head = &q->head[s->a.id & (VQA_RING_MAX - 1)];

	s->a.d.found = vqa_zero;
	s->m->own = (head->state == VQA_HEAD_IN_FLIGHT && head->epoch == q->epoch);
	if (!s->m->own && q->id.shadow != VQA_SHADOW_WHOLE)
		return;
	s->a.n = s->m->own ? head->n : vqa_zero;
	s->a.cursor = s->a.id;
	s->a.left = s->m->num + vqa_zero;
	walk(sweep_chain_step, s, VQA_RING_MAX);
}

static long sweep_head_step(__u32 i, void *ctx)
{
	struct sweep *s = ctx;

	if (s->m->from >= s->m->num)
		return 1;
	s->a.id = s->m->from++;
	if (!read_split_head(s->a.v, s->a.id).data)
		return 0;
	sweep_chain(s);
	return s->a.d.found ? 1 : 0;
}

/* Whether the hooks have seen all that the driver did, so that their record is of now. */
static __always_inline int sweep_in_step(const struct vqa_queue *q, const struct sweep_state *now)
{
	return q->next_used == now->last_used;
}

/* One more look at a divergence. */
static long sweep_round(__u32 i, void *ctx)
{
	struct sweep *s = ctx;
	__u32 sign = s->m->sign, at = s->a.d.at;
	struct sweep_state *now = &s->m->now;

	if (s->a.q->id.packed)
		sweep_slots(s);
	else
		sweep_chain(s);
	if (!s->a.d.found)
		return 1;
	barrier();
	sweep_state(s, now);
	if (!now->data && !s->a.q->id.packed)
		return 1;
	if (!sweep_same(now, &s->m->first) || sign != s->m->sign || at != s->a.d.at ||
	    !sweep_in_step(s->a.q, now) ||
	    (s->a.q->id.packed && !sweep_edge_holds(s, now->last_used))) {
		s->m->first = *now;
		s->m->looks = 0;
		return 0;
	}
	if (!s->m->looks++)
		return 0;
	s->m->settled = 1;
	return 1;
}

/* A divergence was met: believes it, or leaves it to the next sweep. */
static __always_inline int sweep_confirm(struct sweep *s)
{
	struct vqa_queue *q = s->a.q;
	__u64 key = q->id.vq;

	s->m->looks = 0;
	s->m->settled = 0;
	sweep_state(s, &s->m->first);
	bpf_loop(SWEEP_ROUNDS, sweep_round, s, 0);
	if (!s->m->settled) {
		q->swept.c.unsettled += s->a.d.found;
		return 0;
	}
	return bpf_map_lookup_elem(&queues, &key) == q && !vring_read(s->a.v, broken);
}

static __noinline int sweep_find(struct sweep *s)
{
	if (s->a.q->id.packed) {
		sweep_slots(s);
		return 0;
	}
	s->a.t = read_split_tables(s->a.v);
	walk(sweep_head_step, s, VQA_RING_MAX + 1);
	return 0;
}

static __noinline int sweep_descriptors(struct vqa_sweep *io)
{
	struct sweep s = { .a = { .point = VQA_POINT_SWEEP } };
	struct vqa_swept *swept;
	__u32 zero = 0;

	s.m = bpf_map_lookup_elem(&sweeping, &zero);
	if (!s.m || !audit_open(&s.a, io) || s.a.q->id.num > VQA_RING_MAX)
		return 0;
	swept = &s.a.q->swept;
	s.m->from = io->from;
	s.m->num = s.a.q->id.num;
	sweep_adopt(&s);
	sweep_find(&s);
	if (!s.a.d.found)
		return 0;
	io->from = s.m->from;
	io->more = !s.a.q->id.packed;
	if (!sweep_confirm(&s))
		return 0;
	swept->told[s.a.d.at & (VQA_RING_MAX - 1)] = s.m->sign;
	s.a.last_used = s.m->first.last_used;
	report_divergence(&s.a, 0, s.m->mask);
	io->from -= io->more; /* there may be more of this buffer */
	io->more = 1;
	return 0;
}

static __always_inline int sweep_queue(struct vqa_sweep *io)
{
	io->more = 0;
	if (!io->from) {
		io->found = sweep_words(io);
		sweep_order(io);
	}
	return sweep_descriptors(io);
}

#endif
