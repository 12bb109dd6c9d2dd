// SPDX-License-Identifier: GPL-2.0
/* Which places of a ring are drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "strip.h"

static void assert_fits(const struct strip *s, unsigned int num)
{
	assert_true(s->n && strip__width(s) <= STRIP_MAX);
	if (num <= STRIP_MAX)
		assert_int_equal(s->n, num);
	else
		assert_true(strip__width(s) >= STRIP_MAX - 3);
	for (unsigned int i = 0; i < s->n; i++) {
		assert_true(s->at[i] < num);
		assert_true(!i || s->at[i - 1] < s->at[i]);
	}
}

static bool has(const struct strip *s, unsigned int place)
{
	for (unsigned int i = 0; i < s->n; i++)
		if (s->at[i] == place)
			return true;
	return false;
}

/* Whatever matters, the row is as wide as it may be, and not wider; the first stands in it. */
static void any_points(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned int num = 1; num < 1200; num += num < 64 ? 1 : 31) {
		for (unsigned int k = 0; k < 60; k++) {
			unsigned int points[] = { random() % num, random(), random() % num,
						  random() % num };
			struct strip s = strip__around(num, points, k % 5);

			assert_fits(&s, num);
			assert_true(k % 5 == 0 || has(&s, points[0]));
			assert_true(k % 5 < 4 || has(&s, points[3]));
		}
	}
}

static void gaps(void **state)
{
	const unsigned int points[] = { 100, 200 };
	struct strip s = strip__around(256, points, 2);

	(void)state;
	assert_true(strip__gap(&s, 0));
	assert_true(strip__gap(&s, s.n));
	assert_true(has(&s, 99) && has(&s, 101) && has(&s, 199) && has(&s, 201));
	assert_false(has(&s, 150));
	assert_int_equal(strip__width(&s), s.n + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_points),
		cmocka_unit_test(gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
