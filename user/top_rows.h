/* SPDX-License-Identifier: GPL-2.0 */
/* What "top" shows, as numbers: two readings of the counters, and what lies between. Pure. */
#ifndef VQA_USER_TOP_ROWS_H
#define VQA_USER_TOP_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats.h"
#include "top_number.h"

enum top_sort { TOP_BY_NAME, TOP_BY_RATE, TOP_BY_VIOLATIONS, TOP_BY_P99 };

/** struct top_row - a queue; TOP_UNKNOWN is what cannot be told */
struct top_row {
	struct vqa_queue_id id;
	__u64 in_flight; /* descriptors */
	__u64 rate; /* buffers that came back, a second */
	__u64 p50_ns, p99_ns; /* that the device had those that were timed, between the readings */
	__u64 oldest_ns; /* in flight */
	__u64 audited, completions; /* since its audit began */
	__u64 violations; /* the same; without those of rules that are to be ignored */
	int rule; /* the one violated most, or -1 */
	bool broken, unaccounted;
};

/** struct top_sums - over all queues, whatever is shown of them */
struct top_sums {
	struct vqa_counters total; /* since the audit began */
	__u64 rate;
	__u64 sweeps; /* between the readings, whoever swept */
	__u64 missed; /* times that a program did not run */
	__u64 ms; /* between the readings; 0: there is but one */
	size_t devices, queues, gone, broken, unaccounted;
};

/** struct top_view - everything that is shown */
struct top_view {
	struct top_row *rows; /* @n of them; release with top_view__free() */
	size_t n;
	struct top_sums sums;
	__u64 losses[VQA_LOSS_COUNT];
};

/**
 * top_view__make - rows of the devices that are asked for, sums of all
 * @before: the reading before, NULL: there is none
 * @ms: between the two
 * @devices: virtioN or bus ids, a list that ends with NULL; an empty one is all
 *
 * Return: 0 or -ENOMEM.
 */
int top_view__make(struct top_view *ret, const struct stats *before, const struct stats *now,
		   __u64 ms, char *const *devices);
void top_view__free(struct top_view *v);

/** top_view__sort - the largest first, and what is unknown last; else by device and queue */
void top_view__sort(struct top_view *v, enum top_sort by);

#endif
