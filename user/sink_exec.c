/* SPDX-License-Identifier: GPL-2.0 */
/* A program for each violation. Each call runs one, and waits for its end. */
#include "sink_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"
#include "json_record.h"

struct exec_sink {
	struct sink sink;
	char *path;
	int limit_ms;
	int over; /* readable once whatever runs is to end */
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

static int set_up_files(posix_spawn_file_actions_t *files, int input)
{
	return posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO) ?:
	       posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) ?:
	       posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ?:
	       posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
}

/* A session of its own, so that all of it can be killed; no signal blocked or ignored. */
static int set_up_signals(posix_spawnattr_t *attr)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	return posix_spawnattr_setsigdefault(attr, &all) ?:
	       posix_spawnattr_setsigmask(attr, &none) ?:
	       posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETSIGMASK);
}

static int spawn(const struct exec_sink *s, int input, pid_t *ret)
{
	char *argv[] = { s->path, NULL };
	char *envp[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			 NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int err;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	err = set_up_files(&files, input) ?: set_up_signals(&attr) ?:
	      posix_spawn(ret, s->path, &files, &attr, argv, envp);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -err;
}

/* Wait until the program ends, for as long as it may run; what does not end is killed. */
static int see_to_its_end(const struct exec_sink *s, pid_t pid)
{
	long long until = clock__now_ms() + s->limit_ms;
	struct pollfd p[] = {
		{ .fd = pidfd_open(pid, 0), .events = POLLIN },
		{ .fd = s->over, .events = POLLIN },
	};
	long long left;
	int status;

	while (p[0].fd >= 0 && (left = until - clock__now_ms()) > 0) {
		int n = poll(p, 2, left);

		if (n > 0 || (n < 0 && errno != EINTR))
			break;
	}
	kill(-pid, SIGKILL); /* not waited for yet, it still has its number; nor does what it
				started stay */
	if (p[0].fd >= 0)
		close(p[0].fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFSIGNALED(status))
		return -ETIMEDOUT;
	return WEXITSTATUS(status) ? -EREMOTEIO : 0;
}

static int run(const struct exec_sink *s, json_t *record)
{
	struct pollfd over = { .fd = s->over, .events = POLLIN };
	int input, err;
	pid_t pid;

	if (poll(&over, 1, 0) > 0)
		return -ECANCELED;
	input = input_of(record);
	if (input < 0)
		return input;
	err = spawn(s, input, &pid);
	close(input);
	return err ?: see_to_its_end(s, pid);
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
	eventfd_write(((struct exec_sink *)sink)->over, 1);
}

static void on_close(struct sink *sink)
{
	struct exec_sink *s = (struct exec_sink *)sink;

	if (s->over >= 0)
		close(s->over);
	free(s->path);
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

	if (access(path, X_OK))
		return -errno;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->sink = *like;
	s->sink.ops = &ops;
	s->limit_ms = SINK_EXEC_SECONDS * 1000;
	s->path = strdup(path);
	s->over = eventfd(0, EFD_CLOEXEC);
	if (!s->path || s->over < 0) {
		on_close(&s->sink);
		return -ENOMEM;
	}
	*ret = &s->sink;
	return 0;
}

void sink_exec__limit(struct sink *s, int ms)
{
	((struct exec_sink *)s)->limit_ms = ms;
}
