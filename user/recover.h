/* SPDX-License-Identifier: GPL-2.0 */
/* Reset a device through its driver, after its queue was broken. docs/recover.md has the why. */
#ifndef VQA_USER_RECOVER_H
#define VQA_USER_RECOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "recovery.h"

#define RECOVER_TIMEOUT_S 20

/** struct recover_opts - how; zeroed: on this machine, and as carefully as can be */
struct recover_opts {
	const char *sysfs, *proc; /* NULL: where they are */
	const char *release; /* of the kernel; NULL: the one that runs */
	unsigned int timeout_ms; /* for the driver to let go, and again to take; 0: the default */
	bool force; /* although it would do harm */
};

/**
 * recover__find - the device of that name
 *
 * Return: whether there is one; if not, @ret says so, as a refusal.
 */
bool recover__find(const struct recover_opts *o, const char *name, struct recovery *ret);

/** recover__device - try once to recover the device that recover__find() found */
void recover__device(const struct recover_opts *o, struct recovery *ret);

/** recover__plan - what recover__device() is about to do, as a clause */
const char *recover__plan(const struct recover_opts *o, const struct recovery *r, char *buf,
			  size_t size);

/** recover__possible - whether sysfs can be written to. Return: 0 or -errno */
int recover__possible(const struct recover_opts *o);

#endif
