/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walks that the verifier accepts: one step per call of the callback, which is
 * verified by itself. A plain loop is followed iteration by iteration, and
 * given up at 8192 pending branches; even eight unrolled steps multiply with
 * whatever the walk is part of.
 */
#ifndef BPF_WALK_H
#define BPF_WALK_H

#include <bpf/bpf_helpers.h>
#include "vq_audit/abi.h"

/*
 * Calls a step, long fn(__u32 i, void *ctx), until it returns 1, for at most
 * @steps times. A macro: the callback must be a constant.
 */
#define walk(fn, ctx, steps) bpf_loop(steps, fn, ctx, 0)

/* Descriptors that a step goes along at most where they are in one piece: it costs as a call does.
 */
#define ABREAST 16

/*
 * Runs that a chain is followed for at once, and in each step of a loop: there the verifier goes
 * each way through all of them.
 */
#define RUNS (VQA_DIRECT ? 6 : ABREAST)
#define RUNS_LOOPED (VQA_DIRECT ? 3 : ABREAST)

/* Steps that a chain of @n takes at most. Without a branch, which the verifier would follow. */
#define WALK_CHAIN(n) ((n) & (2 * VQA_RING_MAX - 1))

/*
 * One less to go. Out of sight of clang, which would count upwards as well and compare the two:
 * to the verifier each end of the loop would be another one.
 */
#define walk_on(left)              \
	({                         \
		(left)--;          \
		barrier_var(left); \
	})

/*
 * Calls int fn(ctx, run, k, ...) for the descriptors of a run, until it returns 0: by a branch for
 * each, and no loop, whose counter would be no constant.
 */
#define along_run(fn, ctx, run, ...)                                                           \
	((void)(fn(ctx, run, 0, ##__VA_ARGS__) && RUN > 1 && fn(ctx, run, 1, ##__VA_ARGS__) && \
		fn(ctx, run, 2, ##__VA_ARGS__) && fn(ctx, run, 3, ##__VA_ARGS__)))

/*
 * Whether the @k-th descriptor of a run that began at @at, @d, is followed by one that is of it
 * too: the chain, which had @left to go from there, goes on, at the next place.
 */
static __always_inline int run_goes_on(__u32 left, __u32 at, struct vqa_desc d, const __u32 k)
{
	return left != k + 1 && (d.rest >> 48) - at == k + 1;
}

/*
 * Calls a step, long fn(void *ctx, const __u32 runs), for a chain of @n: a short one is walked at
 * once, without the two calls of a loop, which are of @looped.
 */
#define walk_chain(fn, looped, ctx, n)                           \
	do {                                                     \
		if (!fn(ctx, RUNS))                              \
			bpf_loop(WALK_CHAIN(n), looped, ctx, 0); \
	} while (0)

/* Entries of the longest indirect table that is walked: what QEMU allows, and more than Linux uses.
 */
#define WALK_TABLE_MAX VQA_RING_MAX
#define WALK_TABLE (WALK_TABLE_MAX / ABREAST)

#endif
