// SPDX-License-Identifier: GPL-2.0
/* What becomes of characters that a browser would take for markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "html.h"

/* What the last call wrote, as a string. */
static const char *end(FILE *f, const char *text)
{
	fputc(0, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void escapes(void **state)
{
	char text[256];
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	html__text(f, "a<b>\"c\"&'d'\\x1b\n\x7f\xc3");
	assert_string_equal(end(f, text),
			    "a&lt;b&gt;&quot;c&quot;&amp;&#39;d&#39;\\x1b\\x0a\\x7f\\xc3");
}

/* Every byte: what is left is printable ASCII, and no markup. */
static void every_byte(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		char text[16], in[] = { c, 0 };
		FILE *f = fmemopen(text, sizeof(text), "w");

		html__name(f, in);
		end(f, text);
		assert_true(text[0] && !strpbrk(text, "<>\"'"));
		assert_true(text[0] != '&' || strchr(text, ';'));
		for (const char *s = text; *s; s++)
			assert_true(*s >= 0x20 && *s < 0x7f);
		assert_true(text[0] == c || strlen(text) >= 4);
	}
}

/* Two names that differ do not look the same. */
static void backslash(void **state)
{
	char text[64];
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	html__name(f, "\033");
	html__name(f, "\\x1b");
	assert_string_equal(end(f, text), "\\x1b\\x5cx1b");
}

static void elements(void **state)
{
	char text[256];
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	html__element(f, "td class=\"n\"", "%s & %d", "<b>", 7);
	html__named(f, "q", "<", "'", ">");
	html__textf(f, "%s", "</td>");
	assert_string_equal(end(f, text), "<td class=\"n\">&lt;b&gt; &amp; 7</td>"
					  "<q>&lt;&#39;&gt;</q>&lt;/td&gt;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(backslash),
		cmocka_unit_test(elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
