/* SPDX-License-Identifier: GPL-2.0 */
/* Passes over the ledger: what is left over is found, and what ended is forgotten. */
#ifndef BPF_LEDGER_PASS_H
#define BPF_LEDGER_PASS_H

#include "ledger.h"

#define LEDGER_PASSES 3 /* after which what is left over is a leak, and what ended is forgotten */

/* Forgets an entry without a mapping, unless one is just being made. */
static __always_inline void mapping_forget(const struct vqa_dma_key *key, struct vqa_mapping *m)
{
	struct vqa_dma_key copy = *key;

	if (__sync_val_compare_and_swap(&m->live, 0, VQA_MAPPING_GOING) == 0)
		bpf_map_delete_elem(&mappings, &copy);
}

/* The core mapped it for a buffer, which came back, and it is still mapped. */
static __always_inline void mapping_leaks(const struct vqa_dma_key *key, struct vqa_mapping *m,
					  struct vqa_queue *q)
{
	struct vqa_map_fault fault = {
		.seen = mapping_desc(key->addr, m->size, m->dir),
		.want = mapping_desc(key->addr, m->size, m->dir),
		.rule = VQA_RULE_DMA_LEAK,
		.kind = VQA_KIND_MAP_LEFT,
		.head = m->head,
		.point = VQA_POINT_LEDGER,
	};

	m->told = 1;
	report_mapping(q, &fault);
}

static long ledger_pass_step(const void *map, const struct vqa_dma_key *key, struct vqa_mapping *m,
			     struct vqa_ledger_pass *pass)
{
	struct vqa_queue *q;
	__u64 vq = m->vq;

	if (!m->live) {
		pass->ended++;
		if (++m->passes > LEDGER_PASSES)
			mapping_forget(key, m);
		return 0;
	}
	pass->live++;
	q = vq && m->ring && !m->told ? bpf_map_lookup_elem(&queues, &vq) : 0;
	if (!q || !q->ready || !mapping_is_back(q, m))
		m->passes = 0;
	else if (++m->passes > LEDGER_PASSES)
		mapping_leaks(key, m, q);
	return 0;
}

/* User space asks for one each second. */
static __always_inline int ledger_pass(struct vqa_ledger_pass *pass)
{
	struct vqa_ledger_pass met = {};

	bpf_for_each_map_elem(&mappings, ledger_pass_step, &met, 0);
	pass->live = met.live;
	pass->ended = met.ended;
	return 0;
}

#endif
