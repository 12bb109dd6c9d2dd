/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_REPORT_PAGE_H
#define VQA_USER_REPORT_PAGE_H

#include "report.h"

/* The rooms of a page of HTML; each prints a part of it. */

extern const char report_css[];

/** struct page - a page being put together: what comes first is known last */
struct page {
	FILE *contents, *incidents, *course, *unread;
	char *text[4]; /* of these, in this order */
	size_t size[4];
	unsigned long course_lines;
};

/** page__begin - 0 or -ENOMEM */
int page__begin(struct page *p);

/**
 * page__end - the whole page, and the end of @p
 * @path: of the file of records, as the user called it; only shown
 * @ret, @ret_size: the caller's, to free
 *
 * Return: 0 or -ENOMEM.
 */
int page__end(struct page *p, const struct report *r, const char *path, char **ret,
	      size_t *ret_size);

/** report_incident - a section: facts, divergence, ring, operations */
void report_incident(FILE *f, const struct incident *i);

/** report_ring - a figure of the ring, as far as the record tells it */
void report_ring(FILE *f, const struct incident *i);

/** report_time - a figure and a table of the operations before a violation */
void report_time(FILE *f, const struct incident *i);

/** report__moment - of an incident, with milliseconds: a date if the file tells one; returns @buf
 */
const char *report__moment(char *buf, size_t size, const struct incident *i);

#endif
