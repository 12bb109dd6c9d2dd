/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel series of kern_patches/, as the running kernel has it. */
#ifndef VQA_USER_SERIES_H
#define VQA_USER_SERIES_H

#include <stdbool.h>

#include "kbtf.h"

/** struct series_event - a tracepoint of the series, with as many arguments as TP_PROTO has */
struct series_event {
	const char *name;
	int arguments;
};

#define SERIES_EVENTS 10
extern const struct series_event series__events[SERIES_EVENTS];

/** series__traces - whether the kernel has all the tracepoints of the series */
bool series__traces(const struct kbtf *btf);

/**
 * series__is_known - whether those that it has pass the arguments that the programs read
 *
 * The verifier would refuse them otherwise, in words that name no reason.
 */
bool series__is_known(const struct kbtf *btf);

#endif
