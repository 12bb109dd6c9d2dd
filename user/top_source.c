/* SPDX-License-Identifier: GPL-2.0 */
#include "top_source.h"

#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "clock.h"
#include "error.h"
#include "probe.h"
#include "run.h"

/* What is done about a violation is not for an onlooker to say. Each buffer is timed: few may come.
 */
static struct audit_opts own_opts(unsigned int max_queues)
{
	const struct run_opts run = RUN_OPTS_INIT;
	struct audit_opts opts = {
		.rate = run.rate,
		.max_queues = max_queues,
		.ring_bytes = run.ring_kib * 1024,
		.stall_ms = run.stall_ms,
		.latency = 1,
		.progress = true,
		.sweep = true,
		.sweep_optional = true,
	};

	policy__init(&opts.policies.all, false);
	return opts;
}

/* Records are for a daemon: of each violation the counters know as well. */
static int pass_over(void *ctx, void *data, size_t size)
{
	(void)ctx;
	(void)data;
	(void)size;
	return 0;
}

static int attach(struct top_source *s, const struct audit_opts *opts)
{
	int err = audit__attach(s->audit);

	if (err)
		return err;
	s->events = ring_buffer__new(audit__events_fd(s->audit), pass_over, NULL, NULL);
	if (!s->events) {
		err = -errno;
		err__cannot_run(NULL, "the event buffer: %s", err__str(err));
		return err;
	}
	s->sweeper = (struct sweeper){
		.all = sweep__all,
		.period_ms = audit__can_sweep(s->audit)
				     ? ((struct run_opts)RUN_OPTS_INIT).session.sweep_ms
				     : 0,
	};
	s->looker = (struct sweeper){
		.all = progress__all,
		.period_ms = audit__can_look(s->audit) ? progress__period(opts->stall_ms) : 0,
	};
	return 0;
}

static int begin(struct top_source *s, const struct probes *probes, unsigned int max_queues)
{
	struct audit_opts opts = own_opts(max_queues);
	int err;

	opts.tier = probes__tier(probes);
	opts.btf = &probes->env.btf;
	if (opts.tier == TIER_NONE) {
		probes__explain_none(probes);
		return -EOPNOTSUPP;
	}
	s->tier = opts.tier;
	s->is_own = true;
	err = audit__open(&s->audit, &opts);
	return err ?: attach(s, &opts);
}

int top_source__open(struct top_source *s, unsigned int max_queues)
{
	struct probes probes;
	int err;

	memset(s, 0, sizeof(*s));
	err = probes__run(&probes);
	if (!err)
		err = audit__view(&s->audit, &probes.env.btf);
	if (!err) {
		s->tier = audit__facts(s->audit)->tier;
		s->is_dma = audit__facts(s->audit)->max_mappings;
	} else if (err == -ENOENT) {
		err = begin(s, &probes, max_queues);
	}
	probes__free(&probes);
	if (err)
		top_source__close(s);
	return err;
}

void top_source__close(struct top_source *s)
{
	ring_buffer__free(s->events);
	audit__free(s->audit);
	memset(s, 0, sizeof(*s));
}

int top_source__work(struct top_source *s)
{
	long long now = clock__now_ms();
	int looked, swept;

	if (!s->is_own)
		return 0;
	ring_buffer__consume(s->events);
	looked = sweeper__run(&s->looker, s->audit, now);
	swept = sweeper__run(&s->sweeper, s->audit, now);
	return looked < 0 ? looked : swept < 0 ? swept : 0;
}

static long long earlier(const struct sweeper *s, long long until)
{
	return s->period_ms && s->next_ms < until ? s->next_ms : until;
}

long long top_source__due_ms(const struct top_source *s, long long until)
{
	return earlier(&s->looker, earlier(&s->sweeper, until));
}

bool top_source__ended(const struct top_source *s)
{
	return !s->is_own && !audit__still_pinned(s->audit);
}

int top_source__read(const struct top_source *s, struct stats *ret)
{
	int err = stats__read(ret, s->audit, STATS_JUDGE);

	ret->sweeps = s->sweeper.rounds;
	ret->sweep_overruns = s->sweeper.overruns;
	ret->sweep_left_out = s->sweeper.left_out;
	return err;
}
