/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_EVENTS_H
#define VQA_USER_EVENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "out.h"
#include "vq_audit/rules.h"

/** struct events_filter - which violations; zeroed but for queue: all */
struct events_filter {
	bool by_rule, rule[VQA_RULE_COUNT];
	const char *device; /* "virtio0", or its bus, "0000:00:02.0"; NULL: any */
	long queue; /* of its device; -1: any */
	long long since_s, until_s; /* since the epoch; 0: any */
};

/** struct events - violations that were written down, on their way to somebody */
struct events {
	struct out *out;
	bool json, color;
	unsigned int timeline; /* text: operations before each, at most */
	struct events_filter filter;
	unsigned long shown, others, corrupt, undated; /* count on */
	char date[16]; /* that was printed last */
};

/**
 * events__show - show a record, if it is a violation that the filter lets through
 * @offset_ns: CLOCK_REALTIME - CLOCK_MONOTONIC where the record does not say; 0: unknown. A
 *	violation of an unknown time of day is shown, whatever the filter says of times
 *
 * Return: NULL, or a static text that says what is wrong with the record.
 */
const char *events__show(struct events *v, const json_t *record, long long offset_ns);

/** events__corrupt - count what is no record, and say on stderr where it is and why */
void events__corrupt(struct events *v, const char *where, const char *reason);

/** events__read_file - all records of a file of JSON lines; 0, or -errno if reading failed */
int events__read_file(struct events *v, const char *name, FILE *f);

/**
 * events__read_journal - all violations in systemd's journal
 * @directory: of journal files; NULL: that of this machine
 *
 * Return: 0 or -errno.
 */
int events__read_journal(struct events *v, const char *directory);

#endif
