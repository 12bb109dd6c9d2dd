/* SPDX-License-Identifier: GPL-2.0 */
/* What the ledger of DMA mappings is kept in. */
#ifndef BPF_LEDGER_STATE_H
#define BPF_LEDGER_STATE_H

#include "maps.h"
#include "vq_audit/ledger.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct vqa_dma_key);
	__type(value, struct vqa_mapping);
} mappings SEC(".maps");

/** struct ledger_device - what is known of a device beside its mappings */
struct ledger_device {
	__u64 wide_ns; /* when memory of several pages was last mapped for it; 0: never */
};

/* Devices that memory is mapped for, by the address of their struct device. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct ledger_device);
} dma_devices SEC(".maps");

/* enum vqa_ledger. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VQA_LEDGER_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} ledger_counts SEC(".maps");

#define LEDGER_CALLS 1024 /* that may interrupt one program: a power of two */

/** struct ledger_calls - those under way that are in the ledger, by address: a stack */
struct ledger_calls {
	__u64 addr[LEDGER_CALLS];
	__u32 depth;
	__u32 pad;
};

struct ledger_cpu {
	struct ledger_calls maps, unmaps;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_cpu);
} ledger_cpus SEC(".maps");

/* When a mapping could not be entered; 0: never. */
__u64 ledger_missed_map_ns;

static __always_inline void ledger_count(__u32 which)
{
	__u64 *n = bpf_map_lookup_elem(&ledger_counts, &which);

	if (n)
		(*n)++;
}

static __always_inline struct ledger_cpu *ledger_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&ledger_cpus, &zero);
}

static __always_inline struct ledger_device *ledger_device(__u64 dev)
{
	return bpf_map_lookup_elem(&dma_devices, &dev);
}

/* A queue is registered: from now on its device is known. */
static __always_inline void ledger_adopt(const struct vqa_queue *q)
{
	struct ledger_device device = {};
	__u64 dev = q->dma_dev;

	if (!vqa_dma || !dev || ledger_device(dev))
		return;
	if (bpf_map_update_elem(&dma_devices, &dev, &device, BPF_ANY))
		count_loss(VQA_LOSS_QUEUES_FULL);
}

#endif
