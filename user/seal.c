/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Three answers. What is needed is allowed. What nobody asks for by accident kills the process:
 * the kernel's log names the call, the audit goes on where it is pinned, and the service starts
 * again. All else does not exist, to whoever asks: the C library has a way around what is missing
 * (ENOSYS), and none around what is forbidden, so that one of another year gets on, too.
 *
 * Capabilities stay. Those of a thread are its own, sinks' threads are there before the last that
 * needs CAP_SYS_ADMIN is done (a program of a pinned link is asked for by number), and what it is
 * good for beyond that takes calls that are gone.
 */
#include "seal.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <seccomp.h>

#include "error.h"

/* By name: an architecture has not each of them, nor has an older library heard of each. */
static const char *const needed[] = {
	/* memory, threads, processes (recovering forks one), the end */
	"brk", "exit", "exit_group", "fork", "futex", "futex_waitv", "getcpu", "getpid", "gettid",
	"kill", "madvise", "membarrier", "mremap", "munmap", "pidfd_open", "restart_syscall",
	"rseq", "sched_getaffinity", "sched_yield", "set_robust_list", "set_tid_address", "setsid",
	"tgkill", "wait4", "waitid",
	/* signals */
	"rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend",
	"rt_sigtimedwait", "sigaltstack",
	/* time, chance, and who and where we are */
	"clock_getres", "clock_gettime", "clock_nanosleep", "getegid", "geteuid", "getgid",
	"getrandom", "getresgid", "getresuid", "getrusage", "gettimeofday", "getuid", "nanosleep",
	"sysinfo", "time", "uname",
	/* files: the configuration, sysfs, what sinks write */
	"access", "chmod", "close", "close_range", "dup", "dup2", "dup3", "faccessat", "faccessat2",
	"fadvise64", "fchmod", "fchmodat", "fcntl", "fdatasync", "flock", "fstat", "fstatfs",
	"fsync", "ftruncate", "getcwd", "getdents64", "lseek", "lstat", "memfd_create",
	"newfstatat", "open", "openat", "pread64", "preadv", "pwrite64", "pwritev", "read",
	"readlink", "readlinkat", "readv", "stat", "statfs", "statx", "umask", "unlink", "unlinkat",
	"write", "writev",
	/* waiting for them */
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
	"eventfd2", "pipe", "pipe2", "poll", "ppoll", "pselect6", "select",
	/* sockets: the journal, syslog, systemd, who scrapes */
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt",
	"listen", "recvfrom", "recvmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socketpair"
};

static const char *const hostile[] = { "add_key",
				       "chroot",
				       "delete_module",
				       "execve",
				       "execveat",
				       "finit_module",
				       "fsconfig",
				       "fsmount",
				       "fsopen",
				       "fspick",
				       "init_module",
				       "io_uring_setup",
				       "ioperm",
				       "iopl",
				       "kexec_file_load",
				       "kexec_load",
				       "keyctl",
				       "mount",
				       "mount_setattr",
				       "move_mount",
				       "open_by_handle_at",
				       "open_tree",
				       "perf_event_open",
				       "personality",
				       "pivot_root",
				       "process_vm_readv",
				       "process_vm_writev",
				       "ptrace",
				       "reboot",
				       "setns",
				       "swapoff",
				       "swapon",
				       "umount2",
				       "unshare",
				       "userfaultfd" };

/* struct argument - a call that hangs on one: it is so if (argument & @mask) == @value */
struct argument {
	const char *call;
	unsigned int at;
	scmp_datum_t mask, value;
};

#define WHOLE 0xffffffffUL
#define NAMESPACES                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

