// SPDX-License-Identifier: GPL-2.0
/* How the sample follows what the programs cost. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "thin.h"

#define SECOND 1000000000ULL
#define CPUS 2
#define ONE_PERCENT (SECOND * CPUS / 100)

static struct thin with(unsigned int sample, unsigned int budget)
{
	struct thin t = { .opts = { .sample = sample, .budget_ppm = budget * 10000 },
			  .sample = sample ?: 1 };

	thin__next(&t, 0, SECOND, CPUS);
	return t;
}

/* A second in which the programs took so many percent of all CPUs. */
static unsigned int second(struct thin *t, unsigned int percent)
{
	return thin__next(t, t->run_ns + percent * ONE_PERCENT, t->time_ns + SECOND, CPUS);
}

static void rises(void **state)
{
	struct thin t = with(0, 5);

	(void)state;
	assert_int_equal(t.sample, 1);
	assert_int_equal(second(&t, 6), 2);
	assert_int_equal(t.cost_ppm, 60000);
	assert_int_equal(second(&t, 6), 4);
	assert_int_equal(second(&t, 5), 4); /* it fits */
	for (int i = 0; i < 20; i++)
		second(&t, 99);
	assert_int_equal(t.sample, THIN_MAX);
	assert_int_equal(t.over, 12); /* told, once there is no more to leave out */
}

static void falls(void **state)
{
	struct thin t = with(0, 4);

	(void)state;
	second(&t, 50);
	second(&t, 50);
	assert_int_equal(t.sample, 4);
	assert_int_equal(second(&t, 2), 4); /* twice as much would just fit, and no more */
	assert_int_equal(second(&t, 1), 2);
	assert_int_equal(second(&t, 0), 1);
	assert_int_equal(second(&t, 0), 1);
}

/* What was asked for is left out, however little all would cost. */
static void stays_above(void **state)
{
	struct thin t = with(8, 4);

	(void)state;
	assert_int_equal(second(&t, 0), 8);
	assert_int_equal(second(&t, 5), 16);
	assert_int_equal(second(&t, 0), 8);
	assert_int_equal(second(&t, 0), 8);
}

static void without_budget(void **state)
{
	struct thin t = with(8, 0);

	(void)state;
	assert_int_equal(second(&t, 99), 8);
	assert_int_equal(t.over, 0);
}

/* More than all the time there was: clocks differ. */
static void beyond_all(void **state)
{
	struct thin t = with(0, 100);

	(void)state;
	assert_int_equal(second(&t, 150), 1);
	assert_int_equal(t.cost_ppm, 1000000);
}

static void parsing_samples(void **state)
{
	static const char *const bad[] = { "", "0", "1025", "x", "-1", "4,", "4,most", "4 ", "+4" };
	struct thin_opts o = { 0 };
	char why[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (thin__parse_sample(&o, bad[i], why, sizeof(why)) != -EINVAL)
			fail_msg("\"%s\" is taken", bad[i]);
	assert_false(thin__is_on(&o));
	assert_int_equal(thin__parse_sample(&o, "1024", why, sizeof(why)), 0);
	assert_true(o.sample == 1024 && !o.all && thin__is_on(&o));
	assert_int_equal(thin__parse_sample(&o, "4,all", why, sizeof(why)), 0);
	assert_true(o.sample == 4 && o.all);
}

static void parsing_budgets(void **state)
{
	static const char *const bad[] = {
		"", "0", "0.009", "100.1", "-1", "nan", "inf", "2%", " 2"
	};
	struct thin_opts o = { 0 };
	char why[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (thin__parse_budget(&o, bad[i], why, sizeof(why)) != -EINVAL)
			fail_msg("\"%s\" is taken", bad[i]);
	assert_false(thin__is_on(&o));
	assert_int_equal(thin__parse_budget(&o, "0.01", why, sizeof(why)), 0);
	assert_true(o.budget_ppm == 100 && thin__is_on(&o));
	assert_int_equal(thin__parse_budget(&o, "100", why, sizeof(why)), 0);
	assert_int_equal(o.budget_ppm, 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rises),	   cmocka_unit_test(falls),
		cmocka_unit_test(stays_above),	   cmocka_unit_test(without_budget),
		cmocka_unit_test(beyond_all),	   cmocka_unit_test(parsing_samples),
		cmocka_unit_test(parsing_budgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
