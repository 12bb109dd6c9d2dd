/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one place that reads kernel memory. Every reader returns a copy: a word
 * that the device can write is loaded once, and judged as it was loaded.
 *
 * bpf_rdonly_cast() makes plain loads of it, which cost a tenth of
 * bpf_probe_read_kernel() and, like it, read zero where nothing is mapped. It
 * takes types of the kernel proper: where virtio is a module, and before 6.2,
 * the object runs that was built with VQA_DIRECT=0, and every read is a probe.
 */
#ifndef BPF_KERNEL_READ_H
#define BPF_KERNEL_READ_H

#include <bpf/bpf_core_read.h>
#include "find.h"
#include "vq_audit/check.h"
#include "vring.h"

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;
extern int bpf_virtqueue_break(__u64 vq) __ksym __weak;

#define kernel_ptr(type, addr) \
	((struct type *)bpf_rdonly_cast((void *)(addr), bpf_core_type_id_kernel(struct type)))

/* 1 to 8 bytes. A failed read is counted, and reads zero as a direct load would. */
verified_once __u64 probe_word(__u64 at, __u32 size)
{
	__u64 word = 0;

	size = ((size - 1) & 7) + 1; /* as it is, for who does not know */
	if (bpf_probe_read_kernel(&word, size, (void *)at))
		count_loss(VQA_LOSS_READ_FAILED);
	return word;
}

verified_once int probe_desc(struct vqa_desc *desc, __u64 at)
{
	if (desc && bpf_probe_read_kernel(desc, sizeof(*desc), (void *)at))
		count_loss(VQA_LOSS_READ_FAILED);
	return 0;
}

/* A member of the struct at a kernel address. */
#define kernel_read(type, addr, member)                                   \
	({                                                                \
		__u64 base_ = (__u64)(addr);                              \
		typeof(((struct type *)0)->member) value_;                \
                                                                          \
		if (VQA_DIRECT)                                           \
			value_ = kernel_ptr(type, base_)->member;         \
		else                                                      \
			value_ = (typeof(value_))probe_word(              \
				(__u64)__builtin_preserve_access_index(   \
					&((struct type *)base_)->member), \
				sizeof(value_));                          \
		value_;                                                   \
	})

/* Clears what follows the end of a string in 8 of its bytes; 0 in all once it has @ended. */
static __always_inline __u64 text_word(__u64 word, int *ended)
{
	__u64 zeros = (word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL;

	if (*ended)
		return 0;
	if (!zeros)
		return word;
	*ended = 1;
	return word & (((zeros & -zeros) >> 7) - 1);
}

/* The string at a kernel address, cut to @size, a multiple of 8, and filled with zeros. */
static __always_inline void read_text(char *dst, __u32 size, __u64 at)
{
	int ended = 0;

	if (!VQA_DIRECT) {
		bpf_probe_read_kernel_str(dst, size, (void *)at);
		return;
	}
#pragma unroll
	for (__u32 i = 0; i < size; i += sizeof(__u64)) {
		__u64 word = text_word(kernel_ptr(vring_desc, at + i)->addr, &ended);

		__builtin_memcpy(dst + i, &word, sizeof(word));
	}
	dst[size - 1] = 0;
}

#endif
