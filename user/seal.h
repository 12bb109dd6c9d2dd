/* SPDX-License-Identifier: GPL-2.0 */
/* What the daemon may ask of the kernel once its programs are loaded and attached. */
#ifndef VQA_USER_SEAL_H
#define VQA_USER_SEAL_H

#include <stdbool.h>

/**
 * seal__close - give up every system call that an audit that runs has no need of
 *
 * Of all threads, for good; what is forked from here on inherits it, which is why programs of a
 * sink are started by a process from before (runner.h). Where the kernel has no seccomp, or the
 * build none of its own system calls (sanitizers), it says so on stderr, and all goes on.
 *
 * Return: 0 or -errno.
 */
int seal__close(void);

/** seal__is_closed - whether it was done */
bool seal__is_closed(void);

#endif
