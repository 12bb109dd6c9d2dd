/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_STOP_H
#define VQA_USER_STOP_H

#include <stdbool.h>

/** stop__on_signals - let SIGINT and SIGTERM ask for an orderly end */
void stop__on_signals(void);

/**
 * stop__on_hangup - let SIGHUP ask for something, unless there is a terminal that may hang up
 * stop__hangup - whether it did, since it was last asked
 */
void stop__on_hangup(void);
bool stop__hangup(void);

/** stop__signal - name of the signal that asked for the end, or NULL */
const char *stop__signal(void);

#endif
