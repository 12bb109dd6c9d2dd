/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_REPORT_H
#define VQA_USER_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "flight.h"
#include "out.h"
#include "sink.h"
#include "tier.h"

#define REPORT_WORD 64

#define REPORT_NO_FLIGHT                                                                     \
	"no operations with it: another of this rule and queue had them less than a second " \
	"before, or the recorder was off"

/** struct report_start - a run of the auditor; its words are as they stand in the file */
struct report_start {
	long long realtime_ns;
	long long clock_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
	enum tier tier;
	char tier_name[REPORT_WORD], version[REPORT_WORD], kernel[REPORT_WORD];
};

/** struct incident - a violation, and all that the file says of it */
struct incident {
	unsigned long n, line; /* which of the file's, and where */
	const struct report_start *start; /* NULL: there is none before it */
	const struct vqa_queue_id *queue; /* with its traits; NULL if the file does not tell them */
	struct vqa_event e;
	struct flight flight;
};

/** incident__realtime_ns - when it was, by the calendar; 0 if the file does not say */
long long incident__realtime_ns(const struct incident *i);

/** incident__tier - of the run; what is written for a patched kernel if the file does not say */
enum tier incident__tier(const struct incident *i);

struct report;

/* How a report looks. What is NULL is not shown; of words, all but a reason may be hostile. */
struct report_view {
	void (*start)(struct report *r, const struct report_start *s);
	void (*incident)(struct report *r, const struct incident *i);
	void (*broken)(struct report *r, const struct vqa_event *e);
	void (*lost)(struct report *r, const struct sink_loss *loss);
	void (*stop)(struct report *r, const char *reason);
	void (*corrupt)(struct report *r, const char *reason); /* printable ASCII */
	void (*line)(struct report *r, json_t *object); /* each that is good, behind the others */
};

extern const struct report_view report_text, report_json, report_html;

/** struct report - what a file of records has to tell */
struct report {
	const struct report_view *view;
	struct out *out; /* text and JSON */
	struct page *page; /* HTML */
	bool color; /* text */
	unsigned long only; /* the incident to be shown, and no line beside it; 0: all */
	unsigned long lines, incidents, corrupt;
};

/**
 * report__read - show each line of a file of records
 * @r: all but the counters is set; those count on
 *
 * What is no record is shown with its line number and the reason, and counted;
 * what follows is shown none the less. Return: 0, or -errno if reading failed.
 */
int report__read(struct report *r, FILE *f);

/** report__date - date and time of day, in local time, of a moment in nanoseconds; returns @buf */
const char *report__date(char *buf, size_t size, long long realtime_ns);

#endif
