/* SPDX-License-Identifier: GPL-2.0 */
/* What is written to sysfs to reset a device, by a process that may hang there for ever. */
#ifndef VQA_USER_REBIND_H
#define VQA_USER_REBIND_H

#include <stdbool.h>
#include <stddef.h>

/** struct rebind_step - a word that is written to a file; the next one only if that succeeds */
struct rebind_step {
	const char *path, *word;
	const char *aim; /* for people: what a driver does not do if it fails */
};

/** struct rebind_result - how far it came */
struct rebind_result {
	size_t step; /* that failed, or did not return; the number of steps if all is done */
	int err; /* -errno of that one; -ETIMEDOUT: it did not return in time */
	char where[64]; /* the kernel's function that it waits in, or "" */
};

/**
 * rebind__run - write the words, in order, each of them for at most @timeout_ms
 *
 * A process of its own writes, which keeps none of our files: one that waits in
 * the kernel cannot be killed, and whoever reads our output must see its end.
 *
 * Return: 0 once it has an outcome, or -errno if there is no process.
 */
int rebind__run(const struct rebind_step *steps, size_t n, unsigned int timeout_ms,
		struct rebind_result *ret);

#endif
