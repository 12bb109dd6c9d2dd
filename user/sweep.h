/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SWEEP_H
#define VQA_USER_SWEEP_H

#include "audit.h"

/** struct sweeper - sweeps all queues again and again; zero it before */
struct sweeper {
	int (*all)(const struct audit *a, __u64 *left_out); /* sweep__all() or progress__all() */
	unsigned int period_ms; /* 0: never */
	long long next_ms; /* when the next sweep is due */
	__u64 rounds; /* sweeps over all queues */
	__u64 overruns; /* times that a sweep began so late that another one fell out */
	__u64 left_out; /* queues that went or were broken before their sweep was over */
	long long swept_ms; /* when the last one was, 0: there was none */
	int err; /* why the last one failed, or 0 */
};

/**
 * sweep__all - sweep each queue once
 * @left_out: rises by the queues that went or were broken meanwhile
 *
 * Return: 0 or -errno.
 */
int sweep__all(const struct audit *a, __u64 *left_out);

/** progress__all - look at the progress of each queue once; the same otherwise */
int progress__all(const struct audit *a, __u64 *left_out);

/** progress__period - in ms, how often to look if a device may have a request for @stall_ms */
unsigned int progress__period(unsigned int stall_ms);

/**
 * sweeper__run - sweep if it is time to
 * @now_ms: CLOCK_MONOTONIC
 *
 * Return: 1 if it swept, 0 if not, or -errno.
 */
int sweeper__run(struct sweeper *s, const struct audit *a, long long now_ms);

#endif
