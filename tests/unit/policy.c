// SPDX-License-Identifier: GPL-2.0
/* What users type as --action, and what they get by default. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "policy.h"

static void defaults_by_severity(void **state)
{
	struct policy p;

	(void)state;
	policy__init(&p, false);
	assert_int_equal(p.action[VQA_RULE_NEXT_FLIP], VQA_ACT_ALERT);
	assert_int_equal(p.action[VQA_RULE_USED_LEN_OVER], VQA_ACT_ALERT);
	policy__init(&p, true);
	assert_int_equal(p.action[VQA_RULE_NEXT_FLIP], VQA_ACT_BREAK);
	assert_int_equal(p.action[VQA_RULE_USED_LEN_OVER], VQA_ACT_ALERT);
}

static const struct {
	const char *text;
	int err;
} cases[] = {
	{ "next-flip=break", 0 },
	{ "all=log", 0 },
	{ "used-len-over=panic", 0 },
	{ "next-flip", -EINVAL },
	{ "", -EINVAL },
	{ "=break", -EINVAL },
	{ "no-such-rule=log", -ENOENT },
	{ "next-flip=explode", -ENOENT },
	{ "next-flip=", -EINVAL },
	{ "NEXT-FLIP=log", -ENOENT },
};

static void parsing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy p, before;
		char why[512] = "";
		int err;

		policy__init(&p, false);
		before = p;
		err = policy__parse(&p, cases[i].text, why, sizeof(why));
		if (err != cases[i].err)
			fail_msg("'%s': %d, not %d (%s)", cases[i].text, err, cases[i].err, why);
		assert_int_equal(!!why[0], !!err);
		assert_int_equal(!memcmp(&p, &before, sizeof(p)), !!err);
	}
}

static void all_means_all(void **state)
{
	struct policy p;
	char why[512];

	(void)state;
	policy__init(&p, false);
	assert_int_equal(policy__parse(&p, "all=ignore", why, sizeof(why)), 0);
	for (int rule = 0; rule < VQA_RULE_COUNT; rule++)
		assert_int_equal(p.action[rule], VQA_ACT_IGNORE);
	assert_int_equal(policy__find(&p, VQA_ACT_BREAK), -ENOENT);
	assert_int_equal(policy__parse(&p, "next-flip=break", why, sizeof(why)), 0);
	assert_int_equal(policy__find(&p, VQA_ACT_BREAK), VQA_RULE_NEXT_FLIP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_by_severity),
		cmocka_unit_test(parsing),
		cmocka_unit_test(all_means_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
