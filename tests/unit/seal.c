// SPDX-License-Identifier: GPL-2.0
/* What a process can still do once it is sealed, and what it dies of: each in a child. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <linux/bpf.h>

#include "runner.h"
#include "seal.h"

#define DIED (-1)
#define UNSEALED 255

static long bpf(int cmd)
{
	union bpf_attr attr = { 0 };

	return syscall(SYS_bpf, cmd, &attr, sizeof(attr));
}

/* --- each returns the errno that it got, or 0 ----------------------------------- */

static int result(long ret)
{
	return ret < 0 ? errno : 0;
}

static int try_exec(void)
{
	return result(execl("/bin/true", "true", NULL));
}

static int try_ptrace(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, 0, 0));
}

static int try_mount(void)
{
	return result(mount("none", "/", "tmpfs", MS_REMOUNT, NULL));
}

static int try_module(void)
{
	return result(syscall(SYS_init_module, NULL, 0UL, ""));
}

static int try_packets(void)
{
	return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int try_prog_load(void)
{
	return result(bpf(BPF_PROG_LOAD));
}

static int try_link(void)
{
	return result(bpf(BPF_LINK_CREATE));
}

static int try_by_id(void)
{
	return result(bpf(BPF_MAP_GET_FD_BY_ID));
}

static int try_netlink(void)
{
	return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int try_mkdir(void)
{
	return result(mkdir("/", 0700));
}

static int try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int try_lookup(void)
{
	return result(bpf(BPF_MAP_LOOKUP_ELEM)); /* there is no such map, or no right to ask */
}

static int try_files(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	int seccomp = -1;

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "Seccomp: %d", &seccomp);
	return f && !fclose(f) && seccomp == 2 ? 0 : EIO;
}

static int try_sockets(void)
{
	int unix_fd = socket(AF_UNIX, SOCK_STREAM, 0), inet = socket(AF_INET, SOCK_STREAM, 0);

	return unix_fd < 0 || inet < 0 ? errno : close(unix_fd) | close(inet);
}

static void *nothing(void *arg)
{
	return arg;
}

static int try_thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing, NULL) ?: pthread_join(t, NULL);
}

/* As recovering does. */
static int try_fork(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		setsid();
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && !status ? 0 : EIO;
}

/* --- and what it comes to ------------------------------------------------------- */

/* Return: what @try returned once sealed; DIED of SIGSYS, UNSEALED where that is impossible */
static int sealed(int (*try)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (seal__close())
			_exit(UNSEALED);
		_exit(try());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		assert_int_equal(WTERMSIG(status), SIGSYS);
	return WIFSIGNALED(status) ? DIED : WEXITSTATUS(status);
}

/* A sanitizer, or a kernel, that has no seccomp for us: nothing of this can be tested. */
static void can_seal(void)
{
	if (sealed(try_files) == UNSEALED)
		skip();
}

static void kills(void **state)
{
	(void)state;
	can_seal();
	assert_int_equal(sealed(try_exec), DIED);
	assert_int_equal(sealed(try_ptrace), DIED);
	assert_int_equal(sealed(try_mount), DIED);
	assert_int_equal(sealed(try_module), DIED);
	assert_int_equal(sealed(try_packets), DIED);
	assert_int_equal(sealed(try_prog_load), DIED);
	assert_int_equal(sealed(try_link), DIED);
}

static void refuses(void **state)
{
	(void)state;
	can_seal();
	assert_int_equal(sealed(try_by_id), ENOSYS);
	assert_int_equal(sealed(try_netlink), ENOSYS);
	assert_int_equal(sealed(try_mkdir), ENOSYS);
	assert_int_equal(sealed(try_code), ENOSYS);
}

static void leaves(void **state)
{
	int err;

	(void)state;
	can_seal();
	err = sealed(try_lookup);
	assert_true(err == EBADF || err == EPERM || err == EINVAL);
	assert_int_equal(sealed(try_files), 0);
	assert_int_equal(sealed(try_sockets), 0);
	assert_int_equal(sealed(try_thread), 0);
	assert_int_equal(sealed(try_fork), 0);
}

/* A thread from before is under it, too. */

static pthread_barrier_t barrier;

static void *starts_a_program(void *arg)
{
	pthread_barrier_wait(&barrier);
	try_exec();
	return arg;
}

static int by_another_thread(void)
{
	pthread_barrier_wait(&barrier);
	poll(NULL, 0, -1);
	return 0;
}

static void every_thread(void **state)
{
	pthread_t t;
	int status;
	pid_t pid;

	(void)state;
	can_seal();
	pid = fork();
	if (!pid) {
		pthread_barrier_init(&barrier, NULL, 2);
		pthread_create(&t, NULL, starts_a_program, NULL);
		if (seal__close())
			_exit(UNSEALED);
		_exit(by_another_thread());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

/* What a runner from before starts is free; a new one there cannot be. */

static const char hook[] = "#!/bin/sh\ngrep -q '^Seccomp:.*0$' /proc/self/status &&\n"
			   "grep -q '^NoNewPrivs:.*0$' /proc/self/status\n";
static char path[] = "/tmp/vq-seal.XXXXXX";
static struct runner *runner;

static int run_hook(void)
{
	struct runner *other;
	int input = open("/dev/null", O_RDONLY), err;

	if (runner__start(&other, path) != -EPERM)
		return EEXIST;
	err = runner__run(runner, input, 60000);
	runner__stop(runner);
	return -err;
}

static int start_and_seal(void)
{
	int err = -runner__start(&runner, path) ?: -seal__close();

	return err ?: run_hook();
}

/* Of this process: a child of ours may be under somebody else's filter already. */
static bool is_free(void)
{
	return !system("grep -q '^Seccomp:.*0$' /proc/self/status && "
		       "grep -q '^NoNewPrivs:.*0$' /proc/self/status");
}

static void programs_are_free(void **state)
{
	int fd = mkstemp(path), status;
	pid_t pid;

	(void)state;
	can_seal();
	if (!is_free())
		skip();
	assert_int_equal(write(fd, hook, strlen(hook)), strlen(hook));
	fchmod(fd, 0700);
	close(fd);
	pid = fork();
	if (!pid)
		_exit(start_and_seal());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(path);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills),
		cmocka_unit_test(refuses),
		cmocka_unit_test(leaves),
		cmocka_unit_test(every_thread),
		cmocka_unit_test(programs_are_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
