/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Long walks that the verifier accepts. It follows a loop iteration by
 * iteration and gives up at 8192 pending branches, so only a short stretch is
 * a plain loop; what is left of a longer chain goes through bpf_loop(), whose
 * callback is verified once.
 */
#ifndef BPF_WALK_H
#define BPF_WALK_H

#include <bpf/bpf_helpers.h>
#include "vq_audit/abi.h"

#define WALK_STRETCH 8
#define WALK_ROUNDS (VQA_RING_MAX / WALK_STRETCH)

/* Walks up to WALK_STRETCH steps, keeping its place in @ctx. Returns 1 when done. */
typedef long (*walk_fn)(__u32 round, void *ctx);

/* Calls @fn until it is done, for at most VQA_RING_MAX steps. */
static __always_inline void walk(walk_fn fn, void *ctx)
{
	if (!fn(0, ctx))
		bpf_loop(WALK_ROUNDS - 1, fn, ctx, 0);
}

#endif
