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

/*
 * As many steps as a chain of @n descriptors takes, ABREAST of them in a loop of each: a step
 * costs as much as a call. Without a branch, which the verifier would follow.
 */
#define ABREAST 16
#define WALK_CHAIN(n) (((n) + ABREAST - 1) / ABREAST & (2 * VQA_RING_MAX - 1))

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

/* The same for a chain; a short one is walked at once, without the two calls of a loop. */
#define walk_chain(fn, ctx, n)                               \
	do {                                                 \
		if ((n) <= ABREAST)                          \
			fn(0, ctx);                          \
		else                                         \
			bpf_loop(WALK_CHAIN(n), fn, ctx, 0); \
	} while (0)

/* Entries of the longest indirect table that is walked: what QEMU allows, and more than Linux uses.
 */
#define WALK_TABLE_MAX VQA_RING_MAX
#define WALK_TABLE (WALK_TABLE_MAX / ABREAST)

#endif
