/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SINK_METRICS_H
#define VQA_USER_SINK_METRICS_H

#include "sink.h"

#define SINK_METRICS_WHERE "9469" /* by default */
#define SINK_METRICS_CLIENTS 8 /* at the same time; further ones wait */
#define SINK_METRICS_SECONDS 5 /* without a byte until a client is dropped */

/**
 * sink_metrics__new - serve /metrics over HTTP, from a thread of its own
 * @where: as listen_at.h says; NULL: SINK_METRICS_WHERE
 *
 * Return: 0 or -errno.
 */
int sink_metrics__new(struct sink **ret, const struct sink *like, const char *where);

#endif
