// SPDX-License-Identifier: GPL-2.0
/* Sinks side by side: what one of them does to itself, it does to no other, and it is counted. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "sink_spec.h"
#include "sink_stream.h"
#include "sinks.h"

#define EVENTS 5000
#define BATCH 100

/** struct probe - a sink that keeps in mind what it was told, and can be made to hang or fail */
struct probe {
	struct sink sink;
	pthread_mutex_t gate; /* held: it hangs */
	int err;
	__u64 violations, last; /* how many, and the time of the last one */
	__u64 stats, lost;
	bool disorder;
	char which[SINK_NAME + 8];
};

static int answer(struct probe *p)
{
	pthread_mutex_lock(&p->gate);
	pthread_mutex_unlock(&p->gate);
	return p->err;
}

static int on_violation(struct sink *s, const struct vqa_event *e, const struct flight *f)
{
	struct probe *p = (struct probe *)s;

	(void)f;
	p->violations++;
	p->disorder |= e->time_ns <= p->last;
	p->last = e->time_ns;
	return answer(p);
}

static int on_stats(struct sink *s, const struct stats *stats, bool final)
{
	(void)stats;
	(void) final;
	((struct probe *)s)->stats++;
	return answer((struct probe *)s);
}

static int on_lost(struct sink *s, const struct sink_loss *loss)
{
	struct probe *p = (struct probe *)s;

	p->lost += loss->count;
	snprintf(p->which, sizeof(p->which), "%s", loss->which);
	return answer(p);
}

static const struct sink_ops probe_ops = {
	.violation = on_violation,
	.stats = on_stats,
	.lost = on_lost,
};

static struct probe *add_probe(struct sinks *s, const char *name, struct probe *p)
{
	memset(p, 0, sizeof(*p));
	p->sink.ops = &probe_ops;
	pthread_mutex_init(&p->gate, NULL);
	assert_int_equal(sinks__add(s, name, &p->sink, &(struct outlet_opts){ 0 }), 0);
	return p;
}

static struct vqa_event event(__u64 time_ns)
{
	return (struct vqa_event){
		.version = VQA_ABI_VERSION,
		.type = VQA_EV_VIOLATION,
		.action = VQA_ACT_ALERT,
		.fields = VQA_F_ADDR,
		.time_ns = time_ns,
		.queue = { .num = 256, .bus = "0000:00:01.0", .name = "req.0" },
	};
}

/* As fast as those from the one at @good on can take it. */
static void flood(struct sinks *s, size_t good)
{
	static const struct flight none;

	for (__u64 i = 1; i <= EVENTS; i++) {
		struct vqa_event e = event(i);

		sinks__event(s, &e, &none);
		for (size_t k = good; i % BATCH == 0 && k < s->n; k++)
			assert_true(outlet__flush(s->outlets[k], true));
	}
}

static struct sink_counts counts(struct sinks *s, size_t i)
{
	struct sink_counts c;

	outlet__counts(s->outlets[i], &c);
	return c;
}

static __u64 all(const struct sink_counts *c)
{
	return c->taken + c->full + c->failed + c->waiting;
}

static void one_hangs(void **state)
{
	static struct probe hangs, good;
	struct stats stats = { 0 };
	struct sinks s = { 0 };
	struct sink_counts c;

	(void)state;
	add_probe(&s, "hangs", &hangs);
	add_probe(&s, "good", &good);
	pthread_mutex_lock(&hangs.gate);
	flood(&s, 1);
	assert_int_equal(good.violations, EVENTS);
	assert_false(good.disorder);
	c = counts(&s, 0);
	assert_int_equal(c.taken, 0);
	/* One more than there is room for, if its thread ever ran before there was none. */
	assert_in_range(c.waiting, OUTLET_QUEUE, OUTLET_QUEUE + 1);
	assert_int_equal(all(&c), EVENTS);

	sinks__count(&s, &stats);
	assert_int_equal(stats.n_sinks, 2);
	assert_int_equal(stats__sinks_lost(&stats), c.full);
	outlet__flush(s.outlets[1], true);
	assert_int_equal(good.lost, c.full);
	assert_string_equal(good.which, "sink:hangs");

	/* It gets on: nothing that waited is lost, and it is told of its gap once. */
	pthread_mutex_unlock(&hangs.gate);
	assert_true(outlet__flush(s.outlets[0], true));
	assert_int_equal(hangs.violations, c.waiting);
	sinks__count(&s, &stats);
	sinks__count(&s, &stats);
	outlet__flush(s.outlets[0], true);
	assert_int_equal(hangs.lost, c.full);
	assert_int_equal(sinks__close(&s), c.full);
}

static void one_fails(void **state)
{
	static struct probe fails, good;
	struct stats stats = { 0 };
	struct sinks s = { 0 };

	(void)state;
	add_probe(&s, "fails", &fails);
	add_probe(&s, "good", &good);
	fails.err = -ENOSPC;
	flood(&s, 0);
	for (int i = 0; i < 3; i++)
		sinks__count(&s, &stats);
	outlet__flush(s.outlets[1], true);
	assert_int_equal(good.violations, EVENTS);
	assert_int_equal(good.lost, EVENTS); /* told once, by whoever can */
	assert_int_equal(counts(&s, 0).failed, EVENTS);
	assert_int_equal(sinks__close(&s), EVENTS);
}

/* For ever: the end comes all the same, and says what was left. */
static void one_never_returns(void **state)
{
	static struct probe hangs, good;
	static const struct flight none;
	struct vqa_event e = event(1);
	struct sinks s = { 0 };

	(void)state;
	add_probe(&s, "hangs", &hangs);
	add_probe(&s, "good", &good);
	pthread_mutex_lock(&hangs.gate);
	for (int i = 0; i < 3; i++)
		sinks__event(&s, &e, &none);
	assert_int_equal(sinks__close(&s), 3);
	assert_int_equal(good.violations, 3);
}

