// SPDX-License-Identifier: GPL-2.0
/* What "top" makes of two readings: numbers, their order, and lines that never lie or wrap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "top_rows.h"
#include "top_text.h"

#define QUEUES 3

/* virtio0 is a disk, virtio10 a NIC with two queues; nothing happened yet. */
static void reading(struct stats *s, struct queue_view views[QUEUES], __u64 read_ms)
{
	static const struct vqa_queue_id ids[QUEUES] = {
		{ .vq = 0x10,
		  .vdev_index = 0,
		  .device = 2,
		  .num = 256,
		  .bus = "0000:00:01.0",
		  .name = "req.0" },
		{ .vq = 0x20,
		  .vdev_index = 10,
		  .device = 1,
		  .index = 0,
		  .num = 128,
		  .bus = "0000:00:02.0",
		  .name = "input.0" },
		{ .vq = 0x30,
		  .vdev_index = 10,
		  .device = 1,
		  .index = 1,
		  .num = 128,
		  .bus = "0000:00:02.0",
		  .name = "output.0" },
	};

	memset(s, 0, sizeof(*s));
	memset(views, 0, QUEUES * sizeof(*views));
	for (int i = 0; i < QUEUES; i++) {
		views[i].id = ids[i];
		views[i].survey.found = 1;
		views[i].survey.num_free = ids[i].num;
		views[i].read_ns = read_ms * 1000000;
	}
	s->queues = views;
	s->n = QUEUES;
}

static struct top_view view_of(const struct stats *before, const struct stats *now, __u64 ms)
{
	struct top_view v;

	assert_int_equal(top_view__make(&v, before, now, ms, NULL), 0);
	return v;
}

static void rates(void **state)
{
	struct queue_view a[QUEUES], b[QUEUES];
	struct stats before, now;
	struct top_view v;

	(void)state;
	reading(&before, a, 1000);
	reading(&now, b, 3000);
	a[0].c.audited = 100;
	b[0].c.audited = 1000;
	b[0].c.skipped[VQA_SKIP_MISSED] = 100;
	b[0].survey.num_free = 200;
	b[1].read_ns = 5000000000; /* it was waited for */
	b[1].c.audited = 8;
	v = view_of(&before, &now, 2000);
	assert_int_equal(v.n, QUEUES);
	assert_int_equal(v.rows[0].rate, 500);
	assert_int_equal(v.rows[0].in_flight, 56);
	assert_int_equal(v.rows[0].audited, 1000);
	assert_int_equal(v.rows[0].completions, 1100);
	assert_int_equal(v.rows[1].rate, 2);
	assert_int_equal(v.rows[2].rate, 0);
	assert_int_equal(v.sums.rate, 502);
	assert_int_equal(v.sums.devices, 2);
	assert_int_equal(v.sums.queues, 3);
	top_view__free(&v);
}

/* Nothing is made up where there is nothing to go by. */
static void unknown(void **state)
{
	struct queue_view a[QUEUES], b[QUEUES];
	struct stats before, now;
	struct top_view v;

	(void)state;
	reading(&now, b, 3000);
	b[0].c.audited = 7;
	b[0].survey.found = 0;
	v = view_of(NULL, &now, 0);
	assert_int_equal(v.rows[0].rate, TOP_UNKNOWN);
	assert_int_equal(v.rows[0].in_flight, TOP_UNKNOWN);
	assert_int_equal(v.rows[0].p99_ns, TOP_UNKNOWN);
	top_view__free(&v);

	/* Another queue at the same address, as far as it is known. */
	reading(&before, a, 1000);
	a[0].c.published = 50;
	a[0].c.audited = 5;
	a[1].id.index = 5;
	v = view_of(&before, &now, 2000);
	assert_int_equal(v.rows[0].rate, TOP_UNKNOWN);
	assert_int_equal(v.rows[1].rate, TOP_UNKNOWN);
	assert_int_equal(v.rows[2].rate, 0);
	top_view__free(&v);
}

static void damage(void **state)
{
	struct queue_view b[QUEUES];
	struct stats now;
	struct top_view v;

	(void)state;
	reading(&now, b, 3000);
	b[0].c.violations[VQA_RULE_NEXT_FLIP] = 2;
	b[0].c.violations[VQA_RULE_DESC_TAMPER] = 5;
	b[0].c.ignored = 3;
	b[1].survey.broken = 1;
	b[1].survey.num_free = 60000; /* beyond the ring */
	b[2].coverage = COVERAGE_WRONG;
	now.programs[0].recursion_misses = 4;
	now.n_programs = 1;
	v = view_of(NULL, &now, 0);
	assert_int_equal(v.rows[0].violations, 4);
	assert_int_equal(v.rows[0].rule, VQA_RULE_DESC_TAMPER);
	assert_true(v.rows[1].broken);
	assert_int_equal(v.rows[1].in_flight, 0);
	assert_int_equal(v.rows[1].rule, -1);
	assert_true(v.rows[2].unaccounted);
	assert_int_equal(v.sums.broken, 1);
	assert_int_equal(v.sums.unaccounted, 1);
	assert_int_equal(v.sums.missed, 4);
	top_view__free(&v);
}

