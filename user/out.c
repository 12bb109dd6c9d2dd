/* SPDX-License-Identifier: GPL-2.0 */
/* Records to a file descriptor; nothing that fails goes unseen. */
#include "out.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "stop.h"

#define PATIENCE_MS 1000

/*
 * One write for each record, so that no other writer's line lands in it. But a
 * pipe that is writable takes only PIPE_BUF bytes for certain without blocking.
 */
static size_t largest_write(int fd)
{
	struct stat st;

	if (!fstat(fd, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		return PIPE_BUF;
	return SIZE_MAX;
}

void out__init(struct out *o, int fd, const char *name)
{
	*o = (struct out){ .fd = fd, .name = name, .largest_write = largest_write(fd) };
}

FILE *out__begin(struct out *o)
{
	o->record = open_memstream(&o->text, &o->size);
	if (!o->record)
		out__fail(o, errno);
	return o->record;
}

int out__fail(struct out *o, int err)
{
	if (o->err != err)
		err__print("%s: %s; records that cannot be written are counted", o->name,
			   err__str(err));
	o->err = err;
	o->failed++;
	return -err;
}

/* Wait for a reader that is slow. Only who is asked to end gives up on it. */
static int wait_writable(const struct out *o)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };
	int patience = o->err == ETIMEDOUT ? 0 : PATIENCE_MS;

	for (;;) {
		int n = poll(&p, 1, patience);

		if (n > 0 || (n < 0 && errno != EINTR))
			return 0; /* write() tells what is wrong */
		if (n == 0 && stop__signal())
			return -ETIMEDOUT;
	}
}

static int write_all(struct out *o, const char *p, size_t left)
{
	while (left) {
		size_t part = left < o->largest_write ? left : o->largest_write;
		int err = wait_writable(o);
		ssize_t n;

		if (err)
			return err;
		n = write(o->fd, p, part);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			p += n;
			left -= n;
			o->torn = p[-1] != '\n';
		}
	}
	return 0;
}

int out__end(struct out *o)
{
	int err = 0;

	if (ferror(o->record))
		err = -ENOMEM;
	if (fclose(o->record) && !err)
		err = -errno;
	o->record = NULL;
	if (!err && o->torn)
		err = write_all(o, "\n", 1); /* so that what follows is a line of its own */
	if (!err)
		err = write_all(o, o->text, o->size);
	free(o->text);
	o->text = NULL;
	return err ? out__fail(o, -err) : 0;
}

int out__abandon(struct out *o, int err)
{
	fclose(o->record);
	free(o->text);
	o->record = NULL;
	o->text = NULL;
	return out__fail(o, err);
}

bool out__gone(const struct out *o)
{
	return o->err == EPIPE;
}

enum vqa_exit out__exit(const struct out *o, enum vqa_exit code)
{
	return o->failed && code == VQA_EXIT_CLEAN ? VQA_EXIT_OUTPUT : code;
}
