/* SPDX-License-Identifier: GPL-2.0 */
/* What is read off the histograms of a queue. */
#ifndef VQA_USER_HISTOGRAM_H
#define VQA_USER_HISTOGRAM_H

#include "vq_audit/abi.h"

/** histogram__count - values that were counted */
__u64 histogram__count(const struct vqa_histogram *h);

/** histogram__up_to - those of them up to @top, which is the end of a bucket: any power of two is
 */
__u64 histogram__up_to(const struct vqa_histogram *h, __u32 unit, __u64 top);

/**
 * histogram__quantile - the value up to which a share of all values goes
 * @unit: VQA_LATENCY_UNIT: ns, VQA_DEPTH_UNIT: buffers
 * @permille: 500 is the median
 *
 * Values are taken to be spread evenly over their bucket. Return: wrong by less than a quarter;
 * exact up to eight units; 0 if nothing was counted.
 */
__u64 histogram__quantile(const struct vqa_histogram *h, __u32 unit, unsigned int permille);

/** histogram__mean - 0 if nothing was counted */
__u64 histogram__mean(const struct vqa_histogram *h);

/**
 * histogram__since - what was counted since a reading before
 *
 * Of another queue, or of a time before this one, there is nothing in common: then it is @now.
 */
struct vqa_histogram histogram__since(const struct vqa_histogram *now,
				      const struct vqa_histogram *before);

/**
 * oldest__ns - how long the device has had the buffer that it has had for longest
 * @q: as it was just read
 * @now_ns: CLOCK_MONOTONIC
 *
 * A timed buffer's age is exact. That of another one is known from the first look at progress
 * that met it, so that of up to the time between two looks (--stall-ms) may be missing; one that
 * no look has met yet counts nothing.
 *
 * Return: -1 if nothing is known to be in flight.
 */
__s64 oldest__ns(const struct vqa_queue *q, __u64 now_ns);

#endif
