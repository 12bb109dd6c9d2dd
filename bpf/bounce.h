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
static __always_inline void bounce_fill(struct ledger_device *device, struct vqa_dma_key *key)
{
	struct vqa_mapping fresh = { .key = *key, .live = VQA_MAPPING_FILLED };
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
	    !vqa_mapping_is(m, key))
		ledger_missed_map();
	else if (!vqa_mapping_live(m->live)) {
		m->since = 0;
		m->passes = 0;
	}
}

/*
 * Bytes that were mapped, from the beginning of an address's slot on, by swiotlb's own
 * account; 0: not known. swiotlb_bounce()
 */
static __always_inline __u64 bounce_mapped(const struct ledger_device *device, __u64 addr)
{
	__u64 slot = device->slots + (addr - device->pool.first) / VQA_BOUNCE_SLOT *
					     bpf_core_type_size(struct io_tlb_slot);

	if (!device->slots || !vqa_window_holds(&device->pool, addr, 1) ||
	    kernel_read(io_tlb_slot, slot, orig_addr) == ~0ULL)
		return 0;
	return kernel_read(io_tlb_slot, slot, alloc_size);
}

static __always_inline void bounce_report(const struct ledger_device *device,
					  const struct vqa_dma_key *key,
					  struct vqa_map_fault *fault)
{
	const struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key);
	__u64 vq = m && m->vq ? m->vq : device->vq;
	struct vqa_queue *q = queue_find(vq);

	fault->head = m && m->vq ? m->head : VQA_OP_NO_ID;
	if (q && q->ready)
		report_mapping(q, fault);
}

/* @key: of the bounce buffer, with its physical address; @mapped: as above */
static __always_inline void bounce_judge(const struct ledger_device *device,
					 const struct vqa_dma_key *key, __u32 size, __u32 dir,
					 __u64 mapped)
{
	struct vqa_map_fault fault = {
		.rule = VQA_RULE_SWIOTLB_SIZE,
		.point = VQA_POINT_COPY,
	};

	ledger_count(VQA_LEDGER_COPIES);
	fault.kind = mapped ? vqa_copy_fault(key->addr, size, mapped) : VQA_KIND_NONE;
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
static __always_inline int bounce_copy(struct ledger_device *device, struct vqa_dma_key *key,
				       __u32 size, __u32 dir, __u64 mapped, __u32 turn)
{
	if (dir == VQA_DMA_TO_DEVICE && device->untranslated)
		bounce_fill(device, key);
	if (turn == LEDGER_LAST)
		bounce_judge(device, key, size, dir, mapped);
	return 0;
}

/* As seen at the function: what was mapped is looked up. */
static __always_inline int bounce_call(__u64 dev, __u64 addr, __u32 size, __u32 dir, __u32 turn)
{
	struct vqa_dma_key key = { .addr = addr, .dev = dev };
	struct ledger_device *device = ledger_device(dev);

	if (!device)
		return 0;
	key.place = vqa_dma_place(device->mark, addr);
	return bounce_copy(device, &key, size, dir,
			   turn == LEDGER_LAST ? bounce_mapped(device, addr) : 0, turn);
}

/* As the event tells it, of any pool. @orig: ~0 if nothing was mapped */
static __always_inline int bounce_event(__u64 dev, __u64 addr, __u64 orig, __u32 size, __u64 mapped,
					__u32 dir, __u32 turn)
{
	struct vqa_dma_key key = { .addr = addr, .dev = dev };
	struct ledger_device *device = ledger_device(dev);

	if (!device)
		return 0;
	key.place = vqa_dma_place(device->mark, addr);
	return bounce_copy(device, &key, size, dir, device->aligned && orig != ~0ULL ? mapped : 0,
			   turn);
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
	if (!vqa_fill_doubted(m, ledger_missed_map_at, traced_from))
		return kind;
	ledger_count(VQA_LEDGER_DOUBTS);
	return VQA_KIND_NONE;
}

#endif