static void devices(void **state)
{
	char *by_name[] = { "virtio10", NULL }, *by_bus[] = { "0000:00:01.0", NULL };
	char *no_prefix[] = { "virtio1", NULL };
	struct queue_view b[QUEUES];
	struct stats now;
	struct top_view v;

	(void)state;
	reading(&now, b, 3000);
	assert_int_equal(top_view__make(&v, NULL, &now, 0, by_name), 0);
	assert_int_equal(v.n, 2);
	assert_int_equal(v.rows[0].id.vdev_index, 10);
	assert_int_equal(v.sums.queues, 3); /* of the machine */
	top_view__free(&v);
	assert_int_equal(top_view__make(&v, NULL, &now, 0, by_bus), 0);
	assert_int_equal(v.n, 1);
	top_view__free(&v);
	assert_int_equal(top_view__make(&v, NULL, &now, 0, no_prefix), 0);
	assert_int_equal(v.n, 0);
	top_view__free(&v);
}

static void sorted(void **state)
{
	static const struct {
		enum top_sort by;
		__u64 first, second, third; /* addresses */
	} cases[] = {
		{ TOP_BY_NAME, 0x10, 0x20, 0x30 },
		{ TOP_BY_RATE, 0x30, 0x20, 0x10 },
		{ TOP_BY_VIOLATIONS, 0x20, 0x10, 0x30 }, /* equal ones by name */
		{ TOP_BY_P99, 0x30, 0x10, 0x20 },
	};
	struct queue_view b[QUEUES];
	struct stats now;
	struct top_view v;

	(void)state;
	reading(&now, b, 3000);
	v = view_of(NULL, &now, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int k = 0; k < QUEUES; k++) {
			struct top_row *r = &v.rows[k];

			r->rate = r->id.vq == 0x10 ? TOP_UNKNOWN : r->id.vq;
			r->violations = r->id.vq == 0x20;
			r->p99_ns = r->id.vq == 0x20 ? TOP_UNKNOWN : r->id.vq == 0x30 ? 9 : 0;
		}
		top_view__sort(&v, cases[i].by);
		assert_int_equal(v.rows[0].id.vq, cases[i].first);
		assert_int_equal(v.rows[1].id.vq, cases[i].second);
		assert_int_equal(v.rows[2].id.vq, cases[i].third);
	}
	top_view__free(&v);
}

/* Between the readings, not since the start. */
static void latency(void **state)
{
	const __u32 fast = vqa_bucket_of(1000, VQA_LATENCY_UNIT);
	const __u32 slow = vqa_bucket_of(1000000, VQA_LATENCY_UNIT);
	struct queue_view a[QUEUES], b[QUEUES];
	struct stats before, now;
	struct top_view v;

	(void)state;
	reading(&before, a, 1000);
	reading(&now, b, 3000);
	a[0].latency.bucket[slow] = 1000000;
	b[0].latency.bucket[slow] = 1000005;
	b[0].latency.bucket[fast] = 95;
	a[1].latency.bucket[slow] = b[1].latency.bucket[slow] = 7;
	b[0].oldest_ns = b[1].oldest_ns = 4000;
	b[0].survey.num_free = 200;
	b[2].oldest_ns = 0; /* in flight, and not met by any look */
	b[2].survey.num_free = 100;
	v = view_of(&before, &now, 2000);
	assert_in_range(v.rows[0].p50_ns, 750, 1250);
	assert_in_range(v.rows[0].p99_ns, 750000, 1250000);
	assert_int_equal(v.rows[1].p50_ns, TOP_UNKNOWN);
	assert_int_equal(v.rows[1].p99_ns, TOP_UNKNOWN);
	assert_int_equal(v.rows[0].oldest_ns, 4000);
	assert_int_equal(v.rows[1].oldest_ns, TOP_UNKNOWN); /* the driver has all it gave */
	assert_int_equal(v.rows[2].oldest_ns, TOP_UNKNOWN);
	top_view__free(&v);
}

