/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of the DMA mappings of virtio devices (level dma): they come and go,
 * and what the device has must not go.
 *
 * A program does not run where an interrupt meets it running. So there are three
 * of each: a task, what interrupts it, and what interrupts that can each be in one,
 * and the first of them that does run for a call enters it.
 */
#ifndef BPF_LEDGER_H
#define BPF_LEDGER_H

#include "audit.h"

#define LEDGER_PAGE 4096

static __always_inline void ledger_missed_map(void)
{
	ledger_missed_map_ns = bpf_ktime_get_ns();
	ledger_count(VQA_LEDGER_MISSED_MAPS);
}

static __always_inline void ledger_insert(const struct vqa_dma_key *key, __u32 size, __u32 dir)
{
	struct vqa_mapping fresh = { .size = size, .live = 1, .dir = dir };
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key);
	__u32 before;
	int err; /* 6.1 returns one, and no long */

	if (!m) {
		err = bpf_map_update_elem(&mappings, key, &fresh, BPF_NOEXIST);
		if (!err)
			return;
		if (err == -E2BIG) {
			count_loss(VQA_LOSS_LEDGER_FULL);
			return;
		}
		m = bpf_map_lookup_elem(&mappings, key); /* another CPU was faster */
	}
	if (!m) {
		ledger_missed_map();
		return;
	}
	before = __sync_fetch_and_add(&m->live, 1);
	if (before & VQA_MAPPING_GOING)
		ledger_missed_map();
	else
		vqa_mapping_add(m, before, size, dir);
}

enum ledger_turn { LEDGER_FIRST, LEDGER_SECOND, LEDGER_LAST };

/** struct ledger_part - one program's part in a call */
struct ledger_part {
	struct ledger_calls *calls;
	__u32 depth; /* of the stack when it is over */
	__u32 first; /* 1: no program before it has run for the call */
};

/** struct ledger_search - for a call's note, from the top down */
struct ledger_search {
	struct ledger_calls *calls;
	__u64 addr;
	__u32 depth; /* of what is not searched yet */
	__u32 found;
};

static long ledger_search_step(__u32 i, void *ctx)
{
	struct ledger_search *s = ctx;

	if (!s->depth)
		return 1;
	s->found = s->calls->addr[(s->depth - 1) & (LEDGER_CALLS - 1)] == s->addr;
	s->depth -= !s->found;
	return s->found;
}

/*
 * Begins a program's part. The first one to run leaves a note to the others, which
 * the last one takes away, and with it what lies above: left by calls that came in
 * between and are over, whose last program was missed.
 */
static __always_inline struct ledger_part ledger_begin(struct ledger_calls *calls, __u64 addr,
						       __u32 turn)
{
	struct ledger_search s = { .calls = calls, .addr = addr, .depth = calls->depth };
	struct ledger_part p = { .calls = calls, .depth = calls->depth, .first = 1 };

	if (turn != LEDGER_FIRST)
		walk(ledger_search_step, &s, LEDGER_CALLS);
	if (s.found) {
		p.first = 0;
		p.depth = s.depth - (turn == LEDGER_LAST);
	} else if (turn != LEDGER_LAST) {
		calls->addr[p.depth & (LEDGER_CALLS - 1)] = addr;
		p.depth++;
	}
	calls->depth = p.depth;
	return p;
}

/* What interrupted it may have left a note, if its last program was missed. */
static __always_inline int ledger_end(const struct ledger_part *p)
{
	barrier();
	p->calls->depth = p->depth;
	return 0;
}

/* A mapping was made. */
static __always_inline int ledger_map(__u64 dev, __u64 addr, __u32 size, __u32 dir, __u32 turn)
{
	struct vqa_dma_key key = { .dev = dev, .addr = addr };
	struct ledger_device *device = ledger_device(dev);
	struct ledger_cpu *cpu = ledger_cpu();
	struct ledger_part p;

	if (addr == DMA_MAPPING_ERROR || !device || !cpu)
		return 0;
	p = ledger_begin(&cpu->maps, addr, turn);
	if (p.first) {
		ledger_count(VQA_LEDGER_MAPPED);
		if ((addr ^ (addr + size - 1)) & ~(__u64)(LEDGER_PAGE - 1))
			device->wide_ns = bpf_ktime_get_ns();
		ledger_insert(&key, size, dir);
	}
	return ledger_end(&p);
}

static __always_inline int mapping_has_serial(const struct vqa_queue *q,
					      const struct vqa_mapping *m)
{
	return q->serial[m->head & (VQA_RING_MAX - 1)] == m->serial;
}

