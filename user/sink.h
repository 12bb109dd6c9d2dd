/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SINK_H
#define VQA_USER_SINK_H

#include <stdbool.h>

#include "flight.h"
#include "out.h"
#include "policy.h"
#include "recovery.h"
#include "stats.h"
#include "tier.h"
#include "vq_audit/abi.h"

/** struct sink_start - what a run begins with */
struct sink_start {
	const char *kernel; /* release */
	enum tier tier;
	struct policy policy;
	__u32 rate; /* records per second, rule and queue; 0: no limit */
	bool taken_over; /* from a process before, and so are the counters */
};

/** struct sink_loss - records or calls that were lost since the last time */
struct sink_loss {
	const char *which; /* a word for programs */
	const char *text; /* a clause for people */
	__u64 count;
	__u64 total; /* since the start */
};

/** struct sink_stop - what a run ends with */
struct sink_stop {
	const char *reason;
	__u64 violations; /* counted, on record or not */
	bool goes_on; /* the audit, without us */
	int exit;
};

struct sink;

/*
 * Each returns 0 or -errno. Who feeds several sinks (outlet.h) leaves out what is
 * NULL here, and counts what fails.
 */
struct sink_ops {
	int (*start)(struct sink *s, const struct sink_start *start);
	int (*queue)(struct sink *s, const struct vqa_event *e);
	/* @flight may have no operations. */
	int (*violation)(struct sink *s, const struct vqa_event *e, const struct flight *flight);
	int (*recovery)(struct sink *s, const struct recovery *r);
	int (*stats)(struct sink *s, const struct stats *stats, bool final);
	int (*lost)(struct sink *s, const struct sink_loss *loss);
	int (*stop)(struct sink *s, const struct sink_stop *stop);
	/* The counters once a second, whether anybody is to be told or not. */
	int (*tick)(struct sink *s, const struct stats *stats);
	/* From another thread: what is in one of the others is to come back soon. */
	void (*interrupt)(struct sink *s);
	/* All was said: let go of everything, @s itself included. */
	void (*close)(struct sink *s);
};

/** struct sink - a form of output, and where it goes */
struct sink {
	const struct sink_ops *ops;
	struct out *out; /* events; NULL if they go elsewhere */
	struct out *log; /* text only: what is no event */
	enum tier tier;
	bool quiet; /* violations, losses and the end alone */
	bool color;
	long long clock_ns; /* text only: CLOCK_REALTIME - CLOCK_MONOTONIC; 0: as they are now */
	unsigned int timeline; /* text only: operations shown before a violation */
};

extern const struct sink_ops sink_text;
extern const struct sink_ops sink_json;

#endif
