/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_RUN_H
#define VQA_USER_RUN_H

#include <argp.h>

#include "args.h"
#include "config.h"
#include "exit.h"
#include "policies.h"
#include "record.h"
#include "session.h"
#include "settings.h"
#include "sink_spec.h"
#include "windows.h"
#include "vq_audit/progress.h"

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/** struct run_opts - what an audit is asked to do: the options of "run", and of "record" */
struct run_opts {
	struct settings given; /* on the command line, in order */
	struct settings in_force; /* there and in files, without what others go before */
	const char *config_path; /* NULL: the default, if there is one */
	bool no_config;
	struct config config; /* what the files say: strings are there */
	struct args_common common;
	bool quiet, hard, allow_panic, timeline, no_seccomp;
	enum color color;
	unsigned int rate, max_queues, ring_kib, recorder, stall_ms, max_mappings, latency;
	bool dma; /* level dma */
	bool pin; /* the audit outlives the process */
	struct windows windows; /* as given, and then what devices offer */
	struct policies policies;
	struct session_opts session;
	struct sink_specs sinks;
	struct record *record; /* where violations are written beside the output, or NULL */
};

#define RUN_OPTS_INIT                                                                    \
	{                                                                                \
		.rate = 10, .max_queues = 128, .ring_kib = 256, .session.sweep_ms = 100, \
		.recorder = VQA_FLIGHT_DEFAULT, .stall_ms = VQA_STALL_DEFAULT,           \
		.max_mappings = 65536, .latency = VQA_LATENCY_DEFAULT                    \
	}

/*
 * The options of "run"; its input is a struct run_opts. What is made of them all together,
 * run_config__load() does.
 */
extern const struct argp run__argp;

/** run__set - one of them, whoever gives it. Return: as an argp parser */
error_t run__set(int key, char *arg, struct argp_state *state);

/** run__audit - audit as the options say, until the end; releases what was made of them */
enum vqa_exit run__audit(struct run_opts *o);

/** run__pin - begin that audit, pinned, and leave it; releases the same */
enum vqa_exit run__pin(struct run_opts *o);

#endif
