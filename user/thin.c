/* SPDX-License-Identifier: GPL-2.0 */
#include "thin.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define PPM 1000000ULL
#define PERCENT (PPM / 100)

int thin__parse_sample(struct thin_opts *o, const char *text, char *why, unsigned int why_size)
{
	unsigned long n = 0;
	char *end = (char *)text;

	if (isdigit((unsigned char)*text))
		n = strtoul(text, &end, 10);
	if (n < 1 || n > THIN_MAX || (*end && strcmp(end, ",all"))) {
		snprintf(why, why_size, "\"%s\" is not N or N,all, with N from 1 to %d", text,
			 THIN_MAX);
		return -EINVAL;
	}
	o->sample = n;
	o->all = *end;
	return 0;
}

int thin__parse_budget(struct thin_opts *o, const char *text, char *why, unsigned int why_size)
{
	double percent = 0;
	char *end = (char *)text;

	if (isdigit((unsigned char)*text))
		percent = strtod(text, &end);
	if (*end || !(percent >= 0.01 && percent <= 100)) {
		snprintf(why, why_size, "\"%s\" is not a number of percent from 0.01 to 100", text);
		return -EINVAL;
	}
	o->budget_ppm = percent * PERCENT + 0.5;
	return 0;
}

bool thin__is_on(const struct thin_opts *o)
{
	return o->sample || o->budget_ppm;
}

enum vqa_thins thin__kind(const struct thin_opts *o)
{
	if (!thin__is_on(o))
		return VQA_THINS_NONE;
	return o->all ? VQA_THINS_ALL : VQA_THINS_DESCS;
}

int thin__begin(struct thin *t, const struct thin_opts *o)
{
	*t = (struct thin){ .opts = *o, .sample = o->sample ?: 1, .stats_fd = -1 };
	if (!o->budget_ppm)
		return 0;
	t->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	return t->stats_fd < 0 ? t->stats_fd : 0;
}

void thin__end(struct thin *t)
{
	if (t->stats_fd >= 0)
		close(t->stats_fd);
	t->stats_fd = -1;
}

int thin__change(struct thin *t, const struct thin_opts *o)
{
	if (o->sample == t->opts.sample && o->budget_ppm == t->opts.budget_ppm &&
	    o->all == t->opts.all)
		return 0;
	if (o->budget_ppm && t->stats_fd < 0) {
		int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

		if (fd < 0)
			return fd;
		t->stats_fd = fd;
	}
	if (!o->budget_ppm)
		thin__end(t);
	t->opts = *o;
	t->sample = o->sample ?: 1; /* a budget finds its own from there */
	t->cost_ppm = t->time_ns = 0;
	return 0;
}

/* Halved, the sample costs no more than twice as much; so it is once there is room for that. */
static unsigned int fitting(const struct thin *t)
{
	unsigned int budget = t->opts.budget_ppm;

	if (t->cost_ppm > budget && t->sample < THIN_MAX)
		return t->sample * 2 < THIN_MAX ? t->sample * 2 : THIN_MAX;
	if (t->cost_ppm < budget / 2 && t->sample / 2 >= (t->opts.sample ?: 1))
		return t->sample / 2;
	return t->sample;
}

unsigned int thin__next(struct thin *t, __u64 run_ns, __u64 time_ns, unsigned int cpus)
{
	__u64 elapsed = (time_ns - t->time_ns) * cpus, ran = run_ns - t->run_ns;
	bool first = !t->time_ns;

	t->run_ns = run_ns;
	t->time_ns = time_ns;
	if (!t->opts.budget_ppm || first || !elapsed)
		return t->sample;
	t->cost_ppm = ran < elapsed ? ran * PPM / elapsed : PPM;
	if (t->cost_ppm > t->opts.budget_ppm && t->sample == THIN_MAX)
		t->over++;
	t->sample = fitting(t);
	return t->sample;
}
