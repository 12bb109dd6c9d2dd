/* SPDX-License-Identifier: GPL-2.0 */
/* What the bench's programs and its user space share. */
#ifndef NATIVE_H
#define NATIVE_H

#include <linux/types.h>

#define NATIVE_CHAIN_MAX 64 /* descriptors of the longest */
#define NATIVE_QUEUES 16 /* shapes of buffers that are measured in turn, a queue each */

/** struct native_memory - where a struct vring_virtqueue begins, as the running kernel lays it out;
 * its rings are behind it, in a value that is as large as that takes
 */
struct native_memory {
	__u8 byte[0x1000];
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
	__u64 differs; /* limit: 0 if all was as it should be */
	__u64 walked; /* limit: descriptors */
};

/* native__probe_bytes - the programs as they read by bpf_probe_read_kernel(): an ELF file */
const void *native__probe_bytes(unsigned long *size);

#endif
