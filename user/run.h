/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_RUN_H
#define VQA_USER_RUN_H

#include <argp.h>

#include "args.h"
#include "exit.h"
#include "policy.h"
#include "record.h"
#include "session.h"
#include "sink_spec.h"
#include "windows.h"
#include "vq_audit/progress.h"

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/** struct run_opts - what an audit is asked to do: the options of "run", and of "record" */
struct run_opts {
	const char **actions; /* as given, in order */
	size_t n_actions;
	struct args_common common;
	bool quiet, hard, allow_panic, timeline;
	enum color color;
	unsigned int rate, max_queues, ring_kib, recorder, stall_ms, max_mappings;
	bool dma; /* level dma */
	bool pin; /* the audit outlives the process */
	struct windows windows; /* as given, and then what devices offer */
	struct policy policy;
	struct session_opts session;
	struct sink_specs sinks;
	struct record *record; /* where violations are written beside the output, or NULL */
};

#define RUN_OPTS_INIT                                                                    \
	{                                                                                \
		.rate = 10, .max_queues = 128, .ring_kib = 256, .session.sweep_ms = 100, \
		.recorder = VQA_FLIGHT_DEFAULT, .stall_ms = VQA_STALL_DEFAULT,           \
		.max_mappings = 65536                                                    \
	}

/* The options of "run"; its input is a struct run_opts. */
extern const struct argp run__argp;

/** run__audit - audit as the options say, until the end; releases what parsing has made of them */
enum vqa_exit run__audit(struct run_opts *o);

#endif