static void numbers(void **state)
{
	char b[TOP_NUMBER];

	(void)state;
	assert_string_equal(top_number__count(99999, 5, b), "99999");
	assert_string_equal(top_number__count(123456, 5, b), "123k");
	assert_string_equal(top_number__count(1234567, 4, b), "1M");
	assert_string_equal(top_number__count(TOP_UNKNOWN, 5, b), "-");
	assert_string_equal(top_number__count(TOP_UNKNOWN - 1, 5, b), "18E");

	assert_string_equal(top_number__time(0, b), "0ns");
	assert_string_equal(top_number__time(999, b), "999ns");
	assert_string_equal(top_number__time(1000, b), "1.0us");
	assert_string_equal(top_number__time(9999, b), "9.9us");
	assert_string_equal(top_number__time(10000, b), "10us");
	assert_string_equal(top_number__time(59999999999, b), "59s");
	assert_string_equal(top_number__time(60000000000, b), "1.0m");
	assert_string_equal(top_number__time(864000000000000, b), "10d");
	assert_string_equal(top_number__time(TOP_UNKNOWN, b), "-");

	assert_string_equal(top_number__share(0, 0, b), "-");
	assert_string_equal(top_number__share(0, 9, b), "0.0%");
	assert_string_equal(top_number__share(1, 2, b), "50.0%");
	assert_string_equal(top_number__share(999999999, 1000000000, b), "99.9%"); /* never all */
	assert_string_equal(top_number__share(9, 9, b), "100%");
}

/* Each width shows as many whole columns as fit; titles stand above their numbers. */
static void columns(void **state)
{
	struct top_how how = { 0 };
	char titles[TOP_LINE], line[TOP_LINE];
	struct top_row row = {
		.id = { .vdev_index = 123456,
			.index = 12,
			.num = 32768,
			.device = 2,
			.bus = "0000:00:01.0",
			.name = "a\033[31mlong-name" },
		.in_flight = 32768,
		.rate = 123456789,
		.p50_ns = 123456,
		.p99_ns = 999000000,
		.oldest_ns = 999000000000,
		.audited = 1,
		.completions = 3,
		.violations = 12345678,
		.rule = 0,
	};

	(void)state;
	for (how.width = TOP_MIN_WIDTH; how.width < 140; how.width++) {
		top_text__titles(&how, titles);
		assert_true(top_text__row(&row, &how, line));
		assert_true(strlen(titles) <= how.width && strlen(line) <= how.width);
		assert_non_null(strstr(titles, " VIOL"));
		assert_null(strchr(line, '\033'));
		assert_int_equal(!strstr(titles, "STATE"), how.width < 80);
		assert_int_equal(!strstr(titles, "RULE"), how.width < 120);
	}
	how.width = 80;
	assert_true(top_text__row(&row, &how, line));
	assert_string_equal(
		line,
		"! virtio1~ 12 a\\x1b[3~   12M  33.3% 32768/32~   123M 123us 999ms    16m ok");
}

static void signs(void **state)
{
	struct top_how how = { .width = TOP_MIN_WIDTH };
	struct top_row row = { .rule = -1 };
	char line[TOP_LINE];

	(void)state;
	assert_false(top_text__row(&row, &how, line));
	assert_int_equal(line[0], ' ');
	row.unaccounted = true;
	assert_true(top_text__row(&row, &how, line));
	assert_int_equal(line[0], '?');
	row.violations = 1;
	assert_true(top_text__row(&row, &how, line));
	assert_int_equal(line[0], '!');
	row.broken = true;
	assert_true(top_text__row(&row, &how, line));
	assert_int_equal(line[0], 'X');
}

/* What does not fit is counted: a loss is never cut off in silence. */
static void heads(void **state)
{
	struct top_how how = { .tier = TIER_STOCK };
	struct queue_view b[QUEUES];
	char line[TOP_LINE];
	struct stats now;
	struct top_view v;

	(void)state;
	reading(&now, b, 3000);
	v = view_of(NULL, &now, 0);
	how.width = 80;
	assert_false(top_text__head(3, &v, &how, line));
	assert_string_equal(line, "found  nothing");
	assert_false(top_text__head(4, &v, &how, line));
	assert_string_equal(line, "lost   nothing");
	for (int i = 0; i < VQA_LOSS_COUNT; i++)
		v.losses[i] = 1000000000 + i;
	v.sums.unaccounted = 1;
	v.sums.total.violations[VQA_RULE_NEXT_FLIP] = 3;
	for (how.width = TOP_MIN_WIDTH; how.width < TOP_LINE; how.width++) {
		size_t commas = 0;
		char *more;

		for (unsigned int i = 0; i < TOP_HEAD; i++) {
			assert_int_equal(top_text__head(i, &v, &how, line), i > 2);
			assert_true(strlen(line) <= how.width);
		}
		for (const char *p = line; *p; p++)
			commas += *p == ',';
		more = strchr(line, '+');
		/* Items: the queue, and each of the losses. */
		if (strstr(line, "on 1 queue"))
			assert_int_equal(commas + (strstr(line, "events") ? 1 : 0) +
						 (more ? atoi(more + 1) : 0),
					 VQA_LOSS_COUNT);
		else
			assert_int_equal(atoi(more + 1), 1 + VQA_LOSS_COUNT);
	}
	top_view__free(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),   cmocka_unit_test(unknown), cmocka_unit_test(damage),
		cmocka_unit_test(devices), cmocka_unit_test(sorted),  cmocka_unit_test(latency),
		cmocka_unit_test(numbers), cmocka_unit_test(columns), cmocka_unit_test(signs),
		cmocka_unit_test(heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
