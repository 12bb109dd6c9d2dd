/* SPDX-License-Identifier: GPL-2.0 */
#include "top_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "histogram.h"

/* The same queue, with the same account: one that took its place and address began anew. */
static const struct queue_view *find_before(const struct stats *before, const struct queue_view *v)
{
	for (size_t i = 0; before && i < before->n; i++) {
		const struct queue_view *it = &before->queues[i];

		if (it->id.vq == v->id.vq && it->id.vdev_index == v->id.vdev_index &&
		    it->id.index == v->id.index && it->c.published <= v->c.published)
			return it;
	}
	return NULL;
}

static __u64 per_second(__u64 n, __u64 ns)
{
	return n * 1e9 / ns + 0.5;
}

static __u64 told(const struct vqa_counters *c)
{
	__u64 all = counters__violations(c);

	return all > c->ignored ? all - c->ignored : 0;
}

static int worst_rule(const struct vqa_counters *c)
{
	int worst = -1;

	for (int i = 0; i < VQA_RULE_COUNT; i++)
		if (c->violations[i] && (worst < 0 || c->violations[i] > c->violations[worst]))
			worst = i;
	return worst;
}

static __u64 in_flight(const struct queue_view *v)
{
	if (!v->survey.found)
		return TOP_UNKNOWN;
	/* A damaged free list can make the driver count beyond the ring. */
	return v->survey.num_free < v->id.num ? v->id.num - v->survey.num_free : 0;
}

/* Of those that came back between the readings, if any of them was timed. */
static __u64 latency(const struct queue_view *before, const struct queue_view *v,
		     unsigned int permille)
{
	struct vqa_histogram h = v->latency;

	if (before)
		h = histogram__since(&v->latency, &before->latency);
	if (!histogram__count(&h))
		return TOP_UNKNOWN;
	return histogram__quantile(&h, VQA_LATENCY_UNIT, permille);
}

/* One that came meanwhile counts from nothing, over a time that is not known. */
static __u64 rate(const struct queue_view *before, const struct queue_view *v)
{
	__u64 then = before ? counters__completions(&before->c) : 0;
	__u64 now = counters__completions(&v->c);

	if (!before || v->read_ns <= before->read_ns || now < then)
		return TOP_UNKNOWN;
	return per_second(now - then, v->read_ns - before->read_ns);
}

static struct top_row make_row(const struct queue_view *before, const struct queue_view *v)
{
	struct top_row row = {
		.id = v->id,
		.in_flight = in_flight(v),
		.rate = rate(before, v),
		.p50_ns = latency(before, v, 500),
		.p99_ns = latency(before, v, 990),
		.oldest_ns = v->oldest_ns > 0 ? (__u64)v->oldest_ns : TOP_UNKNOWN,
		.audited = v->c.audited,
		.completions = counters__completions(&v->c),
		.violations = told(&v->c),
		.rule = worst_rule(&v->c),
		.broken = v->broken || (v->survey.found && v->survey.broken),
		.unaccounted = v->coverage == COVERAGE_WRONG,
	};

	if (!row.in_flight) /* what is on record came back unseen */
		row.oldest_ns = TOP_UNKNOWN;
	return row;
}

static bool is_asked_for(const struct vqa_queue_id *q, char *const *devices)
{
	char name[24];

	if (!devices || !*devices)
		return true;
	snprintf(name, sizeof(name), "virtio%u", q->vdev_index);
	for (; *devices; devices++)
		if (!strcmp(name, *devices) || !strncmp(q->bus, *devices, sizeof(q->bus) - 1))
			return true;
	return false;
}

/* Sums over queues, which are in the order of their devices. */
static void add_queue(struct top_sums *sums, const struct queue_view *v, const struct top_row *row,
		      const struct queue_view *before)
{
	__u64 sweeps = before ? v->sweep.sweeps - before->sweep.sweeps : 0;

	if (row->rate != TOP_UNKNOWN)
		sums->rate += row->rate;
	if (sweeps > sums->sweeps) /* a broken one has none */
		sums->sweeps = sweeps;
	sums->queues++;
	sums->broken += row->broken;
	sums->unaccounted += row->unaccounted;
}

static void sum_up(struct top_view *ret, const struct stats *now, __u64 ms)
{
	struct top_sums *sums = &ret->sums;

	stats__total(now, &sums->total);
	sums->ms = ms;
	sums->gone = now->n_gone;
	for (size_t i = 0; i < now->n; i++)
		sums->devices +=
			!i || now->queues[i].id.vdev_index != now->queues[i - 1].id.vdev_index;
	for (size_t i = 0; i < now->n_programs; i++)
		sums->missed += now->programs[i].recursion_misses;
	memcpy(ret->losses, now->losses, sizeof(ret->losses));
}

int top_view__make(struct top_view *ret, const struct stats *before, const struct stats *now,
		   __u64 ms, char *const *devices)
{
	memset(ret, 0, sizeof(*ret));
	ret->rows = calloc(now->n ?: 1, sizeof(*ret->rows));
	if (!ret->rows)
		return -ENOMEM;
	for (size_t i = 0; i < now->n; i++) {
		const struct queue_view *v = &now->queues[i], *then = find_before(before, v);
		struct top_row row = make_row(then, v);

		add_queue(&ret->sums, v, &row, then);
		if (is_asked_for(&v->id, devices))
			ret->rows[ret->n++] = row;
	}
	sum_up(ret, now, before ? ms : 0);
	return 0;
}

void top_view__free(struct top_view *v)
{
	free(v->rows);
	memset(v, 0, sizeof(*v));
}

static int by_name(const void *a, const void *b)
{
	const struct vqa_queue_id *x = &((const struct top_row *)a)->id;
	const struct vqa_queue_id *y = &((const struct top_row *)b)->id;

	if (x->vdev_index != y->vdev_index)
		return x->vdev_index < y->vdev_index ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* What is unknown goes behind all that is not: one more than that is nothing. */
static int larger_first(__u64 x, __u64 y, const void *a, const void *b)
{
	x++;
	y++;
	return x == y ? by_name(a, b) : x > y ? -1 : 1;
}

#define LARGER_FIRST(name, member)                                              \
	static int name(const void *a, const void *b)                           \
	{                                                                       \
		return larger_first(((const struct top_row *)a)->member,        \
				    ((const struct top_row *)b)->member, a, b); \
	}

LARGER_FIRST(by_rate, rate)
LARGER_FIRST(by_violations, violations)
LARGER_FIRST(by_p99, p99_ns)

void top_view__sort(struct top_view *v, enum top_sort by)
{
	static int (*const order[])(const void *a, const void *b) = {
		[TOP_BY_NAME] = by_name,
		[TOP_BY_RATE] = by_rate,
		[TOP_BY_VIOLATIONS] = by_violations,
		[TOP_BY_P99] = by_p99,
	};

	qsort(v->rows, v->n, sizeof(*v->rows), order[by]);
}