static const struct argument needed_so[] = {
	{ "bpf", 0, WHOLE, BPF_MAP_LOOKUP_ELEM },
	{ "bpf", 0, WHOLE, BPF_MAP_UPDATE_ELEM },
	{ "bpf", 0, WHOLE, BPF_MAP_DELETE_ELEM },
	{ "bpf", 0, WHOLE, BPF_MAP_GET_NEXT_KEY },
	{ "bpf", 0, WHOLE, BPF_MAP_LOOKUP_BATCH },
	{ "bpf", 0, WHOLE, BPF_PROG_TEST_RUN }, /* sweep, survey, a policy is adopted */
	{ "bpf", 0, WHOLE, BPF_OBJ_GET_INFO_BY_FD }, /* what programs took */
	{ "bpf", 0, WHOLE, BPF_OBJ_GET }, /* whether the audit is pinned still */
	{ "bpf", 0, WHOLE, BPF_ENABLE_STATS }, /* a budget that is new */
	{ "clone", 0, NAMESPACES, 0 },
	{ "mmap", 2, PROT_EXEC, 0 },
	{ "mprotect", 2, PROT_EXEC, 0 },
	{ "prctl", 0, WHOLE, PR_SET_NAME },
	{ "prlimit64", 2, ~0UL, 0 }, /* asks */
	{ "ioctl", 1, WHOLE, TCGETS },
	{ "ioctl", 1, WHOLE, FIONBIO },
	{ "socket", 0, WHOLE, AF_UNIX },
	{ "socket", 0, WHOLE, AF_INET },
	{ "socket", 0, WHOLE, AF_INET6 },
};

/* A program loaded, or hung anywhere, by one that has done with that. */
static const struct argument hostile_so[] = {
	{ "bpf", 0, WHOLE, BPF_MAP_CREATE },
	{ "bpf", 0, WHOLE, BPF_PROG_LOAD },
	{ "bpf", 0, WHOLE, BPF_PROG_ATTACH },
	{ "bpf", 0, WHOLE, BPF_PROG_DETACH },
	{ "bpf", 0, WHOLE, BPF_RAW_TRACEPOINT_OPEN },
	{ "bpf", 0, WHOLE, BPF_BTF_LOAD },
	{ "bpf", 0, WHOLE, BPF_LINK_CREATE },
	{ "bpf", 0, WHOLE, BPF_LINK_UPDATE },
	{ "bpf", 0, WHOLE, BPF_LINK_DETACH },
	{ "socket", 0, WHOLE, AF_PACKET },
	{ "socket", 0, WHOLE, AF_ALG },
	{ "socket", 0, WHOLE, AF_VSOCK },
	{ "socket", 0, WHOLE, AF_XDP },
};

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

static bool closed;

static int add(scmp_filter_ctx c, uint32_t action, const char *const *calls, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		int nr = seccomp_syscall_resolve_name(calls[i]);

		if (nr != __NR_SCMP_ERROR)
			err = seccomp_rule_add(c, action, nr, 0);
	}
	return err;
}

static int add_so(scmp_filter_ctx c, uint32_t action, const struct argument *a, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		const struct scmp_arg_cmp so = {
			.arg = a[i].at,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = a[i].mask,
			.datum_b = a[i].value,
		};
		int nr = seccomp_syscall_resolve_name(a[i].call);

		if (nr != __NR_SCMP_ERROR)
			err = seccomp_rule_add_array(c, action, nr, 1, &so);
	}
	return err;
}

/* TSYNC: sinks' threads run by now. It implies that no program started later gains privileges. */
static int load(void)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int err;

	if (!c)
		return -ENOMEM;
	err = seccomp_attr_set(c, SCMP_FLTATR_CTL_TSYNC, 1) ?:
	      seccomp_attr_set(c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) ?:
	      add(c, SCMP_ACT_ALLOW, needed, COUNT(needed)) ?:
	      add_so(c, SCMP_ACT_ALLOW, needed_so, COUNT(needed_so)) ?:
	      add(c, SCMP_ACT_KILL_PROCESS, hostile, COUNT(hostile)) ?:
	      add_so(c, SCMP_ACT_KILL_PROCESS, hostile_so, COUNT(hostile_so)) ?:
	      seccomp_load(c);
	seccomp_release(c);
	return err;
}

/* A sanitizer traces, and maps, as it sees fit. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

int seal__close(void)
{
	int err = SANITIZED ? -EOPNOTSUPP : load();

	closed = !err;
	if (err)
		err__print("system calls are not restricted: seccomp: %s; going on", err__str(err));
	return err;
}

bool seal__is_closed(void)
{
	return closed;
}
