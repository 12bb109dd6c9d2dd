/* SPDX-License-Identifier: GPL-2.0 */
/* What the program that visits many queues and its user space share. */
#ifndef SCALE_H
#define SCALE_H

#include <linux/types.h>

#define SCALE_QUEUES 256 /* at most, a power of two */

/** struct scale_batch - every ring full of buffers, published and then used */
struct scale_batch {
	__u32 packed;
	__u32 num; /* descriptors in each ring, a power of two */
	__u32 queues; /* a power of two, and its logarithm */
	__u32 shift;
	__u16 base; /* what a split ring's indices begin with; packed: the wrap bit */
	__u16 pad[3];
	/* Results. Nanoseconds of the whole batch. */
	__u64 empty, full;
};

/** struct scale_memory - the beginning of a fake queue; see native.h */
struct scale_memory {
	__u8 byte[0x1000];
};

#endif
