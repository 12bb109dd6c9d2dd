/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_STOP_H
#define VQA_USER_STOP_H

/** stop__on_signals - let SIGINT and SIGTERM ask for an orderly end */
void stop__on_signals(void);

/** stop__signal - name of the signal that asked for the end, or NULL */
const char *stop__signal(void);

#endif
