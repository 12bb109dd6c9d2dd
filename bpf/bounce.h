/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bounce buffers (swiotlb), by the copies that are made: none goes beyond what was
 * mapped, and what the device is to write was filled first, so that the driver does
 * not read there what somebody else had left.
 */
#ifndef BPF_BOUNCE_H
#define BPF_BOUNCE_H

#include "ledger.h"

/*
 * It is filled before it is mapped, as far as the ledger goes: the entry may be new, and
 * what it says of a mapping before is over.
 */
static __always_inline void bounce_fill(struct ledger_device *device, const struct vqa_dma_key *key)
{
	struct vqa_mapping fresh = { .addr = key->addr, .live = VQA_MAPPING_FILLED };
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key);
	int err; /* 6.1 returns one, and no long */

	device->fills++;
	if (!m) {
		err = bpf_map_update_elem(&mappings, key, &fresh, BPF_NOEXIST);
		if (!err)
			return;
		m = bpf_map_lookup_elem(&mappings, key); /* another CPU was faster */
	}
	if (!m) { /* the ledger is full; it may not be once this is mapped */
		ledger_missed_map();
		return;
	}
	if (__sync_fetch_and_or(&m->live, VQA_MAPPING_FILLED) & VQA_MAPPING_GOING ||
	    !vqa_mapping_is(m, key->addr))
		ledger_missed_map();
	else if (!vqa_mapping_live(m->live))
		m->ended_ns = 0;
}

/* Whether it is known what was mapped from the beginning of an address's slot on. swiotlb_bounce()
 */
static __always_inline int bounce_mapped(const struct ledger_device *device, __u64 addr,
					 __u64 *mapped)
{
	__u64 slot = device->slots + (addr - device->pool.first) / VQA_BOUNCE_SLOT *
					     bpf_core_type_size(struct io_tlb_slot);

	if (!device->slots || !vqa_window_holds(&device->pool, addr, 1) ||
	    kernel_read(io_tlb_slot, slot, orig_addr) == ~0ULL)
		return 0;
	*mapped = kernel_read(io_tlb_slot, slot, alloc_size);
	return 1;
}

static __always_inline void bounce_report(const struct ledger_device *device,
					  const struct vqa_dma_key *key,
					  struct vqa_map_fault *fault)
{
	const struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key);
	__u64 vq = m && m->vq ? m->vq : device->vq;
	struct vqa_queue *q = bpf_map_lookup_elem(&queues, &vq);

	fault->head = m && m->vq ? m->head : VQA_OP_NO_ID;
	if (q && q->ready)
		report_mapping(q, fault);
}

/* @addr: physical, of the bounce buffer */
static __always_inline void bounce_judge(const struct ledger_device *device,
					 const struct vqa_dma_key *key, __u32 size, __u32 dir)
{
	struct vqa_map_fault fault = {
		.rule = VQA_RULE_SWIOTLB_SIZE,
		.point = VQA_POINT_COPY,
	};
	__u64 mapped = 0;

	ledger_count(VQA_LEDGER_COPIES);
	if (!bounce_mapped(device, key->addr, &mapped))
		return;
	fault.kind = vqa_copy_fault(key->addr, size, mapped);
	if (!fault.kind)
		return;
	fault.seen = mapping_desc(key->addr, size, dir);
	fault.want = mapping_desc(key->addr - key->addr % VQA_BOUNCE_SLOT, mapped, dir);
	bounce_report(device, key, &fault);
}

/*
 * swiotlb copies. That it fills can be noted by each of the three programs; a missed
 * one would be a false alarm. One of them judges: if that is missed, "copies" lacks it.
 */
static __always_inline int bounce_copy(__u64 dev, __u64 addr, __u32 size, __u32 dir, __u32 turn)
{
	struct vqa_dma_key key = { .dev = dev, .addr = addr };
	struct ledger_device *device = ledger_device(dev);

	if (!device)
		return 0;
	if (dir == VQA_DMA_TO_DEVICE && device->untranslated)
		bounce_fill(device, &key);
	if (turn == LEDGER_LAST)
		bounce_judge(device, &key, size, dir);
	return 0;
}

/*
 * A buffer is published at the beginning of a mapping: what is wrong with its bounce
 * buffer, if it has one. A kernel that never fills any has no place to see it.
 */
static __always_inline __u32 bounce_fault(const struct vqa_dma_key *key,
					  const struct vqa_mapping *m)
{
	__u32 kind = vqa_slot_fault(m);
	struct ledger_device *device;

	if (!kind)
		return kind;
	device = ledger_device(key->dev);
	if (!device || !device->fills || !device->untranslated ||
	    !vqa_window_holds(&device->pool, key->addr, 1))
		return VQA_KIND_NONE;
	if (!ledger_missed_map_ns)
		return kind;
	ledger_count(VQA_LEDGER_DOUBTS);
	return VQA_KIND_NONE;
}

#endif
