/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a page of HTML is sound, and needs nothing but itself. */
#ifndef TESTS_UNIT_HTML_SOUND_H
#define TESTS_UNIT_HTML_SOUND_H

#include <ctype.h>
#include <stdbool.h>

#define DEPTH_MAX 32

/** struct tags - those that are open */
struct tags {
	char name[DEPTH_MAX][16];
	unsigned int depth;
};

static inline bool is_void(const char *name)
{
	return !strcmp(name, "meta") || !strcmp(name, "!doctype");
}

/* A tag from < on: names are lower case, values quoted. Returns what is behind it. */
static inline const char *read_tag(struct tags *t, const char *s)
{
	char name[16] = "";
	bool ends = s[1] == '/', quoted = false, closed = false;
	unsigned int n = 0;

	for (s += 1 + ends; isalnum((unsigned char)*s) || *s == '!'; s++)
		if (n < sizeof(name) - 1)
			name[n++] = tolower((unsigned char)*s);
	for (; *s && (quoted || *s != '>'); s++) {
		quoted ^= *s == '"';
		assert_true(*s != '<');
		assert_true(quoted || *s != '\'');
		closed = *s == '/';
	}
	assert_int_equal(*s, '>');
	assert_true(n > 0);
	if (ends) {
		assert_true(t->depth > 0);
		assert_string_equal(t->name[--t->depth], name);
	} else if (!closed && !is_void(name)) {
		assert_true(t->depth < DEPTH_MAX);
		strcpy(t->name[t->depth++], name);
	}
	return s + 1;
}

/* Every tag that begins ends, each & begins an entity, and all is printable ASCII. */
static inline void assert_sound(const char *page)
{
	struct tags t = { 0 };
	const char *s = strstr(page, "<style>");

	assert_memory_equal(page, "<!DOCTYPE html>\n<html lang=\"en\">", 32);
	assert_non_null(s);
	for (s = page; *s;) {
		if (!strncmp(s, "<style>", 7)) {
			s = strstr(s, "</style>") + 8;
		} else if (*s == '<') {
			s = read_tag(&t, s);
		} else {
			assert_true((*s >= 0x20 && *s < 0x7f) || *s == '\n');
			assert_true(*s != '>');
			assert_true(*s != '&' || strcspn(s, ";") < strcspn(s, " <\n"));
			s++;
		}
	}
	assert_int_equal(t.depth, 0);
}

/* Nothing in it makes a browser fetch, run or follow anything. */
static inline void assert_alone(const char *page)
{
	static const char *const never[] = {
		"<script", "src=", "http:",	  "https:",  "url(",  "@import",  "<link",
		"<iframe", "<img", "javascript:", "<object", "<form", "onload=\""
	};

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_null(strcasestr(page, never[i]));
	assert_non_null(strstr(page, "content=\"default-src 'none'; style-src 'unsafe-inline'"));
}

#endif
