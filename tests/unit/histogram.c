// SPDX-License-Identifier: GPL-2.0
/* Histograms: where a value counts, and what is read off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "histogram.h"
#include "json_stats.h"
#include "text_stats.h"

#define MS 1000000ULL

/* --- buckets ------------------------------------------------------------------- */

static void known(void **state)
{
	static const struct {
		__u64 value;
		__u32 unit, bucket;
	} all[] = {
		{ 0, VQA_DEPTH_UNIT, 0 },
		{ 1, VQA_DEPTH_UNIT, 0 },
		{ 2, VQA_DEPTH_UNIT, 1 },
		{ 8, VQA_DEPTH_UNIT, 7 },
		{ 9, VQA_DEPTH_UNIT, 8 },
		{ 10, VQA_DEPTH_UNIT, 8 },
		{ 11, VQA_DEPTH_UNIT, 9 },
		{ 16, VQA_DEPTH_UNIT, 11 },
		{ 17, VQA_DEPTH_UNIT, 12 },
		{ 1024, VQA_DEPTH_UNIT, 35 },
		{ 0, VQA_LATENCY_UNIT, 0 },
		{ 32, VQA_LATENCY_UNIT, 0 },
		{ 33, VQA_LATENCY_UNIT, 1 },
		{ 1024, VQA_LATENCY_UNIT, 15 },
		{ 1025, VQA_LATENCY_UNIT, 16 },
		{ 1ULL << 38, VQA_LATENCY_UNIT, 127 },
		{ 1ULL << 62, VQA_LATENCY_UNIT, 127 },
		{ ~0ULL, VQA_LATENCY_UNIT, 127 },
		{ ~0ULL, VQA_DEPTH_UNIT, 127 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_int_equal(vqa_bucket_of(all[i].value, all[i].unit), all[i].bucket);
}

/* One ends where the next begins, and all that is between them counts there. */
static void bounds(void **state)
{
	static const __u32 units[] = { VQA_DEPTH_UNIT, VQA_LATENCY_UNIT };

	(void)state;
	for (size_t u = 0; u < 2; u++)
		for (__u32 i = 0; i < VQA_BUCKETS - 1; i++) {
			__u64 below = vqa_bucket_below(i, units[u]);
			__u64 top = vqa_bucket_top(i, units[u]);

			assert_true(below < top);
			assert_int_equal(vqa_bucket_of(below + 1, units[u]), i);
			assert_int_equal(vqa_bucket_of(top, units[u]), i);
			assert_int_equal(vqa_bucket_of(top + 1, units[u]), i + 1);
			/* No wider than a quarter of what is below; at first a unit each. */
			assert_true((top - below) * 4 <= below || top - below == 1U << units[u]);
		}
}

static void gaps(void **state)
{
	static const __u32 ns[] = { 1, 2, 32, VQA_LATENCY_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		__u32 n = ns[i];

		assert_int_equal(vqa_gap(0, n), 1);
		assert_int_equal(vqa_gap(1U << 31, n), n);
		assert_int_equal(vqa_gap(~0U, n), 2 * n - 1);
	}
}

/* --- what is read off ---------------------------------------------------------- */

static void count(struct vqa_histogram *h, __u64 value, __u32 unit)
{
	h->sum += value;
	h->bucket[vqa_bucket_of(value, unit)]++;
}

static void empty(void **state)
{
	const struct vqa_histogram h = { 0 };

	(void)state;
	assert_int_equal(histogram__count(&h), 0);
	assert_int_equal(histogram__mean(&h), 0);
	assert_int_equal(histogram__quantile(&h, VQA_LATENCY_UNIT, 500), 0);
	assert_int_equal(histogram__up_to(&h, VQA_LATENCY_UNIT, ~0ULL), 0);
}

static int by_value(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Of whatever lay in it, less than a quarter off; a thousand random ones over six decades. */
static void quantiles(void **state)
{
	static const unsigned int shares[] = { 1, 10, 250, 500, 900, 990, 999, 1000 };
	static __u64 values[1000];
	struct vqa_histogram h = { 0 };

	(void)state;
	srandom(1);
	for (int i = 0; i < 1000; i++) {
		values[i] = (1000 + random() % 1000) << random() % 20;
		count(&h, values[i], VQA_LATENCY_UNIT);
	}
	qsort(values, 1000, sizeof(values[0]), by_value);
	assert_int_equal(histogram__count(&h), 1000);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		double exact = values[shares[i] - 1];
		double read = histogram__quantile(&h, VQA_LATENCY_UNIT, shares[i]);

		assert_true(read > 0.75 * exact && read < 1.25 * exact);
	}
}

/* Up to eight buffers, each depth is a bucket of its own. */
static void exact_depths(void **state)
{
	(void)state;
	for (__u64 depth = 1; depth <= 8; depth++) {
		struct vqa_histogram h = { 0 };

		for (int i = 0; i < 5; i++)
			count(&h, depth, VQA_DEPTH_UNIT);
		assert_int_equal(histogram__quantile(&h, VQA_DEPTH_UNIT, 1), depth);
		assert_int_equal(histogram__quantile(&h, VQA_DEPTH_UNIT, 500), depth);
		assert_int_equal(histogram__quantile(&h, VQA_DEPTH_UNIT, 1000), depth);
		assert_int_equal(histogram__mean(&h), depth);
	}
}

/* More than fit into permille: no product may overflow. */
static void many(void **state)
{
	struct vqa_histogram h = { 0 };

	(void)state;
	h.bucket[3] = 1ULL << 62;
	h.bucket[5] = 1ULL << 60;
	assert_int_equal(histogram__quantile(&h, VQA_DEPTH_UNIT, 500), 4);
	assert_int_equal(histogram__quantile(&h, VQA_DEPTH_UNIT, 999), 6);
}

static void sums(void **state)
{
	struct vqa_histogram h = { 0 };

	(void)state;
	for (__u64 v = 1; v <= 20; v++)
		count(&h, v, VQA_DEPTH_UNIT);
	count(&h, ~0ULL, VQA_DEPTH_UNIT);
	assert_int_equal(histogram__up_to(&h, VQA_DEPTH_UNIT, 1), 1);
	assert_int_equal(histogram__up_to(&h, VQA_DEPTH_UNIT, 8), 8);
	assert_int_equal(histogram__up_to(&h, VQA_DEPTH_UNIT, 16), 16);
	/* The last bucket has no end. */
	assert_int_equal(histogram__up_to(&h, VQA_DEPTH_UNIT, ~0ULL), 20);
	assert_int_equal(histogram__count(&h), 21);
}

static void since(void **state)
{
	struct vqa_histogram before = { 0 }, now, fresh = { 0 }, d;

	(void)state;
	count(&before, 3, VQA_DEPTH_UNIT);
	now = before;
	count(&now, 7, VQA_DEPTH_UNIT);
	d = histogram__since(&now, &before);
	assert_int_equal(histogram__count(&d), 1);
	assert_int_equal(histogram__quantile(&d, VQA_DEPTH_UNIT, 500), 7);
	assert_int_equal(d.sum, 7);
	count(&fresh, 5, VQA_DEPTH_UNIT);
	d = histogram__since(&fresh, &before);
	assert_int_equal(d.sum, 5);
	assert_int_equal(histogram__quantile(&d, VQA_DEPTH_UNIT, 500), 5);
}

/* --- the oldest in flight ------------------------------------------------------ */

static void oldest(void **state)
{
	static struct vqa_queue q = { .id.num = 8 };
	const __u64 now = 10000 * MS;

	(void)state;
	assert_int_equal(oldest__ns(&q, now), -1);
	q.head[1].state = VQA_HEAD_IN_FLIGHT; /* no look has met it */
	assert_int_equal(oldest__ns(&q, now), 0);
	q.progress.born[1] = 9000;
	assert_int_equal(oldest__ns(&q, now), 1000 * MS);
	q.progress.born[1] |= 1U << 31; /* it was reported */
	assert_int_equal(oldest__ns(&q, now), 1000 * MS);
	q.head[2].state = VQA_HEAD_IN_FLIGHT; /* one that is timed */
	q.head[2].marks = VQA_HEAD_TIMED;
	q.since[2] = 8000 * MS + 5;
	assert_int_equal(oldest__ns(&q, now), 2000 * MS - 5);
	q.head[2].state = VQA_HEAD_DONE;
	assert_int_equal(oldest__ns(&q, now), 1000 * MS);
	q.progress.born[3] = 5000; /* from before the start */
	assert_int_equal(oldest__ns(&q, now), 5000 * MS);
	q.since[2] = now + 1; /* published behind the reading of the clock */
	q.head[2].state = VQA_HEAD_RACED;
	q.progress.born[3] = 0;
	q.head[1].state = VQA_HEAD_DONE;
	assert_int_equal(oldest__ns(&q, now), 0);
}

/* --- what is said of them ------------------------------------------------------ */

static struct stats *reading(void)
{
	static struct queue_view v;
	static struct stats s = { .queues = &v, .n = 1, .latency_sample = 32 };

	v = (struct queue_view){ .oldest_ns = 17 };
	for (int i = 0; i < 4; i++) {
		count(&v.latency, 200 * MS, VQA_LATENCY_UNIT);
		count(&v.depth, 4, VQA_DEPTH_UNIT);
	}
	return &s;
}

static void text(void **state)
{
	struct stats *s = reading();
	char *said = NULL;
	size_t size;
	FILE *f = open_memstream(&said, &size);

	(void)state;
	text_stats__print(f, s, true);
	fflush(f);
	/* Half of four, and all four, of the way from 168 to 201 ms. */
	assert_non_null(strstr(said, "4 timed: latency p50 184.5 ms, p99 201.3 ms"));
	assert_non_null(strstr(said, "depth p50 4, p99 4"));
	memset(&s->queues->latency, 0, sizeof(s->queues->latency));
	rewind(f);
	text_stats__print(f, s, true);
	fclose(f);
	said[size] = 0;
	assert_null(strstr(said, "timed"));
	free(said);
}

static void json(void **state)
{
	struct stats *s = reading();
	json_t *record = json_stats(s, false), *queue, *latency;
	json_int_t top, n, p50;

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(record, "latency_sample")), 32);
	queue = json_array_get(json_object_get(record, "queues"), 0);
	assert_int_equal(json_integer_value(json_object_get(queue, "oldest_ns")), 17);
	latency = json_object_get(queue, "latency_ns");
	assert_int_equal(
		json_unpack(latency, "{s:I, s:[[I, I!]!]}", "p50", &p50, "buckets", &top, &n), 0);
	assert_int_equal(top, 3ULL << 26);
	assert_int_equal(n, 4);
	assert_int_equal(p50, 11ULL << 24);
	assert_int_equal(json_integer_value(json_object_get(latency, "sum")), 800 * MS);
	json_decref(record);
	s->queues->oldest_ns = -1;
	record = json_stats(s, false);
	queue = json_array_get(json_object_get(record, "queues"), 0);
	assert_true(json_is_null(json_object_get(queue, "oldest_ns")));
	json_decref(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),     cmocka_unit_test(bounds),
		cmocka_unit_test(gaps),	     cmocka_unit_test(empty),
		cmocka_unit_test(quantiles), cmocka_unit_test(exact_depths),
		cmocka_unit_test(many),	     cmocka_unit_test(sums),
		cmocka_unit_test(since),     cmocka_unit_test(oldest),
		cmocka_unit_test(text),	     cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
