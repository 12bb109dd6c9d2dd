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

#endif
