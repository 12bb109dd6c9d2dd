/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_METRICS_H
#define VQA_USER_METRICS_H

#include <stdio.h>

#include "sink.h"

/** struct metrics_input - what metrics are made of */
struct metrics_input {
	const struct stats *stats;
	const char *kernel; /* release */
	enum tier tier;
	__u64 scrapes, scrapes_dropped;
};

/** struct metric - a family of series */
struct metric {
	const char *name;
	const char *type; /* of Prometheus: "counter", "gauge" or "histogram" */
	const char *labels; /* with commas between; "" for none */
	const char *help;
};

/** metrics__next - the one after @m in the table, the first one after NULL; NULL after the last */
const struct metric *metrics__next(const struct metric *m);

/**
 * metrics__print - all of them, in Prometheus' text format 0.0.4
 *
 * Bounded: a series for each queue, and on it for each skip, for each bucket of
 * a histogram that is not empty, and for each rule that fired there.
 */
void metrics__print(FILE *f, const struct metrics_input *in);

#endif
