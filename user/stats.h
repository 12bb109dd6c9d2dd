/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_STATS_H
#define VQA_USER_STATS_H

#include <stdbool.h>
#include <stddef.h>

#include "audit.h"
#include "coverage.h"
#include "free_list.h"
#include "ledger.h"
#include "recovery.h"
#include "thin.h"
#include "vq_audit/abi.h"

#define STATS_PROGRAMS 64

/** struct queue_view - a queue as it was last read */
struct queue_view {
	struct vqa_queue_id id;
	struct vqa_counters c; /* the violations that the sweep found, and the tail, among them */
	struct vqa_sweep_counters sweep;
	struct vqa_windows windows; /* where the device may reach; at level dma */
	struct vqa_histogram latency, depth; /* of the buffers that are timed */
	__s64 oldest_ns; /* that the device has had a buffer: oldest__ns() */
	struct vqa_survey survey; /* survey.found is 0 if it could not be read */
	enum coverage coverage;
	struct coverage_tail tail; /* that stands until a hook runs */
	enum free_list free_list;
	bool broken;
};

struct program_stats {
	const char *name;
	__u64 recursion_misses;
	__u64 run_cnt; /* 0 unless the kernel's bpf_stats are on */
	__u64 run_ns; /* so is this */
};

#define STATS_SINKS 16
#define SINK_NAME 64

/** struct sink_counts - what became of what a sink was to be told */
struct sink_counts {
	char name[SINK_NAME]; /* as the user wrote it */
	__u64 taken;
	__u64 full; /* lost: it was busy, and too many waited for it */
	__u64 failed; /* lost: it could not pass them on */
	__u64 waiting;
};

/** struct stats - everything that is counted */
struct stats {
	struct queue_view *queues; /* @n of them, by device and queue */
	size_t n;
	struct vqa_counters gone; /* of queues that were deleted */
	size_t n_gone;
	__u64 sweeps, sweep_overruns; /* over all queues */
	__u64 sweep_left_out; /* queues, as in struct sweeper */
	__u64 reloads, reloads_refused; /* of the configuration, since the start */
	__u64 untraced; /* readings while programs at functions were switched off */
	__u64 losses[VQA_LOSS_COUNT];
	__u64 recoveries[RECOVERY_COUNT]; /* attempts, by their outcome */
	struct ledger ledger;
	struct thin thin; /* what is left out */
	__u64 latency_sample; /* one buffer of so many is timed; 0: none */
	struct program_stats programs[STATS_PROGRAMS];
	size_t n_programs;
	struct sink_counts sinks[STATS_SINKS];
	size_t n_sinks;
	long long swept_ms; /* CLOCK_MONOTONIC of the last sweep, 0: there was none */
	int survey_err; /* why the driver's side of a queue could not be read, or 0 */
};

/** stats__init - an empty reading; release it with stats__free() */
void stats__init(struct stats *s);
void stats__free(struct stats *s);

/* How closely to look at each queue. Beyond the counters, its programs must be attached. */
enum stats_depth {
	STATS_COUNTERS, /* its counters; the judgement of the reading before stays */
	STATS_SURVEY, /* and the driver's side, its free list included */
	STATS_JUDGE, /* and whether its coverage holds */
};

/**
 * stats__read - read everything that the programs count
 *
 * Return: 0, or -errno; what could not be read is then as in the reading before.
 */
int stats__read(struct stats *s, const struct audit *a, enum stats_depth depth);

/** stats__copy - a reading of its own; release it with stats__free(). Return: 0 or -ENOMEM */
int stats__copy(struct stats *ret, const struct stats *s);

/** stats__total - the sum over all queues, those that are gone included */
void stats__total(const struct stats *s, struct vqa_counters *ret);

/** counters__skipped, counters__completions, counters__violations - sums of one queue's counters */
__u64 counters__skipped(const struct vqa_counters *c);
__u64 counters__completions(const struct vqa_counters *c);
__u64 counters__violations(const struct vqa_counters *c);

/** sink_counts__lost - what a sink was to be told and was not, for whatever reason */
__u64 sink_counts__lost(const struct sink_counts *c);

/** stats__sinks_lost - the same, of all sinks */
__u64 stats__sinks_lost(const struct stats *s);

/** sweep__violations - of one queue, found by the sweep */
__u64 sweep__violations(const struct vqa_sweep_counters *c);

#endif