/* Whether the driver has anything in flight under the id. */
static __always_inline int head_is_taken(struct vqa_queue *q, __u32 id)
{
	struct vring_virtqueue *v = queue_vring(q);

	return !!(q->id.packed ? read_packed_head(v, id) : read_split_head(v, id)).data;
}

/* The device has the buffer of a mapping, by the driver's account and by the record. */
static __always_inline int mapping_in_flight(struct vqa_queue *q, const struct vqa_mapping *m)
{
	const struct vqa_head *head = &q->head[m->head & (VQA_RING_MAX - 1)];

	return head->state == VQA_HEAD_IN_FLIGHT && head->epoch == q->epoch &&
	       mapping_has_serial(q, m) && head_is_taken(q, m->head);
}

/* The buffer came back: its id is free, or another one has it, of which nothing was missed. */
static __always_inline int mapping_is_back(struct vqa_queue *q, const struct vqa_mapping *m)
{
	return !mapping_has_serial(q, m) || !head_is_taken(q, m->head);
}

verified_once int report_mapping(struct vqa_queue *q, struct vqa_map_fault *fault)
{
	struct finding f = { .fields = VQA_F_DMA, .placed = 1 };

	if (!q || !fault)
		return 0;
	f.rule = fault->rule;
	f.kind = fault->kind;
	f.id = fault->head;
	f.point = fault->point;
	f.d.seen = fault->seen;
	f.d.want = fault->want;
	report_rule(q, &f, f.point);
	return 0;
}

static __always_inline struct vqa_desc mapping_desc(__u64 addr, __u32 size, __u32 dir)
{
	struct vqa_desc d = { .addr = addr, .len = size, .flags = dir };

	return d;
}

/* Whether what looks like memory that is not mapped any more may be mapped, unknown to the ledger.
 */
static __always_inline int mapping_doubted(const struct vqa_mapping *m, __u32 live)
{
	return !live && ledger_missed_map_ns && ledger_missed_map_ns >= m->ended_ns;
}

/* What is wrong with it, if anything. @m: as it was before */
static __always_inline void ledger_judge(const struct vqa_mapping *m, struct vqa_map_fault *fault)
{
	__u64 vq = m->vq;
	struct vqa_queue *q = vq ? bpf_map_lookup_elem(&queues, &vq) : 0;

	if (!q || !q->ready)
		return;
	fault->rule = VQA_RULE_DMA_UNMAP_MISMATCH;
	fault->kind = vqa_unmap_fault(m, m->live, fault->seen.len, fault->seen.flags);
	if (fault->kind && mapping_doubted(m, m->live)) {
		ledger_count(VQA_LEDGER_DOUBTS);
		return;
	}
	if (!fault->kind && m->live == 1 && mapping_in_flight(q, m)) {
		fault->rule = VQA_RULE_DMA_EARLY_UNMAP;
		fault->kind = VQA_KIND_MAP_IN_FLIGHT;
	}
	fault->head = m->head;
	fault->want = mapping_desc(fault->seen.addr, m->size, m->dir);
	if (fault->kind)
		report_mapping(q, fault);
}

static __always_inline void ledger_remove(const struct vqa_dma_key *key, __u32 size, __u32 dir)
{
	struct vqa_map_fault fault = { .seen = mapping_desc(key->addr, size, dir),
				       .point = VQA_POINT_UNMAP };
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key), before;

	if (!m || m->live & VQA_MAPPING_GOING) {
		ledger_count(VQA_LEDGER_UNKNOWN_UNMAPS);
		return;
	}
	ledger_count(VQA_LEDGER_UNMAPPED);
	before = *m;
	if (before.live == 1)
		m->ended_ns = bpf_ktime_get_ns();
	if (before.live)
		__sync_fetch_and_add(&m->live, -1);
	ledger_judge(&before, &fault);
}

/* A mapping is being undone. */
static __always_inline int ledger_unmap(__u64 dev, __u64 addr, __u32 size, __u32 dir, __u32 turn)
{
	struct vqa_dma_key key = { .dev = dev, .addr = addr };
	struct ledger_cpu *cpu = ledger_cpu();
	struct ledger_part p;

	if (!cpu || !ledger_device(dev))
		return 0;
	p = ledger_begin(&cpu->unmaps, addr, turn);
	if (p.first)
		ledger_remove(&key, size, dir);
	return ledger_end(&p);
}

#endif
