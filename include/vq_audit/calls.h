/* SPDX-License-Identifier: GPL-2.0 */
/* What user space asks the syscall programs, and they answer. Part of abi.h. */
#ifndef VQ_AUDIT_CALLS_H
#define VQ_AUDIT_CALLS_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* enum vqa_dma - how what the driver publishes is mapped for the device, as far as it is known */
enum vqa_dma {
	VQA_DMA_KNOWN = 1 << 0, /* the others are what they say */
	VQA_DMA_OWN_OPS =
		1 << 1, /* by operations of its own: VDUSE, Xen, an IOMMU of old kernels */
	VQA_DMA_FORCE_BOUNCE = 1 << 2, /* swiotlb bounces it all, unless an IOMMU translates */
	VQA_DMA_RESTRICTED = 1 << 3, /* in a pool of the device's own */
};

/**
 * struct vqa_survey - in and out of the syscall program "survey"
 *
 * A read of one live queue. It takes no lock: what is not settled may be torn,
 * and a driver that is just at work on the queue can make what is settled look
 * wrong for a moment. Read again before believing in damage.
 *
 * In a queue that is whole, num_free descriptors are on the free list, all
 * others belong to a chain in flight, and none is met twice.
 */
struct vqa_survey {
	__u64 vq; /* in: address, as in struct vqa_queue_id */
	__u32 found; /* out: 1 if the queue is registered */
	__u32 num_free; /* as the driver counts */
	__u32 free; /* different descriptors on the free list, within num_free steps */
	__u32 chained; /* different ones in chains in flight, as far as not on the free list */
	__u32 overlaps; /* times that the free list or a chain led to one met before */
	__u16 last_used;
	__u16 next_avail; /* split: avail_idx_shadow; packed: next_avail_idx */
	__u8 follow; /* in: 1 to follow free list and chains, by the private shadow */
	__u8 followed; /* out: 1 if that was done; it takes a complete shadow */
	__u8 settled; /* 1 if the driver's indices stood still meanwhile */
	__u8 broken;
	__u8 dma; /* enum vqa_dma mask */
	__u8 pad[3];
};

/**
 * struct vqa_sweep - in and out of the syscall program "sweep"
 *
 * Compares what is in flight on one queue with what was published, beside the
 * driver, up to the first divergence. With @more, call it again as it is.
 */
struct vqa_sweep {
	__u64 vq; /* in: address, as in struct vqa_queue_id */
	__u32 from; /* in and out: where to go on; 0: a new sweep begins */
	__u32 more; /* out: 1 if there may be more to find */
	__u32 found; /* out: 1 if the queue is registered and not broken, from beginning to end */
	__u32 pad;
};

#endif
