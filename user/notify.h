/* SPDX-License-Identifier: GPL-2.0 */
/* What a service manager is told, if one listens: sd_notify(3). */
#ifndef VQA_USER_NOTIFY_H
#define VQA_USER_NOTIFY_H

/** notify__ready - the audit is under way */
void notify__ready(void);

/** notify__alive - the daemon gets on; once a second is often enough */
void notify__alive(void);

/** notify__stopping - it is about to end */
void notify__stopping(void);

#endif
