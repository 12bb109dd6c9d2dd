/* SPDX-License-Identifier: GPL-2.0 */
/* What the ledger of DMA mappings is kept in. */
#ifndef BPF_LEDGER_STATE_H
#define BPF_LEDGER_STATE_H

#include <linux/errno.h>
#include "ledger_calls.h"
#include "mapping.h"
#include "traced.h"
#include "vq_audit/ledger.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64); /* place of a struct vqa_dma_key, which begins with it */
	__type(value, struct vqa_mapping);
} mappings SEC(".maps");

#define LEDGER_ERRORS 8 /* kept of each device, until passes have looked */

/** struct ledger_device - what is known of a device beside its mappings */
struct ledger_device {
	__u64 mark; /* vqa_dma_mark(); 0: it is just becoming known */
	__u64 since_ns; /* when it became so; 0: the same */
	__u64 vq; /* one of its queues, the last one registered, or met by a pass */
	__u64 wide; /* jiffies: when memory of several pages was last mapped for it; 0: never */
	__u64 fills; /* bounce buffers that were filled for it */
	struct vqa_window pool; /* where they lie, by physical address */
	__u64 slots; /* address of swiotlb's account of them; 0: it cannot be read */
	__u64 untranslated; /* 1: the device is told physical addresses */
	__u32 map_errors; /* mappings that failed */
	__u32 seen_errors; /* how many of them are known to have failed a publication */
	__u32 settled; /* 1: it was known for so long that calls from before have ended */
	__u32 idle; /* passes since one of its queues was met */
	__u32 aligned; /* 1: a bounce buffer begins with its first slot */
	__u32 pad;
	struct vqa_map_error error[LEDGER_ERRORS];
};

/* Devices that memory is mapped for, by the address of their struct device, or VDUSE's domain. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct ledger_device);
} dma_devices SEC(".maps");

/* All zero: what a new one starts from, since it is large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_device);
} blank_device SEC(".maps");

struct ledger_cpu {
	__u64 count[VQA_LEDGER_COUNT]; /* enum vqa_ledger; first, for user space */
	struct ledger_calls maps, unmaps;
	__u64 dev; /* the last device that was found settled, */
	__u64 mark; /* of it, */
	__u32 epoch; /* when ledger_epoch was so */
	__u32 made; /* mappings */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_cpu);
} ledger_cpus SEC(".maps");

__u32 ledger_epoch; /* rises once a device is forgotten */

/* When a mapping could not be entered, in jiffies; 0: never. */
__u64 ledger_missed_map_at;

static __always_inline struct ledger_cpu *ledger_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&ledger_cpus, &zero);
}

static __always_inline void ledger_count(const __u32 which)
{
	struct ledger_cpu *cpu = ledger_cpu();

	if (cpu)
		cpu->count[which]++;
}

static __always_inline struct ledger_device *ledger_known(__u64 dev)
{
	return bpf_map_lookup_elem(&dma_devices, &dev);
}

/* For hooks: NULL once programs are being detached, since what some do not see any more is lost. */
static __always_inline struct ledger_device *ledger_device(__u64 dev)
{
	return vqa_armed ? ledger_known(dev) : 0;
}

/* Where a buffer does not begin with its first slot, the account is not what it seems. */
static __always_inline int bounce_is_aligned(struct device *dev)
{
	struct device_dma_parameters *parms = kernel_read(device, dev, dma_parms);

	return !parms || !kernel_read(device_dma_parameters, parms, min_align_mask);
}

static __always_inline void ledger_find_pool(struct ledger_device *device, struct device *dev)
{
	struct io_tlb_mem *mem = read_bounce_memory(dev);

	device->untranslated = read_untranslated(dev);
	device->aligned = bounce_is_aligned(dev);
	if (!mem || !read_bounce_window(mem, &device->pool))
		device->pool.last = 0;
	else if (device->aligned)
		device->slots = (__u64)read_bounce_slots(mem);
}

static __always_inline void ledger_new_device(__u64 dev, __u32 is_domain)
{
	struct ledger_device *device;
	__u32 zero = 0;
	int err; /* 6.1 returns one, and no long */

	device = bpf_map_lookup_elem(&blank_device, &zero);
	if (!device)
		return;
	err = bpf_map_update_elem(&dma_devices, &dev, device, BPF_NOEXIST);
	if (err && err != -EEXIST)
		count_loss(VQA_LOSS_QUEUES_FULL);
	device = ledger_device(dev);
	if (!device)
		return;
	if (!is_domain)
		ledger_find_pool(device, (void *)dev);
	barrier();
	device->mark = vqa_dma_mark(dev);
	device->since_ns = bpf_ktime_get_ns();
}

/* A queue is registered: from now on its device is known. */
static __always_inline void ledger_adopt(const struct vqa_queue *q)
{
	struct ledger_device *device;

	if (!vqa_dma || !q->dma_dev)
		return;
	if (!ledger_device(q->dma_dev))
		ledger_new_device(q->dma_dev, q->own_map);
	device = ledger_device(q->dma_dev);
	if (device)
		device->vq = q->id.vq;
}

#endif