/* Even one that the end would wait for, as long as it takes, holds up nothing in between. */
static void patient_one_hangs(void **state)
{
	static struct probe hangs;
	static const struct flight none;
	struct vqa_event e = event(1);
	struct sinks s = { 0 };

	(void)state;
	hangs.sink.ops = &probe_ops;
	pthread_mutex_init(&hangs.gate, NULL);
	assert_int_equal(
		sinks__add(&s, "hangs", &hangs.sink, &(struct outlet_opts){ .patient = true }), 0);
	pthread_mutex_lock(&hangs.gate);
	sinks__event(&s, &e, &none);
	sinks__flush(&s, false);
	assert_int_equal(counts(&s, 0).waiting, 1);
	pthread_mutex_unlock(&hangs.gate);
	assert_int_equal(sinks__close(&s), 0);
}

/* What waits is bounded in bytes as well. */
static void large_messages(void **state)
{
	static struct queue_view views[512];
	struct stats stats = { .queues = views, .n = 512 };
	static struct probe hangs;
	struct sinks s = { 0 };

	(void)state;
	add_probe(&s, "hangs", &hangs);
	pthread_mutex_lock(&hangs.gate);
	for (int i = 0; i < 100; i++)
		sinks__stats(&s, &stats, false);
	assert_true(counts(&s, 0).waiting * sizeof(views) <= OUTLET_BYTES + 2 * sizeof(views));
	assert_true(counts(&s, 0).waiting > 1);
	assert_int_equal(counts(&s, 0).full + counts(&s, 0).waiting, 100);
	pthread_mutex_unlock(&hangs.gate);
	sinks__close(&s);
}

/* A FIFO whose reader does not read: all that fits is in it, whole. */
static void fifo_full(void **state)
{
	char dir[] = "/tmp/vq-sinks.XXXXXX", path[64];
	const struct sink like = { .ops = &sink_json, .tier = TIER_PATCHED };
	static struct probe good;
	struct sinks s = { 0 };
	struct sink *sink;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(sink_stream__file(&sink, &like, path), -ENXIO);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_int_equal(sink_stream__file(&sink, &like, path), 0);
	assert_int_equal(sinks__add(&s, "json:fifo", sink, &(struct outlet_opts){ 0 }), 0);
	add_probe(&s, "good", &good);
	flood(&s, 1);
	assert_int_equal(good.violations, EVENTS);
	assert_true(counts(&s, 0).full > 0);
	while (!counts(&s, 0).taken)
		usleep(1000); /* on a busy machine its thread has not begun */
	assert_true(sinks__close(&s) > 0);
	close(fd);
	unlink(path);
	rmdir(dir);
}

static void specs(void **state)
{
	static const struct {
		const char *spec[3];
		const char *fault; /* NULL: fine */
	} cases[] = {
		{ { "text" }, NULL },
		{ { "json", "text:/tmp/x" }, NULL },
		{ { "json:/tmp/x", "json:/tmp/y", "text" }, NULL },
		{ { "song" }, "none of text[:PATH], json[:PATH]" },
		{ { "" }, "none of" },
		{ { "jso" }, "none of" },
		{ { "journald", "syslog", "syslog:/run/log" }, NULL },
		{ { "journald:/x" }, "one place" },
		{ { "prometheus", "prometheus:80", "prometheus:127.0.0.2:80" }, NULL },
		{ { "prometheus:[::1]:80", "prometheus:unix:/run/x" }, NULL },
		{ { "prometheus:unprotected:0.0.0.0:80", "prometheus:unprotected:[::]:80" }, NULL },
		{ { "prometheus:0.0.0.0:80" }, "unprotected:0.0.0.0:80" },
		{ { "prometheus:[::]:80" }, "unprotected:[::]:80" },
		{ { "prometheus:192.0.2.1:80" }, "unprotected:192.0.2.1:80" },
		{ { "prometheus:" }, "none of PORT" },
		{ { "prometheus:localhost:80" }, "none of PORT" },
		{ { "prometheus:::1:80" }, "none of PORT" },
		{ { "prometheus:[::1]80" }, "none of PORT" },
		{ { "prometheus:[::1]" }, "none of PORT" },
		{ { "prometheus:127.0.0.1:" }, "none of PORT" },
		{ { "prometheus:127.0.0.1:http" }, "none of PORT" },
		{ { "prometheus:70000" }, "none of PORT" },
		{ { "prometheus:unix:x" }, "full path" },
		{ { "exec:/bin/true", "exec:/bin/false" }, NULL },
		{ { "exec" }, "full path" },
		{ { "exec:" }, "full path" },
		{ { "exec:true" }, "full path" },
		{ { "json:" }, "no PATH" },
		{ { "json", "json" }, "twice" },
		{ { "json:/x", "json:/x" }, "twice" },
		{ { "json", "text" }, "standard output is that of json" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sink_specs s = { 0 };
		char why[512] = "";
		int err = 0;

		for (size_t k = 0; k < 3 && cases[i].spec[k] && !err; k++)
			err = sink_specs__add(&s, cases[i].spec[k], why, sizeof(why));
		assert_int_equal(err, cases[i].fault ? -EINVAL : 0);
		assert_non_null(strstr(why, cases[i].fault ?: ""));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_hangs),
		cmocka_unit_test(one_fails),
		cmocka_unit_test(one_never_returns),
		cmocka_unit_test(large_messages),
		cmocka_unit_test(patient_one_hangs),
		cmocka_unit_test(fifo_full),
		cmocka_unit_test(specs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
