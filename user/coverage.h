/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_COVERAGE_H
#define VQA_USER_COVERAGE_H

#include <stdbool.h>

#include "vq_audit/abi.h"

/* Whether every completion is accounted for, judged against the driver's own index. */
enum coverage {
	COVERAGE_BUSY, /* hooks ran all the time; no two reads agreed */
	COVERAGE_OK,
	COVERAGE_WRONG,
};

/**
 * coverage__holds - whether an index advanced by as many positions as were accounted for
 * @base: the driver's index when the audit of this generation of the queue began
 * @now: the driver's index; on packed rings, bit 15 is the wrap counter
 * @positions: audited and skipped since @base, in steps of the index
 *
 * Compares modulo the period of the index, so it does not matter how often one looks.
 */
bool coverage__holds(const struct vqa_queue_id *q, __u16 base, __u16 now, __u64 positions);

/** struct coverage_tail - completions after the last one that a hook saw, 0 if there are none */
struct coverage_tail {
	__u64 completions;
	__u32 steps; /* of the index */
};

/**
 * coverage__tail - what a queue completed since the last completion that a hook saw
 * @q: its driver is idle
 * @now: as above
 *
 * The next hook to run accounts for them, as missed; until then nobody has. On a
 * packed ring it takes what was recorded for what they were, as that hook does.
 * @ret is left alone if there are none.
 *
 * Return: whether there are any, and up to them every completion is accounted for.
 */
bool coverage__tail(const struct vqa_queue *q, __u16 now, struct coverage_tail *ret);

#endif
