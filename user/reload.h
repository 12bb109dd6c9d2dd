/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration anew, beneath an audit that goes on. */
#ifndef VQA_USER_RELOAD_H
#define VQA_USER_RELOAD_H

#include "run.h"

/** struct reload - what a run began with, and what is in force by now */
struct reload {
	const struct run_opts *start; /* of it some things stay until the end */
	const struct sink *like; /* as sinks were opened */
	enum tier tier;
	struct run_opts latest; /* as the files said last, if they were read again */
	bool any;
};

/**
 * reload__run - read the configuration, and change what can be changed
 * @session: gets what the session itself is to do differently
 * @thin: is changed
 *
 * Says on stderr what was done, and what takes a restart. Return: 0; or -errno after having
 * said why not, and nothing has changed.
 */
int reload__run(struct reload *r, struct audit *audit, struct sinks *sinks,
		struct session_opts *session, struct thin *thin);

void reload__free(struct reload *r);

#endif
