// SPDX-License-Identifier: GPL-2.0
/* Programs that are run for violations: what they get, and that they end. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <jansson.h>

#include "sink_exec.h"
#include "sinks.h"
#include "flight_bytes.h"

static const struct sink like = { .tier = TIER_PATCHED };
static const struct flight none;

/** struct hook - a program, and where it leaves what it has to tell */
struct hook {
	char dir[32], path[64], said[64];
	struct sink *sink;
};

/* A script that may write to $said. */
static void hook(struct hook *h, const char *script)
{
	FILE *f;

	strcpy(h->dir, "/tmp/vq-exec.XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	snprintf(h->path, sizeof(h->path), "%s/hook", h->dir);
	snprintf(h->said, sizeof(h->said), "%s/said", h->dir);
	f = fopen(h->path, "w");
	fprintf(f, "#!/bin/sh\nsaid=%s\n%s\n", h->said, script);
	fchmod(fileno(f), 0700);
	fclose(f);
	assert_int_equal(sink_exec__new(&h->sink, &like, h->path), 0);
}

static void remove_hook(struct hook *h)
{
	unlink(h->said);
	unlink(h->path);
	rmdir(h->dir);
}

static const char *said(const struct hook *h)
{
	static char text[8192];
	FILE *f = fopen(h->said, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = 0;
	return text;
}

static int fire(struct hook *h)
{
	struct vqa_event e = filled(N).e;

	return h->sink->ops->violation(h->sink, &e, &none);
}

static void gets_json(void **state)
{
	struct hook h;
	json_t *record;

	(void)state;
	hook(&h, "cat >$said");
	assert_int_equal(fire(&h), 0);
	record = json_loads(said(&h), 0, NULL);
	assert_string_equal(json_string_value(json_object_get(record, "rule")), "desc-tamper");
	assert_true(json_integer_value(json_object_get(record, "realtime_ns")) > 0);
	json_decref(record);
	h.sink->ops->close(h.sink);
	remove_hook(&h);
}

/* It sees three files and PATH, whatever we have open, set or ignore. */
static void gets_nothing_else(void **state)
{
	struct hook h;
	int fd = dup(STDERR_FILENO); /* not close-on-exec */

	(void)state;
	setenv("SECRET", "1", 1);
	signal(SIGPIPE, SIG_IGN);
	hook(&h, "{ env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=\n"
		 "for i in /proc/$$/fd/*; do [ ! -e $i ] || readlink $i; done | grep -v /hook$\n"
		 "grep -E 'Sig(Ign|Blk)' /proc/self/status; } >$said");
	assert_int_equal(fire(&h), 0);
	assert_null(strstr(said(&h), "SECRET"));
	assert_non_null(strstr(said(&h), "PATH=/usr/local/sbin:"));
	assert_non_null(strstr(said(&h), "memfd:vq-audit"));
	assert_non_null(strstr(said(&h), "SigBlk:\t0000000000000000"));
	/* glibc's own two, 32 and 33, are left ignored by posix_spawn(). */
	assert_int_equal(strtoull(strstr(said(&h), "SigIgn:") + 7, NULL, 16) & ~0x180000000ull, 0);
	/* Its input, and /dev/null twice, of which one is redirected to $said. */
	for (const char *line = said(&h); *line; line = strchrnul(line, '\n'), line += !!*line)
		assert_true(strncmp(line, "/", 1) || !strncmp(line, "/dev/null", 9) ||
			    !strncmp(line, "/memfd:", 7) || !strncmp(line, h.said, strlen(h.said)));
	h.sink->ops->close(h.sink);
	remove_hook(&h);
	close(fd);
}

static void fails(void **state)
{
	struct hook h;
	struct sink *sink;

	(void)state;
	hook(&h, "exit 7");
	assert_int_equal(fire(&h), -EREMOTEIO);
	unlink(h.path);
	assert_int_equal(fire(&h), -ENOENT);
	h.sink->ops->close(h.sink);
	remove_hook(&h);
	assert_int_equal(sink_exec__new(&sink, &like, "/no/such/program"), -ENOENT);
	assert_int_equal(sink_exec__new(&sink, &like, "/etc/passwd"), -EACCES);
}

/* It is killed, and so is what it has started. */
static void takes_too_long(void **state)
{
	struct hook h;
	pid_t child;

	(void)state;
	hook(&h, "sleep 1000 & echo $! >$said; sleep 1000");
	sink_exec__limit(h.sink, 300);
	assert_int_equal(fire(&h), -ETIMEDOUT);
	child = strtol(said(&h), NULL, 10);
	assert_true(child > 0);
	while (!kill(child, 0)) { /* until init has buried it */
		char path[64], state_line[256] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", child);
		f = fopen(path, "r");
		if (!f || !fgets(state_line, sizeof(state_line), f) || strstr(state_line, ") Z"))
			break;
		fclose(f);
	}
	h.sink->ops->close(h.sink);
	remove_hook(&h);
}

static int count_lines(const char *text)
{
	int n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/* Of those that never end four run, so many wait, the rest is lost; the end kills the four. */
static void bounded(void **state)
{
	struct vqa_event e = filled(N).e;
	struct sinks s = { 0 };
	struct sink_counts c;
	struct hook h;

	(void)state;
	hook(&h, "echo $$ >>$said; exec sleep 1000");
	assert_int_equal(sinks__add(&s, "exec", h.sink,
				    &(struct outlet_opts){ .threads = SINK_EXEC_AT_ONCE,
							   .queue = SINK_EXEC_WAITING }),
			 0);
	for (int i = 0; i < SINK_EXEC_AT_ONCE; i++)
		sinks__event(&s, &e, &none);
	while (count_lines(said(&h)) < SINK_EXEC_AT_ONCE)
		;
	for (int i = 0; i < 1000; i++)
		sinks__event(&s, &e, &none);
	outlet__counts(s.outlets[0], &c);
	assert_int_equal(c.waiting, SINK_EXEC_AT_ONCE + SINK_EXEC_WAITING);
	assert_int_equal(c.full, 1000 - SINK_EXEC_WAITING);
	assert_int_equal(sinks__close(&s), SINK_EXEC_AT_ONCE + 1000);
	assert_int_equal(count_lines(said(&h)), SINK_EXEC_AT_ONCE);
	for (const char *pid = said(&h); *pid; pid = strchr(pid, '\n') + 1)
		assert_int_equal(kill(strtol(pid, NULL, 10), 0), -1);
	remove_hook(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gets_json), cmocka_unit_test(gets_nothing_else),
		cmocka_unit_test(fails),     cmocka_unit_test(takes_too_long),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
