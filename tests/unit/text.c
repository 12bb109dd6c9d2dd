// SPDX-License-Identifier: GPL-2.0
/* What is printed of names that the hypervisor chose, and of what differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "text.h"
#include "vq_audit/check.h"

static void escapes(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "req.0", "req.0" },
		{ "a\033[31mb", "a\\x1b[31mb" },
		{ "tab\there", "tab\\x09here" },
		{ "quote\"", "quote\\x22" },
		{ "back\\slash", "back\\x5cslash" },
		{ "\xff\xfe", "\\xff\\xfe" },
		{ "", "" },
	};
	char buf[TEXT_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(text__escape(buf, sizeof(buf), cases[i].in), cases[i].out);
}

/* An escape that does not fit is left out whole. */
static void escape_in_little_room(void **state)
{
	char buf[6];

	(void)state;
	assert_string_equal(text__escape(buf, sizeof(buf), "ab\001"), "ab");
	assert_string_equal(text__escape(buf, sizeof(buf), "abcdefgh"), "abcde");
}

static void utf8(void **state)
{
	char buf[TEXT_UTF8_SIZE];

	(void)state;
	assert_string_equal(text__utf8(buf, sizeof(buf), "req.0"), "req.0");
	assert_string_equal(text__utf8(buf, sizeof(buf), "\xc3\xa9"), "\xc3\xa9");
	assert_string_equal(text__utf8(buf, sizeof(buf), "a\xff"), "a\xef\xbf\xbd");
	assert_string_equal(text__utf8(buf, sizeof(buf), "\xc3"), "\xef\xbf\xbd");
}

static void marks(void **state)
{
	char buf[32];

	(void)state;
	assert_int_equal(text__mark_diff(buf, sizeof(buf), "0x1000", "0x1000"), 0);
	assert_int_equal(text__mark_diff(buf, sizeof(buf), "0x1000", "0x1008"), 1);
	assert_int_equal(strcspn(buf, "^"), 5);
	assert_int_equal(text__mark_diff(buf, sizeof(buf), "7", "77"), 1);
}

static void flags(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(text__flags(buf, sizeof(buf), 0, 0), "0");
	text__flags(buf, sizeof(buf), VQA_DESC_F_WRITE, VQA_DESC_F_NEXT | VQA_DESC_F_WRITE);
	assert_non_null(strstr(buf, "WRITE"));
	assert_null(strstr(buf, "NEXT"));
	assert_string_equal(text__flag_name(VQA_DESC_F_INDIRECT), "INDIRECT");
	assert_null(text__flag_name(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes), cmocka_unit_test(escape_in_little_room),
		cmocka_unit_test(utf8),	   cmocka_unit_test(marks),
		cmocka_unit_test(flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
