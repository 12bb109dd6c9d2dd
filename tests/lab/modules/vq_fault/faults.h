/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FAULTS_H
#define FAULTS_H

#include "vq_fault.h"

#define NO_TRACEPOINT "this kernel has no such tracepoint to change things at (a stock kernel?)"
#define NEEDS_INDIRECT "no indirect descriptors are negotiated (boot without indirect_desc=off)"
#define NEEDS_DIRECT "indirect descriptors are negotiated (boot with indirect_desc=off)"

enum { BYTES = 64 };

static inline bool is_packed(const struct fault_dev *d)
{
	return ring_is_packed(d->vq);
}

/* --- chain.c --- */

/* Extras are numbered by descriptor (split) or id (packed), flags and lengths by slot. */
struct vring_desc_extra *extra_of(struct vring_virtqueue *vq, u32 i);
u16 *ring_flags(struct vring_virtqueue *vq, u32 slot);
u32 *ring_len(struct vring_virtqueue *vq, u32 slot);
u32 nth_extra(struct vring_virtqueue *vq, u32 id, unsigned int n);
u32 nth_slot(struct vring_virtqueue *vq, u32 slot, unsigned int n);
/* Adds a buffer of writable parts; fn changes its chain when it is complete, but not published. */
int add_changed(struct fault_dev *d, unsigned int parts, at_publish fn);

/* --- faults.c --- */

/* The id of a buffer in flight, or -1. */
int outstanding(struct vring_virtqueue *vq);
int have_one_completed(struct fault_dev *d);

/* --- mappings.c --- */

int do_dma_unmapped(struct fault_dev *d);
int do_dma_direction(struct fault_dev *d);
int do_dma_early_unmap(struct fault_dev *d);
int do_dma_unmap_twice(struct fault_dev *d);
int do_dma_leak(struct fault_dev *d);
int do_dma_map_error(struct fault_dev *d);
int do_dma_overlap(struct fault_dev *d);
int do_dma_window(struct fault_dev *d);
int do_swiotlb_size(struct fault_dev *d);
int do_swiotlb_leak(struct fault_dev *d);

/* --- full.c --- */

int do_dma_full(struct fault_dev *d);
int do_dma_full_error(struct fault_dev *d);

/* --- tables.c --- */

int do_indirect_unnegotiated(struct fault_dev *d);
int do_indirect_length(struct fault_dev *d);
int do_indirect_nested(struct fault_dev *d);
int do_indirect_entry(struct fault_dev *d);
int do_indirect_next(struct fault_dev *d);

#endif
