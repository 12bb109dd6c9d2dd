/* SPDX-License-Identifier: GPL-2.0 */
/* Text or JSON lines, with what they are written to. */
#include "sink_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct stream {
	struct sink sink;
	struct sink_ops ops; /* those of the form, and ours */
	struct out out, log;
	char *path; /* NULL: standard output */
};

/* @s is the first member of a stream. */
static void close_stream(struct sink *s)
{
	struct stream *t = (struct stream *)s;

	if (t->path)
		close(t->out.fd);
	free(t->path);
	free(t);
}

static struct stream *new_stream(const struct sink *like)
{
	struct stream *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->sink = *like;
	t->ops = *like->ops;
	t->ops.close = close_stream;
	t->sink.ops = &t->ops;
	t->sink.out = &t->out;
	t->sink.log = &t->log;
	return t;
}

struct sink *sink_stream__standard(const struct sink *like)
{
	struct stream *t = new_stream(like);

	if (!t)
		return NULL;
	out__init(&t->out, STDOUT_FILENO, "standard output");
	out__init(&t->log, STDERR_FILENO, "standard error");
	return &t->sink;
}

int sink_stream__file(struct sink **ret, const struct sink *like, const char *path)
{
	struct stream *t = new_stream(like);
	int fd, err;

	if (!t)
		return -ENOMEM;
	/* Without O_NONBLOCK, a FIFO that nobody reads would keep us here. */
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	t->path = strdup(path);
	if (fd < 0 || !t->path) {
		err = fd < 0 ? -errno : -ENOMEM;
		if (fd >= 0)
			close(fd);
		free(t->path);
		free(t);
		return err;
	}
	out__init(&t->out, fd, t->path);
	t->sink.log = &t->out;
	*ret = &t->sink;
	return 0;
}
