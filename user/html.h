/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_HTML_H
#define VQA_USER_HTML_H

#include <stdio.h>

/*
 * HTML, and SVG within it. Tags come from the program alone; all else goes through
 * these, which leave no character of it that a browser takes for markup, and none that
 * is not printable ASCII: those show as \xNN, as text__escape() has them.
 */

/** html__text - what is ours, or was made safe to print */
void html__text(FILE *f, const char *text);

/** html__name - what others chose: the backslash as well, so that no two look the same */
void html__name(FILE *f, const char *name);

/** html__textf - html__text() of what the format makes; what is too long for it is cut */
void html__textf(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** html__element - a whole element: @tag is its name, and perhaps attributes */
void html__element(FILE *f, const char *tag, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** html__named - an element with a name between two texts, either of which may be NULL */
void html__named(FILE *f, const char *tag, const char *before, const char *name, const char *after);

#endif
