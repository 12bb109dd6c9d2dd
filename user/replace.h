/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_REPLACE_H
#define VQA_USER_REPLACE_H

#include <stddef.h>

/**
 * replace__file - put a whole file in the place of what is there, or of nothing
 *
 * It is there at once and whole, or not at all; a link stays, and what it leads to is
 * replaced. What is no regular file, a device or a FIFO, is written to.
 *
 * Return: 0, or -errno: then all is as it was.
 */
int replace__file(const char *path, const void *data, size_t size);

/** replace__write - all of it, whatever parts write() takes it in; 0 or -errno */
int replace__write(int fd, const void *data, size_t size);

#endif
