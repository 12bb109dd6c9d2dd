/* SPDX-License-Identifier: GPL-2.0 */
/* Strings for people: escaping, flags, marks, paragraphs. No I/O but to a given stream. */
#include "text.h"

#include <stdbool.h>
#include <string.h>

#include <linux/virtio_ring.h>

char *text__escape(char *dst, size_t size, const char *src)
{
	size_t at = 0;

	for (; *src; src++) {
		unsigned char c = *src;
		bool plain = c >= 0x20 && c < 0x7f && c != '\\' && c != '"';
		size_t need = plain ? 1 : 4;

		if (at + need >= size)
			break;
		if (plain)
			dst[at] = c;
		else
			snprintf(dst + at, size - at, "\\x%02x", c);
		at += need;
	}
	dst[at] = 0;
	return dst;
}

/* Bytes of the valid UTF-8 sequence at @s, or 0. Overlong forms and surrogates are invalid. */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

char *text__utf8(char *dst, size_t size, const char *src)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t at = 0;

	while (*src) {
		size_t n = utf8_length((const unsigned char *)src);
		const char *from = n ? src : replacement;
		size_t need = n ? n : strlen(replacement);

		if (at + need >= size)
			break;
		memcpy(dst + at, from, need);
		at += need;
		src += n ? n : 1;
	}
	dst[at] = 0;
	return dst;
}

static const struct {
	__u16 bit;
	const char *name;
	const char *clear; /* as wide as the name */
} flag_names[] = {
	{ VRING_DESC_F_NEXT, "NEXT", "----" },
	{ VRING_DESC_F_WRITE, "WRITE", "-----" },
	{ VRING_DESC_F_INDIRECT, "INDIRECT", "--------" },
	{ 1 << VRING_PACKED_DESC_F_AVAIL, "AVAIL", "-----" },
	{ 1 << VRING_PACKED_DESC_F_USED, "USED", "----" },
};

#define FLAG_NAMES (sizeof(flag_names) / sizeof(flag_names[0]))

static size_t append(char *dst, size_t size, size_t at, const char *text)
{
	int n;

	if (at >= size)
		return at;
	n = snprintf(dst + at, size - at, "%s%s", at ? "|" : "", text);
	return at + n;
}

char *text__flags(char *dst, size_t size, __u16 flags, __u16 columns)
{
	char other[8];
	size_t at = 0;

	snprintf(dst, size, "0");
	for (size_t i = 0; i < FLAG_NAMES; i++) {
		__u16 bit = flag_names[i].bit;

		if (columns & bit)
			at = append(dst, size, at,
				    flags & bit ? flag_names[i].name : flag_names[i].clear);
		flags &= ~bit;
		columns &= ~bit;
	}
	if (columns) {
		snprintf(other, sizeof(other), "x%04x", flags);
		append(dst, size, at, other);
	}
	return dst;
}

const char *text__flag_name(__u16 flags)
{
	for (size_t i = 0; i < FLAG_NAMES; i++)
		if (flags & -flags & flag_names[i].bit)
			return flag_names[i].name;
	return NULL;
}

unsigned int text__mark_diff(char *dst, size_t size, const char *a, const char *b)
{
	unsigned int marks = 0;
	size_t at;

	for (at = 0; (*a || *b) && at + 1 < size; at++) {
		bool same = *a == *b;

		dst[at] = same ? ' ' : '^';
		marks += !same;
		a += *a != 0;
		b += *b != 0;
	}
	dst[at] = 0;
	return marks;
}

void text__wrap(FILE *f, unsigned int column, unsigned int indent, const char *text)
{
	bool first = true;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (!first && column + 1 + word > TEXT_COLUMNS) {
			fprintf(f, "\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		column += fprintf(f, "%s%.*s", first ? "" : " ", (int)word, text);
		text += word;
		text += strspn(text, " ");
		first = false;
	}
	fputc('\n', f);
}

const char *text__plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
}
