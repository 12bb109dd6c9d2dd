// SPDX-License-Identifier: GPL-2.0
/* Which surveys of a queue show a free list that is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "free_list.h"

#define SETTLED .followed = 1, .settled = 1
#define NUM 256

static const struct {
	const char *name;
	struct vqa_survey s;
	enum free_list want;
} cases[] = {
	{ "nothing in flight", { .num_free = 256, .free = 256, SETTLED }, FREE_LIST_WHOLE },
	{ "all in flight", { .chained = 256, SETTLED }, FREE_LIST_WHOLE },
	{ "both", { .num_free = 251, .free = 251, .chained = 5, SETTLED }, FREE_LIST_WHOLE },
	{ "counted twice", { .num_free = 259, .free = 256, SETTLED }, FREE_LIST_DAMAGED },
	{ "a loop",
	  { .num_free = 251, .free = 40, .chained = 5, .overlaps = 1, SETTLED },
	  FREE_LIST_DAMAGED },
	{ "a leak", { .num_free = 251, .free = 251, .chained = 4, SETTLED }, FREE_LIST_DAMAGED },
	{ "one of a chain is free, the counts agree",
	  { .num_free = 252, .free = 252, .chained = 4, .overlaps = 1, SETTLED },
	  FREE_LIST_DAMAGED },
	{ "leaves the ring", { .num_free = 256, .free = 12, SETTLED }, FREE_LIST_DAMAGED },
	{ "torn", { .num_free = 256, .free = 12, .followed = 1 }, FREE_LIST_UNKNOWN },
	{ "not followed", { .num_free = 256, .settled = 1 }, FREE_LIST_UNKNOWN },
};

static void judging(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum free_list got = free_list__judge(NUM, &cases[i].s);

		if (got != cases[i].want)
			fail_msg("%s: %d, not %d", cases[i].name, got, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(judging) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
