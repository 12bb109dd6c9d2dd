/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_METRICS_EMIT_H
#define VQA_USER_METRICS_EMIT_H

#include <stdbool.h>

#include "metrics.h"

/** struct emit - a family that is being printed */
struct emit {
	FILE *f;
	const char *name;
	const struct metrics_input *in;
};

/* Prints the samples of a family, from the member at offset @at, if that means anything to it. */
typedef void (*emit_fn)(const struct emit *e, size_t at);

/* Of each queue; what queues that went have counted is device "gone". */
void emit__counter(const struct emit *e, size_t at); /* of struct vqa_counters */
void emit__skips(const struct emit *e, size_t at);
void emit__violations(const struct emit *e, size_t at);
void emit__rules(const struct emit *e, size_t at);

/* Of each queue that there is. */
void emit__sweep(const struct emit *e, size_t at); /* of struct vqa_sweep_counters */
void emit__sweep_violations(const struct emit *e, size_t at);
void emit__queue_info(const struct emit *e, size_t at);
void emit__queue_size(const struct emit *e, size_t at);
void emit__queue_generation(const struct emit *e, size_t at);
void emit__queue_broken(const struct emit *e, size_t at);
void emit__queue_coverage(const struct emit *e, size_t at);

void emit__latency(const struct emit *e, size_t at); /* a struct vqa_histogram of its view */
void emit__depth(const struct emit *e, size_t at); /* so is this */
void emit__oldest(const struct emit *e, size_t at);

/* Of the run. */
void emit__build(const struct emit *e, size_t at);
void emit__run(const struct emit *e, size_t at);
void emit__stat(const struct emit *e, size_t at); /* a __u64 of struct stats */
void emit__stat_size(const struct emit *e, size_t at); /* a size_t of it */
void emit__input(const struct emit *e, size_t at); /* a __u64 of struct metrics_input */
void emit__queues(const struct emit *e, size_t at);
void emit__last_sweep(const struct emit *e, size_t at);
void emit__recoveries(const struct emit *e, size_t at);
void emit__losses(const struct emit *e, size_t at);
void emit__misses(const struct emit *e, size_t at);
void emit__runs(const struct emit *e, size_t at);
void emit__mappings(const struct emit *e, size_t at);
void emit__ledger(const struct emit *e, size_t at);
void emit__sink_taken(const struct emit *e, size_t at);
void emit__sink_lost(const struct emit *e, size_t at);
void emit__sink_waiting(const struct emit *e, size_t at);
void emit__cpu(const struct emit *e, size_t at);
void emit__memory(const struct emit *e, size_t at);

/** emit__sample - a sample with an integer; labels are names and values, up to a NULL */
void emit__sample(const struct emit *e, __u64 value, ...) __attribute__((sentinel));

/** emit__real - the same with a number that is none; it is not negative */
void emit__real(const struct emit *e, double value, ...) __attribute__((sentinel));

/** struct emit_queue - the labels that tell which queue */
struct emit_queue {
	char device[24], queue[12];
};

struct emit_queue emit__queue(const struct vqa_queue_id *q);

/** emit__escaped - text as the format wants it, in a label's quotes or not; any bytes will do */
void emit__escaped(FILE *f, const char *text, bool quoted);

#endif
