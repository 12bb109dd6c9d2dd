/* SPDX-License-Identifier: GPL-2.0 */
/* Maps, and what user space settles before the programs are loaded. */
#ifndef BPF_MAPS_H
#define BPF_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "vq_audit/abi.h"
#include "vq_audit/facts.h"

/*
 * A function that is not static is verified by itself, with arguments of any
 * value, and leaves its caller one state to follow; a static one is followed
 * from each call, down each of its paths. So whatever branches much is such a
 * function. It returns a number, and its pointers lead to a whole queue or to a
 * struct without pointers: what is read through them is a number to the verifier.
 */
#define verified_once __attribute__((noinline))

const volatile __u32 vqa_rate; /* records a second, rule and queue; 0: no limit */
const volatile __u32 vqa_recorder; /* operations kept of each queue: 0, or a power of two */
const volatile __u32 vqa_stall_ms; /* that a device may have a request; 0: as long as it likes */
const volatile __u8 vqa_patched; /* 1 on kernels with our series */
const volatile __u8 vqa_kfunc; /* 1 where bpf_virtqueue_break() exists */
const volatile __u64 vqa_key; /* odd, and secret: of digests of what the device can write */
const volatile __u8 vqa_dma; /* 1: keep the ledger of DMA mappings (level dma) */
const volatile __u8 vqa_identity; /* 1 where a bounce buffer's DMA address is its physical one */

/*
 * How kernel memory is read. The programs are built once for each, so that a hook has one of
 * them alone in it, and on its stack: see kernel_read.h.
 */
#ifndef VQA_DIRECT
#define VQA_DIRECT 1
#endif

/* 0, which the verifier does not know: a walk's counter that starts here converges at once. */
volatile __u32 vqa_zero;

/*
 * Set by user space once all programs are attached, until the first is detached. A queue
 * that was registered before would take what its first hooks do not see yet for missed;
 * and to the ledger a mapping that nobody saw any more would be none.
 */
volatile __u32 vqa_armed;

/* Queues, and places for more: there id.vq is 0, and the rest is left over. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 128);
	__type(key, __u32);
	__type(value, struct vqa_queue);
} queues SEC(".maps");

/* The place of each among them, by address of its struct virtqueue. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__type(key, __u64);
	__type(value, __u32);
} places SEC(".maps");

/* All zero: what a new queue starts from, since a value is too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vqa_queue);
} blank SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vqa_gone);
} gone SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

/* enum vqa_loss. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VQA_LOSS_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} losses SEC(".maps");

/* For user space alone: who began this audit, and how. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vqa_facts);
} facts SEC(".maps");

static __always_inline void count_loss(__u32 loss)
{
	__u64 *n = bpf_map_lookup_elem(&losses, &loss);

	if (n)
		(*n)++;
}

#endif
