/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_LISTEN_AT_H
#define VQA_USER_LISTEN_AT_H

#include <stddef.h>

/*
 * Where to listen: PORT (of 127.0.0.1), ADDRESS:PORT, [ADDRESS]:PORT, or
 * unix:PATH. An address that is not of the loopback needs "unprotected:" before
 * it: whoever reaches it needs no password.
 */

/** listen_at__check - 0, or -EINVAL with the reason in @why */
int listen_at__check(const char *where, char *why, size_t size);

/**
 * listen_at__open - a socket that listens there; who can connect to a path is root
 * @where: that passed listen_at__check()
 *
 * A socket at the path that nobody listens at any more is replaced. Return: a
 * descriptor, non-blocking, or -errno.
 */
int listen_at__open(const char *where);

/** listen_at__path - that of unix:PATH, or NULL */
const char *listen_at__path(const char *where);

#endif
