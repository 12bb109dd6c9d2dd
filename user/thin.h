/* SPDX-License-Identifier: GPL-2.0 */
/* How much is left out: --sample, and --budget, which finds the sample that it takes. */
#ifndef VQA_USER_THIN_H
#define VQA_USER_THIN_H

#include <linux/types.h>
#include <stdbool.h>

#include "vq_audit/abi.h"

#define THIN_MAX 1024 /* one buffer of so many: beyond that there is little left to leave out */

/** struct thin_opts - what is asked for */
struct thin_opts {
	unsigned int sample; /* compare one buffer of so many; 0: not given, all */
	unsigned int budget_ppm; /* of the CPUs' time, that hooks may take; 0: any */
	bool all; /* of a buffer that is left out, leave out what guards the driver's memory, too */
};

/** struct thin - what is done about it */
struct thin {
	struct thin_opts opts;
	__u64 sample;
	__u64 cost_ppm; /* of the CPUs' time, that hooks took in the last second */
	__u64 over; /* seconds in which that was beyond the budget, with nothing left to leave out
		     */
	__u64 run_ns, time_ns; /* of the reading before: in hooks, and by the clock */
	int stats_fd; /* keeps the kernel counting, or -1 */
};

/**
 * thin__parse_sample - "N" or "N,all", the value of --sample
 * thin__parse_budget - percent, as "2" or "0.5", the value of --budget
 *
 * Return: 0, or -EINVAL with a reason in @why.
 */
int thin__parse_budget(struct thin_opts *o, const char *text, char *why, unsigned int why_size);
int thin__parse_sample(struct thin_opts *o, const char *text, char *why, unsigned int why_size);

/** thin__is_on - whether anything may be left out */
bool thin__is_on(const struct thin_opts *o);

/** thin__kind - what the programs are to leave out, then */
enum vqa_thins thin__kind(const struct thin_opts *o);

/**
 * thin__change - another sample, or budget, of the same kind, from now on
 *
 * Return: 0 or -errno; nothing has changed then.
 */
int thin__change(struct thin *t, const struct thin_opts *o);

/**
 * thin__begin - have the kernel count what its programs take, if there is a budget
 *
 * Return: 0, thin__end() then being due; or -errno.
 */
int thin__begin(struct thin *t, const struct thin_opts *o);
void thin__end(struct thin *t);

/**
 * thin__next - the sample after @t has seen one more second
 * @run_ns: that hooks took so far
 * @time_ns: monotonic
 * @cpus: that there are
 *
 * The first reading has nothing before it to be compared with, and changes nothing.
 */
unsigned int thin__next(struct thin *t, __u64 run_ns, __u64 time_ns, unsigned int cpus);

#endif
