/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SINK_JOURNAL_H
#define VQA_USER_SINK_JOURNAL_H

#include "sink.h"

/** sink_journal__new - entries in systemd's journal, see journal.h; 0 or -errno */
int sink_journal__new(struct sink **ret, const struct sink *like);

#endif
