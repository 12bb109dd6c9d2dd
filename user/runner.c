/* SPDX-License-Identifier: GPL-2.0 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "seal.h"

/* struct program - all that it takes to start it: made before fork(), for locks may be held then */
struct program {
	char *path;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
};

struct runner {
	struct program program;
	pid_t pid;
	int socket; /* to the process */
	int over; /* readable once whatever runs is to end */
};

/* struct request - with two descriptors: the program's input, and where the outcome goes */
struct request {
	int limit_ms;
};

/* --- in the process that was forked: no allocation, no lock --------------------- */

static int spawn(const struct program *p, pid_t *ret)
{
	char *argv[] = { p->path, NULL };
	char *envp[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			 NULL };

	return -posix_spawn(ret, p->path, &p->files, &p->attr, argv, envp);
}

/* Wait until the program ends, for as long as it may run; what does not end is killed. */
static int see_to_its_end(pid_t pid, int over, int limit_ms)
{
	long long until = clock__now_ms() + limit_ms;
	struct pollfd p[] = {
		{ .fd = pidfd_open(pid, 0), .events = POLLIN },
		{ .fd = over, .events = POLLIN },
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
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFSIGNALED(status))
		return -ETIMEDOUT;
	return WEXITSTATUS(status) ? -EREMOTEIO : 0;
}

static int run_once(const struct program *p, int input, int over, int limit_ms)
{
	struct pollfd ended = { .fd = over, .events = POLLIN };
	pid_t pid;
	int err;

	if (poll(&ended, 1, 0) > 0)
		return -ECANCELED;
	if (dup2(input, STDIN_FILENO) < 0)
		return -errno;
	signal(SIGCHLD, SIG_DFL); /* it is waited for here */
	err = spawn(p, &pid);
	return err ?: see_to_its_end(pid, over, limit_ms);
}

static void answer(int reply, int outcome)
{
	if (write(reply, &outcome, sizeof(outcome)) < 0)
		_exit(1); /* nobody wants to know any more */
}

/* Return: whether there is one, with the two descriptors in @fds */
static bool next_request(int socket, struct request *r, int fds[2])
{
	union {
		char buf[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec data = { r, sizeof(*r) };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n;

	do
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(*r) || !CMSG_FIRSTHDR(&m) ||
	    CMSG_FIRSTHDR(&m)->cmsg_len != CMSG_LEN(2 * sizeof(int)))
		return false;
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&m)), 2 * sizeof(int));
	return true;
}

/* Until the daemon is gone. Each program has a process that waits for it. */
static void serve(const struct program *p, int socket, int over)
{
	struct request r;
	int fds[2];

	while (next_request(socket, &r, fds)) {
		pid_t pid = fork();

		if (!pid) {
			close(socket);
			answer(fds[1], run_once(p, fds[0], over, r.limit_ms));
			_exit(0);
		}
		if (pid < 0)
			answer(fds[1], -errno);
		close(fds[0]);
		close(fds[1]);
	}
}

/* Whoever reads the daemon's output, or waits for its lock, must see its end. */
static void keep_two(int a, int b)
{
	unsigned int low = a < b ? a : b, high = a < b ? b : a;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	syscall(SYS_close_range, STDERR_FILENO + 1, low - 1, 0);
	if (high - low > 1)
		syscall(SYS_close_range, low + 1, high - 1, 0);
	syscall(SYS_close_range, high + 1, ~0U, 0);
}

/* --- in the daemon -------------------------------------------------------------- */

static int set_up_files(posix_spawn_file_actions_t *files)
{
	return posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) ?:
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

/* Signals of a terminal are for the daemon: what runs has its time to end. */
static int fork_process(struct runner *r, int socket)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r->pid = fork();
	if (!r->pid) {
		prctl(PR_SET_NAME, "vq-audit-exec");
		signal(SIGCHLD, SIG_IGN);
		keep_two(socket, r->over);
		serve(&r->program, socket, r->over);
		_exit(0);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r->pid < 0 ? -errno : 0;
}

int runner__start(struct runner **ret, const char *path)
{
	struct runner *r;
	int ends[2], err;

	if (seal__is_closed())
		return -EPERM;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	posix_spawn_file_actions_init(&r->program.files);
	posix_spawnattr_init(&r->program.attr);
	r->socket = -1;
	r->over = eventfd(0, EFD_CLOEXEC);
	r->program.path = strdup(path);
	err = r->over < 0 || !r->program.path ? -ENOMEM : 0;
	err = err ?: -set_up_files(&r->program.files) ?: -set_up_signals(&r->program.attr);
	if (!err && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		err = -errno;
	if (!err) {
		r->socket = ends[0];
		err = fork_process(r, ends[1]);
		close(ends[1]);
	}
	if (err)
		runner__stop(r);
	else
		*ret = r;
	return err;
}

static int ask(int socket, const struct request *r, const int fds[2])
{
	union {
		char buf[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec data = { (void *)r, sizeof(*r) };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(c), fds, 2 * sizeof(int));
	return sendmsg(socket, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* If nobody answers, somebody killed the process that was to. */
int runner__run(struct runner *r, int input, int limit_ms)
{
	struct request request = { .limit_ms = limit_ms };
	int reply[2], err, outcome = -EPIPE;
	ssize_t n;

	if (pipe2(reply, O_CLOEXEC))
		return -errno;
	err = ask(r->socket, &request, (int[]){ input, reply[1] });
	close(reply[1]);
	if (!err)
		do
			n = read(reply[0], &outcome, sizeof(outcome));
		while (n < 0 && errno == EINTR);
	close(reply[0]);
	return err ?: outcome;
}

void runner__interrupt(struct runner *r)
{
	eventfd_write(r->over, 1);
}

void runner__stop(struct runner *r)
{
	if (!r)
		return;
	if (r->socket >= 0)
		close(r->socket);
	while (r->pid > 0 && waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (r->over >= 0)
		close(r->over);
	posix_spawn_file_actions_destroy(&r->program.files);
	posix_spawnattr_destroy(&r->program.attr);
	free(r->program.path);
	free(r);
}
