// SPDX-License-Identifier: GPL-2.0
/*
 * A day of violations at 1000 a second, by an injected clock, through the real decoder into the
 * text, JSON and metrics sinks: none is lost, and memory stays flat. A thousandth of them, or as
 * many as VQ_FLOOD says (`make soak-records`: all 86 400 000).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "names.h"
#include "sink_metrics.h"
#include "sink_stream.h"
#include "sinks.h"
#include "flight_bytes.h"

#define RECORDS 86400
#define QUEUES 64
#define SECOND 1000 /* records */
#define BATCH 256 /* as a session takes them */
#define GROWTH_MAX (6L << 20) /* bytes; queues of messages may fill up later than at a tenth */

static const struct sink like = { .tier = TIER_PATCHED };
static struct queue_view views[QUEUES];
static struct stats stats = { .queues = views, .n = QUEUES };

/** struct reader - a child that counts what a sink wrote: lines that begin with @begin */
struct reader {
	char path[64];
	pid_t pid;
	int result; /* a pipe, with a count in it in the end */
};

static void count_lines(const char *path, const char *begin, int result)
{
	FILE *f = fopen(path, "r");
	unsigned long n = 0;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, f) > 0)
		n += strstr(line, begin) != NULL;
	if (write(result, &n, sizeof(n)) != sizeof(n))
		_exit(1);
	_exit(0);
}

static struct sink *read_by_child(struct reader *r, const char *dir, const char *form,
				  const struct sink_ops *ops, const char *begin)
{
	struct sink kind = like, *sink;
	int fds[2];

	snprintf(r->path, sizeof(r->path), "%s/%s", dir, form);
	assert_int_equal(mkfifo(r->path, 0600), 0);
	assert_int_equal(pipe(fds), 0);
	r->pid = fork();
	if (!r->pid)
		count_lines(r->path, begin, fds[1]);
	close(fds[1]);
	r->result = fds[0];
	kind.ops = ops;
	while (sink_stream__file(&sink, &kind, r->path)) /* until it reads */
		usleep(1000);
	return sink;
}

static unsigned long lines_read(struct reader *r)
{
	unsigned long n = 0;
	int status;

	assert_int_equal(read(r->result, &n, sizeof(n)), sizeof(n));
	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
	unlink(r->path);
	return n;
}

static long resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size, pages;

	assert_int_equal(fscanf(f, "%ld %ld", &size, &pages), 2);
	fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

/* Record @i, as the ring buffer has it; one in ten with the operations before it. */
static void record(struct sinks *s, unsigned long i)
{
	struct bytes b = filled(N);
	struct flight flight;
	const char *fault;
	struct vqa_event e;
	size_t size = sizeof(b);

	b.e.rule = i % VQA_RULE_COUNT;
	b.e.queue.vdev_index = i % QUEUES;
	b.e.time_ns += i * 1000000;
	if (i % 10) {
		b.e.flight = 0;
		size = sizeof(b.e);
	}
	assert_int_equal(decode__event(&b, size, &e, &fault), 0);
	flight__decode(&b, size, &e, &flight);
	sinks__event(s, &e, &flight);
	views[i % QUEUES].id = e.queue;
	views[i % QUEUES].c.violations[e.rule]++;
}

static void flush(struct sinks *s)
{
	for (size_t i = 0; i < s->n; i++)
		outlet__flush(s->outlets[i], true);
}

static char *scrape(const char *path)
{
	static const char get[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	static char page[4 << 20];
	size_t n = 0;
	ssize_t got;

	strcpy(addr.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(write(fd, get, strlen(get)), strlen(get));
	while ((got = read(fd, page + n, sizeof(page) - 1 - n)) > 0)
		n += got;
	page[n] = 0;
	close(fd);
	return page;
}

/* The sum of a family's samples. */
static unsigned long sum(const char *page, const char *family)
{
	unsigned long n = 0;
	char begin[128];

	snprintf(begin, sizeof(begin), "\n%s{", family);
	while ((page = strstr(page, begin))) {
		page = strchr(page, '}');
		n += strtoul(page + 2, NULL, 10);
	}
	return n;
}

static void day(void **state)
{
	const unsigned long records = strtoul(getenv("VQ_FLOOD") ?: "0", NULL, 10) ?: RECORDS;
	char dir[] = "/tmp/vq-flood.XXXXXX", where[64];
	struct reader text, json;
	struct sinks s = { 0 };
	struct sink *sink[3];
	long early = 0, late;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(where, sizeof(where), "unix:%s/metrics", dir);
	sink[0] = read_by_child(&text, dir, "text", &sink_text, "  ALERT  ");
	sink[1] = read_by_child(&json, dir, "json", &sink_json, "{\"type\":\"violation\"");
	assert_int_equal(sink_metrics__new(&sink[2], &like, where), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sinks__add(&s, where, sink[i], &(struct outlet_opts){ 0 }), 0);
	for (unsigned long i = 0; i < records; i++) {
		record(&s, i);
		if (i % BATCH == 0)
			flush(&s); /* else the sinks would be right to lose some */
		if (i % SECOND == 0) {
			sinks__count(&s, &stats);
			sinks__tick(&s, &stats);
		}
		if (i == records / 10)
			early = resident();
	}
	sinks__tick(&s, &stats);
	flush(&s);
	sinks__count(&s, &stats);
	late = resident();
	assert_int_equal(stats__sinks_lost(&stats), 0);
	assert_int_equal(sum(scrape(where + 5), "vq_audit_violations_total"), records);
	assert_int_equal(sum(scrape(where + 5), "vq_audit_rule_violations_total"), records);
	assert_int_equal(sinks__close(&s), 0);
	assert_int_equal(lines_read(&text), records);
	assert_int_equal(lines_read(&json), records);
	printf("# %lu records: resident memory %ld KiB at a tenth, %ld KiB at the end\n", records,
	       early / 1024, late / 1024);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed for a while */
	assert_true(late - early <= GROWTH_MAX);
#endif
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(day) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
