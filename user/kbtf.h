/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_KBTF_H
#define VQA_USER_KBTF_H

#include <stdbool.h>

struct btf;

#define KBTF_OTHERS 4

/** struct kbtf - type information of the running kernel */
struct kbtf {
	struct btf *vmlinux;
	struct btf *ring; /* of the module virtio_ring, or NULL if it is built in or absent */
	struct btf *other[KBTF_OTHERS]; /* of virtio's other modules and vduse, or NULL */
	struct btf *breaker; /* of our module vq_audit_break, or NULL if it is absent */
};

/** kbtf__open - return 0, or -errno if the kernel offers no type information */
int kbtf__open(struct kbtf *k);

void kbtf__close(struct kbtf *k);

/** kbtf__has_func - whether the kernel or a module of virtio has that function */
bool kbtf__has_func(const struct kbtf *k, const char *name);

/** kbtf__has_typedef - whether the kernel or a module of virtio has that typedef */
bool kbtf__has_typedef(const struct kbtf *k, const char *name);

/** kbtf__event_arguments - how many arguments a tracepoint passes, or -1 if there is none of that
 * name */
int kbtf__event_arguments(const struct kbtf *k, const char *name);

/**
 * kbtf__can_cast - whether bpf_rdonly_cast() can name the types of virtio_ring
 *
 * It takes the kernel proper's types: not those of a module.
 */
bool kbtf__can_cast(const struct kbtf *k);

/** kbtf__maps_itself - whether a virtio device can map by operations of its own: 7.0 and later */
bool kbtf__maps_itself(const struct kbtf *k);

/** kbtf__can_break - whether the kernel, virtio_ring or our module has bpf_virtqueue_break() */
bool kbtf__can_break(const struct kbtf *k);

#endif
