/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Histograms of a queue: how long the device had a buffer, and how many it had.
 * Pure as check.h is.
 *
 * Log-linear: up to eight units a bucket for each, then four for each power of
 * two. So what is read off a bucket is wrong by less than a quarter, and each
 * power of two is the end of a bucket.
 */
#ifndef VQ_AUDIT_HISTOGRAM_H
#define VQ_AUDIT_HISTOGRAM_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define VQA_BUCKETS 128 /* a power of two; the last one has all that is larger, too */
#define VQA_BUCKETS_LOG 2 /* of the buckets for each power of two */

#define VQA_LATENCY_DEFAULT 32 /* one buffer of so many is timed */
#define VQA_LATENCY_MAX 65536

/* The unit, as a power of two. */
#define VQA_LATENCY_UNIT 5 /* 32 ns: the last bucket begins at 240 s */
#define VQA_DEPTH_UNIT 0 /* a buffer */

/**
 * struct vqa_histogram - of one queue, since it was registered
 *
 * Written by hooks that the driver serialises per queue, so plain and exact.
 */
struct vqa_histogram {
	__u64 sum; /* of the values themselves: ns, buffers */
	__u64 bucket[VQA_BUCKETS];
};

static inline __u32 vqa_log2(__u64 v)
{
	__u32 log = 0;

	for (__u32 step = 32; step; step /= 2) {
		if (v >> step) {
			v >>= step;
			log += step;
		}
	}
	return log;
}

/* The bucket of @v units, from 0 on, if there were buckets without end. */
static inline __u32 vqa_bucket_at(__u64 v)
{
	__u32 log = vqa_log2(v | 1 << VQA_BUCKETS_LOG);
	__u32 shift = log - VQA_BUCKETS_LOG;

	return (shift << VQA_BUCKETS_LOG) + (v >> shift);
}

/**
 * vqa_bucket_of() - the bucket in which a value counts
 * @value: not 0, which counts as 1
 * @unit: VQA_LATENCY_UNIT, VQA_DEPTH_UNIT
 *
 * Return: below VQA_BUCKETS, whatever the value.
 */
static inline __u32 vqa_bucket_of(__u64 value, __u32 unit)
{
	__u32 bucket = vqa_bucket_at((value - !!value) >> unit);

	return bucket < VQA_BUCKETS ? bucket : VQA_BUCKETS - 1;
}

/** vqa_bucket_below() - the largest value that counts below a bucket: 0 below the first */
static inline __u64 vqa_bucket_below(__u32 bucket, __u32 unit)
{
	const __u32 sub = 1 << VQA_BUCKETS_LOG;
	__u32 shift = bucket < sub ? 0 : bucket / sub - 1;

	return ((__u64)(bucket - shift * sub) << shift) << unit;
}

/** vqa_bucket_top() - the largest value that counts in a bucket */
static inline __u64 vqa_bucket_top(__u32 bucket, __u32 unit)
{
	return vqa_bucket_below(bucket + 1, unit);
}

/*
 * How many buffers on the next one that is timed comes: 1 to 2 * @n - 1, each as
 * likely, and @n on the average. No load is periodic enough to be met at the same
 * buffer again and again.
 * @random: of 32 bits
 */
static inline __u32 vqa_gap(__u32 random, __u32 n)
{
	return 1 + ((__u64)random * (2 * n - 1) >> 32);
}

#endif
