/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SESSION_H
#define VQA_USER_SESSION_H

#include <stdbool.h>

#include "audit.h"
#include "on_break.h"
#include "thin.h"
#include "sinks.h"

struct reload;

/** struct session_opts - how long to listen, and how often to speak of numbers */
struct session_opts {
	unsigned int duration_s; /* 0: until a signal */
	unsigned int stats_s; /* 0: at the end only */
	unsigned int sweep_ms; /* 0: no sweep */
	unsigned int look_ms; /* between two looks at progress; 0: none */
	unsigned int sweep_after_ms; /* before the first one */
	unsigned int latency; /* one buffer of so many is timed; 0: none */
	struct thin_opts thin;
	struct on_break on_break;
	unsigned int recover_attempts; /* an hour; 0: as many as are usual */
	unsigned int sweeps; /* end after so many; 0: go on */
	bool seal; /* give up the system calls that it takes no more */
	struct reload *reload; /* what SIGHUP leads to; NULL: the end, as ever */
};

/**
 * session__run - attach, pass on events until the end, detach
 *
 * @audit is open and not attached; @sinks are ready, and stay the caller's. Return: the exit code.
 */
enum vqa_exit session__run(struct audit *audit, struct sinks *sinks, const struct sink_start *start,
			   const struct session_opts *opts);

#endif
