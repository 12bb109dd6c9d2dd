/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_REPORT_H
#define VQA_USER_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "out.h"

/** struct report - what a file of records has to tell */
struct report {
	struct out *out;
	bool json; /* the lines themselves, in one form */
	bool color;
	unsigned long lines, incidents, corrupt;
};

/**
 * report__read - show each line of a file of records
 * @r: out, json and color are set; the counters count on
 *
 * What is no record is shown with its line number and the reason, and counted;
 * what follows is shown none the less. Return: 0, or -errno if reading failed.
 */
int report__read(struct report *r, FILE *f);

#endif
