/* SPDX-License-Identifier: GPL-2.0 */
#include "histogram.h"

#include <stdbool.h>

#include "vq_audit/progress.h"

__u64 histogram__count(const struct vqa_histogram *h)
{
	__u64 n = 0;

	for (__u32 i = 0; i < VQA_BUCKETS; i++)
		n += h->bucket[i];
	return n;
}

__u64 histogram__up_to(const struct vqa_histogram *h, __u32 unit, __u64 top)
{
	__u64 n = 0;

	for (__u32 i = 0; i < VQA_BUCKETS - 1 && vqa_bucket_top(i, unit) <= top; i++)
		n += h->bucket[i];
	return n;
}

__u64 histogram__mean(const struct vqa_histogram *h)
{
	__u64 n = histogram__count(h);

	return n ? h->sum / n : 0;
}

/* The @rank-th of @n values in a bucket, 1 being the first. */
static __u64 inside(__u32 bucket, __u32 unit, __u64 rank, __u64 n)
{
	__u64 below = vqa_bucket_below(bucket, unit);
	double width = vqa_bucket_top(bucket, unit) - below;
	__u64 into = width * rank / n;

	return below + (into ?: 1);
}

__u64 histogram__quantile(const struct vqa_histogram *h, __u32 unit, unsigned int permille)
{
	__u64 n = histogram__count(h),
	      rank = n / 1000 * permille + (n % 1000 * permille + 999) / 1000;

	rank = rank ?: 1;
	for (__u32 i = 0; n && i < VQA_BUCKETS; i++) {
		if (rank <= h->bucket[i])
			return inside(i, unit, rank, h->bucket[i]);
		rank -= h->bucket[i];
	}
	return 0;
}

struct vqa_histogram histogram__since(const struct vqa_histogram *now,
				      const struct vqa_histogram *before)
{
	struct vqa_histogram since = { .sum = now->sum - before->sum };

	for (__u32 i = 0; i < VQA_BUCKETS; i++) {
		if (now->bucket[i] < before->bucket[i])
			return *now;
		since.bucket[i] = now->bucket[i] - before->bucket[i];
	}
	return since;
}

/* Of a buffer from before the start only looks know. */
static __s64 age(const struct vqa_queue *q, __u32 id, __u64 now_ns)
{
	const struct vqa_head *head = &q->head[id];
	__u32 born = q->progress.born[id] & VQA_BORN_MS;

	if (head->state == VQA_HEAD_DONE)
		return -1;
	if (head->state != VQA_HEAD_NEVER && head->marks & VQA_HEAD_TIMED)
		return now_ns > q->since[id] ? now_ns - q->since[id] : 0;
	if (born)
		return vqa_age(born, now_ns / 1000000) * 1000000LL;
	return head->state == VQA_HEAD_NEVER ? -1 : 0;
}

__s64 oldest__ns(const struct vqa_queue *q, __u64 now_ns)
{
	__s64 oldest = -1;

	for (__u32 id = 0; id < q->id.num && id < VQA_RING_MAX; id++) {
		__s64 this = age(q, id, now_ns);

		oldest = this > oldest ? this : oldest;
	}
	return oldest;
}
