/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SINK_EXEC_H
#define VQA_USER_SINK_EXEC_H

#include "sink.h"

#define SINK_EXEC_AT_ONCE 4 /* programs that run at the same time */
#define SINK_EXEC_WAITING 64 /* violations that wait for one of them to end */
#define SINK_EXEC_SECONDS 10 /* until a program is killed, with all in its session's group */

/**
 * sink_exec__new - run a program for each violation
 * @path: of the program, from the root; no shell, no arguments
 *
 * It gets the JSON record on standard input, /dev/null as the other two, nothing
 * else that is open, and PATH alone as its environment. Its ops may be called by
 * several threads; a program that is killed, or does not exit with 0, is a failure.
 *
 * Return: 0 or -errno.
 */
int sink_exec__new(struct sink **ret, const struct sink *like, const char *path);

/** sink_exec__limit - let programs run for @ms at most; for tests */
void sink_exec__limit(struct sink *s, int ms);

#endif
