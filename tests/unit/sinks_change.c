// SPDX-License-Identifier: GPL-2.0
/* Sinks that come and go while others go on: what a reload does to them. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sink_spec.h"
#include "sinks.h"

/** struct probe - a sink that counts, and can be made to hang */
struct probe {
	struct sink sink;
	pthread_mutex_t gate; /* held: it hangs */
	unsigned int starts, violations;
};

static int on_start(struct sink *s, const struct sink_start *start)
{
	(void)start;
	((struct probe *)s)->starts++;
	return 0;
}

static int on_violation(struct sink *s, const struct vqa_event *e, const struct flight *f)
{
	struct probe *p = (struct probe *)s;

	(void)e;
	(void)f;
	pthread_mutex_lock(&p->gate);
	p->violations++;
	pthread_mutex_unlock(&p->gate);
	return 0;
}

static const struct sink_ops probe_ops = { .start = on_start, .violation = on_violation };

static void add_probe(struct sinks *s, const char *name, struct probe *p)
{
	memset(p, 0, sizeof(*p));
	p->sink.ops = &probe_ops;
	pthread_mutex_init(&p->gate, NULL);
	assert_int_equal(sinks__add(s, name, &p->sink, &(struct outlet_opts){ 0 }), 0);
}

static void tell(struct sinks *s, __u64 time_ns)
{
	const struct vqa_event e = { .version = VQA_ABI_VERSION,
				     .type = VQA_EV_VIOLATION,
				     .time_ns = time_ns };
	static const struct flight none;

	sinks__event(s, &e, &none);
}

/* It hangs as it is let go of: nobody waits for it, and it still gets what was for it. */
static void one_leaves(void **state)
{
	static struct probe leaves, stays, comes;
	const struct sink_start start = { .kernel = "6.12" };
	struct sinks s = { 0 };

	(void)state;
	add_probe(&s, "leaves", &leaves);
	add_probe(&s, "stays", &stays);
	sinks__start(&s, &start);
	pthread_mutex_lock(&leaves.gate);
	tell(&s, 1);
	add_probe(&s, "comes", &comes);
	sinks__welcome(&s, 2, &start.policy);
	sinks__retire(&s, 0);
	assert_int_equal(s.n, 2);
	tell(&s, 2);
	pthread_mutex_unlock(&leaves.gate);
	assert_int_equal(sinks__close(&s), 0);
	assert_int_equal(leaves.violations, 1);
	assert_int_equal(stays.violations, 2);
	assert_int_equal(comes.violations, 1);
	assert_true(leaves.starts == 1 && stays.starts == 1 && comes.starts == 1);
}

/* Its losses by then are not forgotten, and the others' are still theirs. */
static void one_leaves_with_losses(void **state)
{
	static struct probe hangs, stays;
	struct stats stats = { 0 };
	struct sinks s = { 0 };

	(void)state;
	add_probe(&s, "hangs", &hangs);
	add_probe(&s, "stays", &stays);
	pthread_mutex_lock(&hangs.gate);
	for (__u64 i = 0; i < OUTLET_QUEUE + 10; i++) {
		tell(&s, i);
		assert_true(outlet__flush(s.outlets[1], true));
	}
	sinks__count(&s, &stats);
	assert_in_range(stats.sinks[0].full, 9, 10);
	sinks__retire(&s, 0);
	sinks__count(&s, &stats);
	assert_int_equal(stats.n_sinks, 1);
	assert_string_equal(stats.sinks[0].name, "stays");
	assert_int_equal(stats.sinks[0].full, 0);
	pthread_mutex_unlock(&hangs.gate);
	assert_in_range(sinks__close(&s), 9, 10);
}

static size_t lines_of(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;

	assert_non_null(f);
	for (int ch; (ch = getc(f)) != EOF;)
		n += ch == '\n';
	fclose(f);
	return n;
}

/* One line stays, one changes. The configuration that they are from is gone by then. */
static void lines_change(void **state)
{
	char dir[] = "/tmp/vq-sinks.XXXXXX", spec[3][64];
	struct sink like = { .tier = TIER_PATCHED };
	const struct sink_start start = { .kernel = "6.12" };
	struct sink_specs specs = { .spec = { spec[0], spec[1] }, .n = 2 };
	struct sinks s = { 0 };
	struct outlet *kept;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < 3; i++)
		snprintf(spec[i], sizeof(spec[i]), "json:%s/%d", dir, i);
	assert_int_equal(sink_specs__open(&specs, &s, &like), 0);
	sinks__start(&s, &start);
	kept = s.outlets[1];

	specs.spec[0] = spec[2];
	assert_int_equal(sink_specs__open(&specs, &s, &like), 0);
	assert_int_equal(s.n, 3);
	sinks__welcome(&s, 2, &start.policy);
	sink_specs__close_others(&specs, &s);
	assert_int_equal(s.n, 2);
	assert_ptr_equal(s.outlets[0], kept);
	memset(spec, 0, sizeof(spec[0]));
	snprintf(spec[0], sizeof(spec[0]), "json:%s/0", dir);
	tell(&s, 1);
	assert_int_equal(sinks__close(&s), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(lines_of(spec[i] + 5), i ? 2 : 1);
		unlink(spec[i] + 5);
	}
	rmdir(dir);
}

/* Whether people are told on stderr how it went follows from what is open. */
static void text_goes(void **state)
{
	struct sink_specs text = { .spec = { "text" }, .n = 1 },
			  json = { .spec = { "json:/dev/null" }, .n = 1 };
	const struct sink like = { .quiet = true };
	struct sinks s = { 0 };

	(void)state;
	assert_int_equal(sink_specs__open(&text, &s, &like), 0);
	assert_true(s.on_stderr);
	assert_int_equal(sink_specs__open(&json, &s, &like), 0);
	sink_specs__close_others(&json, &s);
	assert_false(s.on_stderr);
	assert_int_equal(s.n, 1);
	sinks__close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_leaves),
		cmocka_unit_test(one_leaves_with_losses),
		cmocka_unit_test(lines_change),
		cmocka_unit_test(text_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
