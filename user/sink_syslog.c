/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The syslog daemon, by its socket. syslog(3) writes the same lines, but waits
 * for as long as the daemon likes, and does not tell what it dropped.
 */
#include "sink_syslog.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "oneline.h"

#define PATIENCE_MS 500

struct syslog_sink {
	struct sink sink;
	struct sockaddr_un addr;
	int fd; /* -1: not connected */
	bool stream; /* lines end with a NUL, rather than with the datagram */
};

static void hang_up(struct syslog_sink *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static int connect_as(struct syslog_sink *s, int type)
{
	s->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return -errno;
	s->stream = type == SOCK_STREAM;
	if (!connect(s->fd, (struct sockaddr *)&s->addr, sizeof(s->addr)))
		return 0;
	type = -errno;
	hang_up(s);
	return type;
}

static int reach(struct syslog_sink *s)
{
	int err;

	if (s->fd >= 0)
		return 0;
	err = connect_as(s, SOCK_DGRAM);
	return err == -EPROTOTYPE ? connect_as(s, SOCK_STREAM) : err;
}

/* All of it or nothing: what a stream took in part ends with its connection. */
static int send_once(struct syslog_sink *s, const char *line, size_t size)
{
	struct pollfd p = { .events = POLLOUT };
	ssize_t n;
	int err = reach(s);

	if (err)
		return err;
	p.fd = s->fd;
	size += s->stream; /* its NUL */
	n = send(s->fd, line, size, MSG_NOSIGNAL);
	if (n < 0 && errno == EAGAIN && poll(&p, 1, PATIENCE_MS) > 0)
		n = send(s->fd, line, size, MSG_NOSIGNAL);
	if (n == (ssize_t)size)
		return 0;
	err = n < 0 ? -errno : -EAGAIN;
	if (n >= 0 || err != -EAGAIN)
		hang_up(s);
	return err;
}

/* A daemon that was started anew has another socket by the same name. */
static int send_line(struct syslog_sink *s, const char *line, size_t size)
{
	bool was_there = s->fd >= 0;
	int err = send_once(s, line, size);

	return err && err != -EAGAIN && was_there ? send_once(s, line, size) : err;
}

/* The form of syslog(3), which every daemon reads at this socket. */
static int tell(struct sink *sink, int priority, const char *text)
{
	struct syslog_sink *s = (struct syslog_sink *)sink;
	char line[ONELINE_SIZE + 128], date[32];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	localtime_r(&now, &tm);
	strftime(date, sizeof(date), "%h %e %T", &tm);
	n = snprintf(line, sizeof(line), "<%d>%s vq-audit[%d]: %s", LOG_DAEMON | priority, date,
		     getpid(), text);
	return send_line(s, line, n);
}

static int on_start(struct sink *s, const struct sink_start *start)
{
	char line[ONELINE_SIZE];

	return s->quiet ? 0 : tell(s, LOG_INFO, oneline__start(start, line));
}

static int on_queue(struct sink *s, const struct vqa_event *e)
{
	char line[ONELINE_SIZE];

	if (s->quiet && e->type != VQA_EV_BROKEN)
		return 0;
	return tell(s, oneline__priority(e), oneline__queue(e, line));
}

static int on_violation(struct sink *s, const struct vqa_event *e, const struct flight *flight)
{
	char line[ONELINE_SIZE];

	(void)flight;
	return tell(s, oneline__priority(e), oneline__violation(e, s->tier, line));
}

static int on_recovery(struct sink *s, const struct recovery *r)
{
	char line[ONELINE_SIZE];

	return tell(s, oneline__priority_of(r), oneline__recovery(r, line));
}

static int on_lost(struct sink *s, const struct sink_loss *loss)
{
	char line[ONELINE_SIZE];

	return tell(s, LOG_WARNING, oneline__lost(loss, line));
}

static int on_stop(struct sink *s, const struct sink_stop *stop)
{
	char line[ONELINE_SIZE];

	return tell(s, LOG_INFO, oneline__stop(stop, line));
}

static void on_close(struct sink *sink)
{
	hang_up((struct syslog_sink *)sink);
	free(sink);
}

static const struct sink_ops ops = {
	.start = on_start,
	.queue = on_queue,
	.violation = on_violation,
	.recovery = on_recovery,
	.lost = on_lost,
	.stop = on_stop,
	.close = on_close,
};

int sink_syslog__new(struct sink **ret, const struct sink *like, const char *path)
{
	struct syslog_sink *s;

	path = path ?: "/dev/log";
	if (strlen(path) >= sizeof(s->addr.sun_path))
		return -ENAMETOOLONG;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->sink = *like;
	s->sink.ops = &ops;
	s->fd = -1;
	s->addr.sun_family = AF_UNIX;
	strcpy(s->addr.sun_path, path);
	*ret = &s->sink;
	return 0;
}
