/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_JSON_LINES_H
#define VQA_USER_JSON_LINES_H

#include <jansson.h>
#include <stdio.h>

/** struct json_lines - a file of records being read, a JSON object on each line */
struct json_lines {
	/* What is wrong with an object, as a static text, or NULL; it keeps no reference. */
	const char *(*record)(struct json_lines *l, json_t *object);
	/* A line that is no record, or of which record() said what is wrong; printable ASCII. */
	void (*corrupt)(struct json_lines *l, const char *reason);
	unsigned long lines; /* the line at hand; rises */
};

/**
 * json_lines__read - each line of a file; zero @l->lines before
 *
 * Return: 0, or -errno if reading failed.
 */
int json_lines__read(struct json_lines *l, FILE *f);

#endif
