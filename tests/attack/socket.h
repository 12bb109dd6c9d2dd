/* SPDX-License-Identifier: GPL-2.0 */
/* QEMU's Unix sockets. */
#ifndef VQ_ATTACK_SOCKET_H
#define VQ_ATTACK_SOCKET_H

/* A descriptor whose reads give up after half a minute, or -errno. */
int socket__connect(const char *path);
/* The whole text; 0 or -errno. */
int socket__send(int fd, const char *text);

#endif
