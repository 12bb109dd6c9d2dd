/* SPDX-License-Identifier: GPL-2.0 */
/* Escaping, and elements. */
#include "html.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#define TEXT_SIZE 1024 /* longer than any sentence of ours */

static void put(FILE *f, unsigned char c, bool plain)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" },  { '<', "&lt;" },   { '>', "&gt;" },
		{ '"', "&quot;" }, { '\'', "&#39;" },
	};

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (c == entities[i].c) {
			fputs(entities[i].entity, f);
			return;
		}
	}
	if (plain && c >= 0x20 && c < 0x7f)
		fputc(c, f);
	else
		fprintf(f, "\\x%02x", c);
}

void html__text(FILE *f, const char *text)
{
	for (; *text; text++)
		put(f, *text, true);
}

void html__name(FILE *f, const char *name)
{
	for (; *name; name++)
		put(f, *name, *name != '\\');
}

static void __attribute__((format(printf, 2, 0))) vtextf(FILE *f, const char *fmt, va_list ap)
{
	char text[TEXT_SIZE];

	vsnprintf(text, sizeof(text), fmt, ap);
	html__text(f, text);
}

void html__textf(FILE *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vtextf(f, fmt, ap);
	va_end(ap);
}

void html__element(FILE *f, const char *tag, const char *fmt, ...)
{
	va_list ap;

	fprintf(f, "<%s>", tag);
	va_start(ap, fmt);
	vtextf(f, fmt, ap);
	va_end(ap);
	fprintf(f, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void html__named(FILE *f, const char *tag, const char *before, const char *name, const char *after)
{
	fprintf(f, "<%s>", tag);
	html__text(f, before ?: "");
	html__name(f, name);
	html__text(f, after ?: "");
	fprintf(f, "</%.*s>", (int)strcspn(tag, " "), tag);
}
