/* SPDX-License-Identifier: GPL-2.0 */
#include "rebind.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define PATIENCE_MS 100 /* for a process that was killed */

/* struct progress - of the process, in memory that both see */
struct progress {
	atomic_uint step;
	atomic_int err;
};

static int write_word(const struct rebind_step *s)
{
	size_t size = strlen(s->word);
	int fd = open(s->path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, s->word, size) != (ssize_t)size)
		err = -errno;
	close(fd);
	return err;
}

/* Between fork() and _exit(): system calls alone, for other threads may have held any lock. */
static void run_steps(const struct rebind_step *steps, size_t n, struct progress *p)
{
	syscall(SYS_close_range, 0, ~0U, 0);
	setsid(); /* no signal of a terminal between letting go and taking again */
	for (size_t i = 0; i < n && !p->err; i++) {
		p->err = write_word(&steps[i]);
		if (!p->err)
			p->step = i + 1;
	}
	_exit(0);
}

/* Wait for the end, for @timeout_ms from each step on. Return: whether it ended */
static bool ended(int pidfd, struct progress *p, unsigned int timeout_ms)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };
	long long until = clock__now_ms() + timeout_ms;
	unsigned int step = p->step;

	while (poll(&fd, 1, PATIENCE_MS) <= 0) {
		if (p->step != step) {
			step = p->step;
			until = clock__now_ms() + timeout_ms;
		} else if (clock__now_ms() >= until) {
			return false;
		}
	}
	return true;
}

static void where_it_waits(pid_t pid, char *buf, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	f = fopen(path, "re");
	buf[0] = 0;
	if (f && !fgets(buf, size, f))
		buf[0] = 0;
	if (f)
		fclose(f);
	if (!strcmp(buf, "0"))
		buf[0] = 0;
}

/* What cannot be killed becomes init's, once we end. */
static void see_to_its_end(pid_t pid, int pidfd, struct progress *p, size_t n,
			   unsigned int timeout_ms, struct rebind_result *ret)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };
	bool in_time = ended(pidfd, p, timeout_ms);

	if (!in_time) {
		where_it_waits(pid, ret->where, sizeof(ret->where));
		kill(pid, SIGKILL);
	}
	if (in_time || poll(&fd, 1, PATIENCE_MS) > 0)
		waitpid(pid, NULL, 0);
	ret->step = p->step;
	ret->err = in_time ? p->err : -ETIMEDOUT;
	if (!ret->err && ret->step < n)
		ret->err = -EINTR; /* somebody killed it */
}

int rebind__run(const struct rebind_step *steps, size_t n, unsigned int timeout_ms,
		struct rebind_result *ret)
{
	struct progress *p =
		mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int err = 0, pidfd;
	pid_t pid;

	*ret = (struct rebind_result){ 0 };
	if (p == MAP_FAILED)
		return -errno;
	pid = fork();
	if (!pid)
		run_steps(steps, n, p);
	pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
	if (pidfd < 0) {
		err = -errno;
	} else {
		see_to_its_end(pid, pidfd, p, n, timeout_ms, ret);
		close(pidfd);
	}
	munmap(p, sizeof(*p));
	return err;
}
