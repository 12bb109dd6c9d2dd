/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_ERROR_H
#define VQA_USER_ERROR_H

/** err__print - a line on stderr, with the command's name before it */
void err__print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * err__cannot_run - say on stderr why this cannot run here, and the way out
 * @way_out: what the user can do about it, or NULL
 * @fmt: the reason, without a full stop
 */
void err__cannot_run(const char *way_out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * err__str - text for an error number, positive or negative
 *
 * Knows ENOTSUPP, which the kernel returns and libc does not know. The text is
 * valid until the next call.
 */
const char *err__str(int err);

#endif
