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
 * As many steps as a chain has descriptors: each one beyond, if only to find that the walk is
 * over, costs as much as a call. Without a branch, which the verifier would follow.
 */
#define WALK_CHAIN(n) ((n) & (2 * VQA_RING_MAX - 1))

/* Entries of the longest indirect table that is walked: what QEMU allows, and more than Linux uses.
 */
#define WALK_TABLE_MAX VQA_RING_MAX

#endif
