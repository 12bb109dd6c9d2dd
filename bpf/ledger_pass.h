/* SPDX-License-Identifier: GPL-2.0 */
/* Passes over the ledger: what is left over is found, and what ended is forgotten. */
#ifndef BPF_LEDGER_PASS_H
#define BPF_LEDGER_PASS_H

#include "ledger_error.h"

static __always_inline void mapping_leaks(const struct vqa_dma_key *key, struct vqa_mapping *m,
					  struct vqa_queue *q, __u32 rule)
{
	struct vqa_map_fault fault = {
		.seen = mapping_desc(key->addr, m->size, m->dir),
		.want = mapping_desc(key->addr, m->size, m->dir),
		.rule = rule,
		.kind = rule == VQA_RULE_DMA_LEAK ? VQA_KIND_MAP_LEFT : VQA_KIND_MAP_ORPHAN,
		.head = rule == VQA_RULE_DMA_LEAK ? m->head : VQA_OP_NO_ID,
		.point = VQA_POINT_LEDGER,
	};

	m->told = 1;
	report_mapping(q, &fault);
}

/* The core mapped it for a buffer, which came back. */
static __always_inline struct vqa_queue *mapping_left_over(const struct vqa_mapping *m)
{
	__u64 vq = m->vq;
	struct vqa_queue *q = m->ring ? queue_find(vq) : 0;

	return q && q->ready && mapping_is_back(q, m) ? q : 0;
}

/* It was mapped for a buffer that could not be published. */
static __always_inline struct vqa_queue *mapping_orphaned(const struct vqa_dma_key *key,
							  const struct vqa_mapping *m)
{
	struct ledger_device *device = ledger_known(key->dev);
	struct vqa_queue *q;
	__u64 vq = 0;

	for (__u32 i = 0; device && i < LEDGER_ERRORS; i++)
		if (vqa_mapping_of_error(m, &device->error[i]))
			vq = device->error[i].vq;
	q = vq ? queue_find(vq) : 0;
	return q && q->ready ? q : 0;
}

static long ledger_pass_step(const void *map, const __u64 *place, struct vqa_mapping *m,
			     struct vqa_ledger_pass *pass)
{
	struct vqa_queue *q = 0;
	struct vqa_dma_key key = m->key;

	if (key.place != *place)
		return 0; /* it is another one's by now */
	if (!ledger_known(key.dev)) {
		bpf_map_delete_elem(&mappings, &key);
		return 0;
	}
	if (vqa_mapping_old(m, traced_from)) {
		mapping_forget(key.place, m);
		return 0;
	}
	if (!vqa_mapping_live(m->live)) {
		pass->ended++;
		m->passes++;
		if (!vqa_mapping_lasts(m))
			mapping_forget(key.place, m);
		return 0;
	}
	pass->live++;
	if (!m->told)
		q = m->vq ? mapping_left_over(m) : mapping_orphaned(&key, m);
	if (!q)
		m->passes = 0;
	else if (++m->passes > VQA_LEDGER_PASSES)
		mapping_leaks(&key, m, q, m->vq ? VQA_RULE_DMA_LEAK : VQA_RULE_DMA_MAP_ERROR);
	return 0;
}

/* A device is known as long as one of its queues is. */
static long ledger_queue_step(const void *map, const __u32 *place, struct vqa_queue *q, void *ctx)
{
	struct ledger_device *device = q->ready && q->dma_dev ? ledger_known(q->dma_dev) : 0;

	if (device) {
		device->vq = q->id.vq;
		device->idle = 0;
	}
	return 0;
}

/* What passes have looked at often enough makes room. */
static long ledger_device_step(const void *map, const __u64 *dev, struct ledger_device *device,
			       void *ctx)
{
	__u64 copy = *dev;

	for (__u32 i = 0; i < LEDGER_ERRORS; i++)
		if (device->error[i].vq && ++device->error[i].passes > VQA_LEDGER_PASSES + 1)
			device->error[i].vq = 0;
	if (++device->idle > VQA_LEDGER_PASSES) {
		bpf_map_delete_elem(&dma_devices, &copy);
		barrier();
		ledger_epoch++;
	}
	return 0;
}

/* User space asks for one each second. */
static __always_inline int ledger_pass(struct vqa_ledger_pass *pass)
{
	struct vqa_ledger_pass met = {};

	bpf_for_each_map_elem(&mappings, ledger_pass_step, &met, 0);
	bpf_for_each_map_elem(&queues, ledger_queue_step, &met, 0);
	bpf_for_each_map_elem(&dma_devices, ledger_device_step, &met, 0);
	pass->live = met.live;
	pass->ended = met.ended;
	return 0;
}

#endif
