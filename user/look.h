/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands share that look at the queues and end: list, scan, dump. */
#ifndef VQA_USER_LOOK_H
#define VQA_USER_LOOK_H

#include "args.h"
#include "audit.h"

struct look_opts {
	struct args_common common;
	unsigned int wait_ms;
};

#define LOOK_WAIT_MS 1000

#define LOOK_OPTS_INIT                  \
	{                               \
		.wait_ms = LOOK_WAIT_MS \
	}

/* Their options; the input is a struct look_opts. */
extern const struct argp look__argp;

/**
 * look__open - load the programs that @opts asks for, on the tier that this kernel has
 *
 * Return: as audit__open(), with opts->tier set.
 */
int look__open(struct audit **ret, struct audit_opts *opts, const struct look_opts *look);

/**
 * look__wait_ms - how long queues are to appear, which is said: 0 where all are known at once
 * @what: is done with those that appear, say "listed"
 */
unsigned int look__wait_ms(const struct look_opts *look, enum tier tier, const char *what);

/** look__wait - sleep that long */
void look__wait(const struct look_opts *look, enum tier tier, const char *what);

#endif
