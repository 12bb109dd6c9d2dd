/* SPDX-License-Identifier: GPL-2.0 */
/* Where "top" has its numbers from: the audit that is pinned, or else one of its own. */
#ifndef VQA_USER_TOP_SOURCE_H
#define VQA_USER_TOP_SOURCE_H

#include <stdbool.h>

#include "audit.h"
#include "stats.h"
#include "sweep.h"

struct ring_buffer;

/** struct top_source - an audit to read */
struct top_source {
	struct audit *audit;
	enum tier tier;
	bool is_own; /* it was begun here, and ends here */
	bool is_dma; /* level dma */
	struct sweeper sweeper, looker; /* of its own audit */
	struct ring_buffer *events; /* the same; others' belong to their daemons */
};

/**
 * top_source__open - find the audit that is pinned, or begin one that only counts
 * @max_queues: of its own audit
 *
 * Return: 0, top_source__close() then being due; or -errno after having said what is wrong.
 */
int top_source__open(struct top_source *s, unsigned int max_queues);
void top_source__close(struct top_source *s);

/** top_source__work - what an audit of one's own takes, now and then. Return: 0 or -errno */
int top_source__work(struct top_source *s);

/** top_source__due_ms - when that is due again, if that is before @until (CLOCK_MONOTONIC) */
long long top_source__due_ms(const struct top_source *s, long long until);

/** top_source__ended - whether the audit that was looked at is there no more */
bool top_source__ended(const struct top_source *s);

/** top_source__read - as stats__read(), with all that a sweeper counts */
int top_source__read(const struct top_source *s, struct stats *ret);

#endif
