/* SPDX-License-Identifier: GPL-2.0 */
/* A virtqueue as its driver would leave it to the handlers, in memory that no driver has. */
#ifndef FAKE_H
#define FAKE_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>

#include "vq_audit/abi.h"

/** struct shape - what the buffers of a queue look like */
struct shape {
	bool packed;
	unsigned int chain; /* descriptors of a buffer in the ring */
	unsigned int entries; /* of its indirect table, 0: it has none */
	unsigned int
		num; /* descriptors in the ring; on packed rings, what whole buffers take of it */
	bool scattered; /* none of a chain is followed by its neighbour, else each is */
};

/** fake__size - bytes that a queue takes with all that belongs to it */
size_t fake__size(const struct shape *shape);

/** fake__offset - bytes from the beginning of a kernel struct to a member "a.b.c"; -ENOENT */
int fake__offset(const struct btf *btf, const char *type, const char *member);

/**
 * fake__lay_out - write queue, rings and private state, nothing in flight, to @m
 * @m: of fake__size() bytes
 * @at: where it will lie in the kernel
 *
 * Return: 0, or -ENOENT with the member that the kernel has not on standard error.
 */
int fake__lay_out(const struct btf *btf, __u8 *m, __u64 at, const struct shape *shape);

/** fake__register - what the registry of queues would know of it */
void fake__register(struct vqa_queue *q, __u64 at, const struct shape *shape);

/** fake__enter - the registry's entry for it, and its state @q at place @which. Return: 0 or -errno
 */
int fake__enter(const struct bpf_map *places, const struct bpf_map *queues, __u32 which,
		const struct vqa_queue *q);

/** fake__num - descriptors in the ring that is laid out */
unsigned int fake__num(const struct shape *shape);

#endif
