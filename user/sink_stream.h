/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SINK_STREAM_H
#define VQA_USER_SINK_STREAM_H

#include "sink.h"

/**
 * sink_stream__standard - text or JSON on standard output; of text, the log on standard error
 * @like: ops, tier, quiet, color and timeline of the new sink
 *
 * Return: on the heap, with ops->close; or NULL.
 */
struct sink *sink_stream__standard(const struct sink *like);

/**
 * sink_stream__file - the same, appended to a file, or to a FIFO that somebody reads
 *
 * Return: 0, or -errno: -ENXIO if nobody reads the FIFO.
 */
int sink_stream__file(struct sink **ret, const struct sink *like, const char *path);

#endif
