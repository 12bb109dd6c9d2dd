/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Under --sample and --budget the descriptors of a share of the buffers are compared. It is
 * drawn at random for each buffer, so a device cannot know which: the same for every queue.
 */
#ifndef BPF_THIN_H
#define BPF_THIN_H

#include "maps.h"

const volatile __u8 vqa_thins; /* enum vqa_thins */

/* One of so many buffers is compared; user space changes it. */
volatile __u32 vqa_sample = 1;

/* A queue is new: what is drawn for it begins where nobody knows. Not 0, which xorshift keeps. */
static __always_inline void thin_begin(struct vqa_queue *q)
{
	q->random = (__u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32() | 1;
}

/* 32 random bits. xorshift64: Marsaglia, 2003 */
static __always_inline __u32 draw(struct vqa_queue *q)
{
	__u64 x = q->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	q->random = x;
	return x >> 32;
}

/* Whether this buffer is left out. */
static __always_inline int thinned(struct vqa_queue *q)
{
	return vqa_thins && (__u64)draw(q) * vqa_sample >> 32 != 0;
}

#endif
