/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SINK_SYSLOG_H
#define VQA_USER_SINK_SYSLOG_H

#include "sink.h"

/**
 * sink_syslog__new - lines to the syslog daemon of this machine, facility daemon
 * @path: its socket, NULL: /dev/log. A daemon that is not there yet may come later.
 *
 * Return: 0 or -errno.
 */
int sink_syslog__new(struct sink **ret, const struct sink *like, const char *path);

#endif
