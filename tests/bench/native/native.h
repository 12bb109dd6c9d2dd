/* SPDX-License-Identifier: GPL-2.0 */
/* What the bench's programs and its user space share. */
#ifndef NATIVE_H
#define NATIVE_H

#include <linux/types.h>

#define NATIVE_QUEUES 16 /* shapes of buffers that are measured in turn, a queue each */
#define NATIVE_NUM 256 /* descriptors in a ring, at most */

/* Where what belongs to a queue lies in its memory. */
#define NATIVE_RING 0x1000
#define NATIVE_SHADOW 0x2000
#define NATIVE_STATE 0x4000
#define NATIVE_AVAIL 0x8000
#define NATIVE_USED 0x9000
#define NATIVE_TABLES 0x10000
#define NATIVE_TABLE_ROOM 0x400 /* of one buffer: entries, and the shadow behind them */

/** struct native_memory - a struct vring_virtqueue as the running kernel lays it out, and its rings
 */
struct native_memory {
	__u8 byte[NATIVE_TABLES + NATIVE_NUM * NATIVE_TABLE_ROOM];
};

/** struct native_batch - one ring full of buffers, published and then used */
struct native_batch {
	__u32 which; /* queue */
	__u32 packed;
	__u32 num; /* descriptors in the ring */
	__u32 chain; /* descriptors of a buffer in the ring */
	__u32 len; /* bytes that the device says it has written */
	__u32 cold; /* 1: from caches that hold something else */
	/* Results. Nanoseconds of the whole batch. */
	__u32 buffers;
	__u64 empty_publish, empty_used;
	__u64 publish, used;
};

#endif
