/* SPDX-License-Identifier: GPL-2.0 */
/* Files that are whole or are not there. */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int replace__write(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			p += n;
			size -= n;
		}
	}
	return 0;
}

static int close_file(int fd, int err)
{
	if (close(fd) && !err)
		err = -errno;
	return err;
}

static int write_to(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : close_file(fd, replace__write(fd, data, size));
}

/* As the shell would make it: who may read it is the umask's business. */
static int write_new(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int err;

	if (fd < 0)
		return -errno;
	err = replace__write(fd, data, size);
	if (!err && fsync(fd) && errno != EINVAL)
		err = -errno;
	return close_file(fd, err);
}

static int replace(const char *path, const void *data, size_t size)
{
	char *beside;
	int err;

	if (asprintf(&beside, "%s.%d.new", path, (int)getpid()) < 0)
		return -ENOMEM;
	err = write_new(beside, data, size);
	if (!err && rename(beside, path))
		err = -errno;
	if (err && err != -EEXIST)
		unlink(beside);
	free(beside);
	return err;
}

int replace__file(const char *path, const void *data, size_t size)
{
	struct stat st;
	char *target;
	int err;

	if (stat(path, &st))
		return errno == ENOENT ? replace(path, data, size) : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return write_to(path, data, size);
	target = realpath(path, NULL);
	if (!target)
		return -errno;
	err = replace(target, data, size);
	free(target);
	return err;
}
