/* SPDX-License-Identifier: GPL-2.0 */
/* A program for each violation. Each call runs one, and waits for its end. */
#include "sink_exec.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"
#include "json_record.h"
#include "runner.h"

struct exec_sink {
	struct sink sink;
	struct runner *runner;
	int limit_ms;
};

/* A file in memory: nobody has to write while the program reads. */
static int input_of(json_t *record)
{
	int fd = memfd_create("vq-audit violation", MFD_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (json_dumpfd(record, fd, JSON_COMPACT | JSON_PRESERVE_ORDER) ||
	    write(fd, "\n", 1) != 1 || lseek(fd, 0, SEEK_SET))
		err = -EIO;
	if (err)
		close(fd);
	return err ?: fd;
}

static int run(const struct exec_sink *s, json_t *record)
{
	int input = input_of(record), err;

	if (input < 0)
		return input;
	err = runner__run(s->runner, input, s->limit_ms);
	close(input);
	return err;
}

static int on_violation(struct sink *sink, const struct vqa_event *e, const struct flight *flight)
{
	json_t *record = json_record__violation(e, flight, sink->tier);
	int err;

	if (!record)
		return -ENOMEM;
	json_object_set_new(record, "realtime_ns",
			    json_integer((json_int_t)e->time_ns + clock__offset_ns()));
	err = run((struct exec_sink *)sink, record);
	json_decref(record);
	return err;
}

static void on_interrupt(struct sink *sink)
{
	runner__interrupt(((struct exec_sink *)sink)->runner);
}

static void on_close(struct sink *sink)
{
	struct exec_sink *s = (struct exec_sink *)sink;

	runner__stop(s->runner);
	free(s);
}

static const struct sink_ops ops = {
	.violation = on_violation,
	.interrupt = on_interrupt,
	.close = on_close,
};

int sink_exec__new(struct sink **ret, const struct sink *like, const char *path)
{
	struct exec_sink *s;
	int err;

	if (access(path, X_OK))
		return -errno;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->sink = *like;
	s->sink.ops = &ops;
	s->limit_ms = SINK_EXEC_SECONDS * 1000;
	err = runner__start(&s->runner, path);
	if (err)
		free(s);
	else
		*ret = &s->sink;
	return err;
}

void sink_exec__limit(struct sink *s, int ms)
{
	((struct exec_sink *)s)->limit_ms = ms;
}
