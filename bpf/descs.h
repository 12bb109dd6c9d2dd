/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors, as they are read: those that the device can see, and the kernel's copies of them. */
#ifndef BPF_DESCS_H
#define BPF_DESCS_H

#include "kernel_read.h"

/* A table of descriptors in shared memory and its private shadow, by kernel address. */
struct tables {
	__u64 ring;
	__u64 shadow;
};

/**
 * struct run - descriptors that follow each other in memory
 *
 * As most of a chain's do, which is why they are read together: the code that the kernel makes of
 * a load checks its address, and a cast takes the registers that a call does.
 */
struct run {
	__u64 at; /* kernel address of the first */
	const volatile __u64 *word; /* of which there are two to a descriptor */
};

#define RUN (VQA_DIRECT ? VQA_RUN : 1) /* descriptors of a run */

/* The type is one of the kernel's that begins with as many numbers. */
static __always_inline struct run run_from(__u64 table, __u32 i)
{
	struct run r = { .at = table + sizeof(struct vqa_desc) * (__u64)i };

	if (VQA_DIRECT)
		r.word = (const volatile __u64 *)kernel_ptr(clone_args, r.at);
	return r;
}

/* By two loads. @k: a constant below RUN */
static __always_inline struct vqa_desc run_desc(struct run r, const __u32 k)
{
	struct vqa_desc desc, copy = {};

	if (VQA_DIRECT) {
		desc.addr = r.word[2 * k];
		desc.rest = r.word[2 * k + 1];
	} else {
		probe_desc(&copy, r.at);
		desc.addr = copy.addr;
		desc.rest = copy.rest;
	}
	return desc;
}

static __always_inline struct vqa_desc read_split_desc(__u64 table, __u32 i)
{
	return run_desc(run_from(table, i), 0);
}

/* Where a packed ring has id before flags, a split one has flags before next. */
static __always_inline struct vqa_desc desc_of_packed(struct vqa_desc desc)
{
	__u32 high = desc.rest >> 32;

	high = high >> 16 | high << 16;
	desc.rest = (__u32)desc.rest | (__u64)high << 32;
	return desc;
}

static __always_inline struct vqa_desc read_packed_desc(__u64 table, __u32 i)
{
	return desc_of_packed(read_split_desc(table, i));
}

/* Of one, the flags alone. */
static __always_inline __u16 read_packed_flags(__u64 table, __u32 i)
{
	return kernel_read(vring_packed_desc, table + sizeof(struct vqa_desc) * (__u64)i, flags);
}

/* struct vring_desc_extra is a struct vring_desc that only the kernel sees. */
static __always_inline struct vqa_desc read_shadow(__u64 shadow, __u32 i)
{
	return read_split_desc(shadow, i);
}

/* Of one, where the next one is: by a load of that alone. */
static __always_inline __u16 read_shadow_next(__u64 shadow, __u32 i)
{
	return kernel_read(vring_desc_extra, shadow + sizeof(struct vqa_desc) * (__u64)i, next);
}

/* What stock kernels from 6.16 on keep instead of the address of a premapped buffer. */
#define DMA_MAPPING_ERROR (~0ULL)

#endif
