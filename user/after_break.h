/* SPDX-License-Identifier: GPL-2.0 */
/* From what is counted to what is done about it: devices whose queues are broken. */
#ifndef VQA_USER_AFTER_BREAK_H
#define VQA_USER_AFTER_BREAK_H

#include "on_break.h"
#include "recoverer.h"
#include "sinks.h"

/**
 * after_break__start - what @o says takes a recoverer: *ret is one, or else stays NULL
 *
 * Return: 0, or -errno after having said on stderr why there can be none.
 */
int after_break__start(struct recoverer **ret, const struct on_break *o, unsigned int attempts);

/**
 * after_break__see_to - ask for what @o says about each device that has a broken queue
 * @r: recovers; NULL if nothing is to be recovered
 * @seen_ms: before @stats was read
 *
 * By what was counted, not by records: one of those can be lost, and a device
 * that was broken before the audit began has none.
 *
 * Return: whether the machine is to panic.
 */
bool after_break__see_to(const struct on_break *o, struct recoverer *r, const struct stats *stats,
			 long long seen_ms);

/** after_break__tell - count the outcomes that there are by now, and tell the sinks */
void after_break__tell(struct recoverer *r, struct stats *stats, struct sinks *sinks);

/** after_break__end - begin nothing more; what is under way is waited for, and told */
void after_break__end(struct recoverer *r, struct stats *stats, struct sinks *sinks);

#endif
