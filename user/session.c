/* SPDX-License-Identifier: GPL-2.0 */
/* A run in the foreground: from the ring buffer to the sink, with the clock beside it. */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "after_break.h"
#include "clock.h"
#include "decode.h"
#include "describe.h"
#include "names.h"
#include "error.h"
#include "notify.h"
#include "offered.h"
#include "reload.h"
#include "seal.h"
#include "stop.h"
#include "sweep.h"

#define TICK_MS 1000
#define BATCH 256 /* records between two looks at the clock */
#define DRAIN_ROUNDS 64

struct session {
	struct audit *audit;
	struct sinks *sinks;
	const struct sink_start *start;
	struct session_opts opts; /* as they are by now */
	struct ring_buffer *ring;
	struct stats stats;
	struct sweeper sweeper, looker;
	struct recoverer *recoverer; /* NULL: a device that breaks is left so */
	int seen_sweep_err, seen_look_err, seen_survey_err;
	__u64 seen_losses[VQA_LOSS_COUNT]; /* that were reported */
	__u64 violations; /* records */
	__u64 undecodable; /* records */
	unsigned int batch;
	long long end_ms, stats_ms; /* 0: never */
	const char *stop_reason; /* NULL: go on */
	bool panicked, failed; /* failed: events can no longer be read */
};

/* The daemon's panic, for kernels that cannot panic in time. Flush first: it is the last word. */
static void panic_now(struct session *s)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	sinks__flush(s->sinks, false);
	err__print("panic, as the policy says");
	if (fd < 0 || write(fd, "c", 1) != 1)
		err__print("/proc/sysrq-trigger: %s; no panic", err__str(errno));
	if (fd >= 0)
		close(fd);
}

static void on_undecodable(struct session *s, const char *fault, size_t size)
{
	struct sink_loss loss = {
		.which = "undecodable",
		.text = fault,
		.count = 1,
		.total = ++s->undecodable,
	};

	err__print("a record of %zu bytes is not understood: %s", size, fault);
	sinks__lost(s->sinks, &loss);
}

static void on_event(struct session *s, const struct vqa_event *e, const struct flight *flight)
{
	sinks__event(s->sinks, e, flight);
	offered__see_to(s->audit, e);
	if (e->type != VQA_EV_VIOLATION)
		return;
	s->violations++;
	if (e->action == VQA_ACT_PANIC && !describe__panics(e, s->start->tier))
		panic_now(s);
}

/* A negative return ends a batch: a flood must not keep the clock from being looked at. */
static int on_record(void *ctx, void *data, size_t size)
{
	struct session *s = ctx;
	struct vqa_event event;
	struct flight flight;
	const char *fault;

	if (decode__event(data, size, &event, &fault)) {
		on_undecodable(s, fault, size);
	} else {
		flight__decode(data, size, &event, &flight);
		on_event(s, &event, &flight);
	}
	return ++s->batch % BATCH ? 0 : -EAGAIN;
}

static void report_losses(struct session *s)
{
	for (unsigned int i = 0; i < VQA_LOSS_COUNT; i++) {
		__u64 total = s->stats.losses[i];
		struct sink_loss loss = {
			.which = loss__name(i),
			.text = loss__text(i),
			.count = total - s->seen_losses[i],
			.total = total,
		};

		if (loss.count)
			sinks__lost(s->sinks, &loss);
		s->seen_losses[i] = total;
	}
}

static void read_stats(struct session *s, enum stats_depth depth)
{
	int err = stats__read(&s->stats, s->audit, depth);

	s->stats.sweeps = s->sweeper.rounds;
	s->stats.sweep_overruns = s->sweeper.overruns;
	s->stats.sweep_left_out = s->sweeper.left_out;
	s->stats.swept_ms = s->sweeper.swept_ms;
	sinks__count(s->sinks, &s->stats);
	if (err)
		err__print("reading the counters failed: %s", err__str(err));
	else
		report_losses(s);
	if (s->stats.survey_err && s->stats.survey_err != s->seen_survey_err)
		err__print("reading the driver's indices failed: %s",
			   err__str(s->stats.survey_err));
	s->seen_survey_err = s->stats.survey_err;
}

/* What the programs took so far. */
static __u64 run_ns(const struct stats *stats)
{
	__u64 sum = 0;

	for (size_t i = 0; i < stats->n_programs; i++)
		sum += stats->programs[i].run_ns;
	return sum;
}

static void keep_to_budget(struct session *s)
{
	if (!thin__is_on(&s->opts.thin))
		return;
	audit__set_sample(s->audit,
			  thin__next(&s->stats.thin, run_ns(&s->stats),
				     clock__now_ms() * 1000000ULL, libbpf_num_possible_cpus()));
}

static void act_on_breaks(struct session *s, long long seen_ms)
{
	bool panic = after_break__see_to(&s->opts.on_break, s->recoverer, &s->stats, seen_ms);

	if (panic && !s->panicked)
		panic_now(s);
	s->panicked |= panic;
	after_break__tell(s->recoverer, &s->stats, s->sinks);
}

/* Once a second: losses are told soon, and little is lost of a queue that goes. */
static void tick(struct session *s)
{
	long long now = clock__now_ms();
	bool due = s->stats_ms && now >= s->stats_ms;

	read_stats(s, due ? STATS_JUDGE : STATS_COUNTERS);
	act_on_breaks(s, now);
	keep_to_budget(s);
	if (due) {
		sinks__stats(s->sinks, &s->stats, false);
		s->stats_ms = now + s->opts.stats_s * 1000LL;
	}
	sinks__tick(s->sinks, &s->stats);
	notify__alive();
}

/* SIGHUP: all goes on as it is, but for what has changed, and can. */
static void reload(struct session *s)
{
	struct session_opts now = s->opts;

	if (!s->opts.reload || !stop__hangup())
		return;
	if (reload__run(s->opts.reload, s->audit, s->sinks, &now, &s->stats.thin)) {
		s->stats.reloads_refused++;
		return;
	}
	s->stats.reloads++;
	if (now.stats_s != s->opts.stats_s)
		s->stats_ms = now.stats_s ? clock__now_ms() + now.stats_s * 1000LL : 0;
	s->opts = now;
	audit__set_sample(s->audit, s->stats.thin.sample);
}

/* Those that a daemon before us was told of: each sink of ours names them, too. */
static void tell_known_queues(struct session *s)
{
	struct vqa_event e = { .version = VQA_ABI_VERSION, .type = VQA_EV_QUEUE };

	read_stats(s, STATS_COUNTERS);
	e.time_ns = clock__now_ms() * 1000000ULL;
	for (size_t i = 0; i < s->stats.n; i++) {
		e.queue = s->stats.queues[i].id;
		sinks__event(s->sinks, &e, &(struct flight){ 0 });
	}
}

static const char *stop_reason(const struct session *s)
{
	if (stop__signal())
		return stop__signal();
	if (s->end_ms && clock__now_ms() >= s->end_ms)
		return "duration";
	if (sinks__gone(s->sinks))
		return "output";
	if (s->opts.sweeps && s->sweeper.rounds >= s->opts.sweeps)
		return "swept";
	return NULL;
}

static void sweep_with(struct session *s, struct sweeper *sweeper, const char *what, int *seen_err)
{
	int err = sweeper__run(sweeper, s->audit, clock__now_ms());

	if (err < 0 && err != *seen_err)
		err__print("%s failed: %s", what, err__str(err));
	if (err)
		*seen_err = err < 0 ? err : 0;
}

static void sweep(struct session *s)
{
	sweep_with(s, &s->sweeper, "sweeping", &s->seen_sweep_err);
	sweep_with(s, &s->looker, "looking at progress", &s->seen_look_err);
}

static long long earlier(const struct sweeper *s, long long until)
{
	return s->period_ms && s->next_ms < until ? s->next_ms : until;
}

/* When there is something to do but to wait for events. A tick can wait for the next sweep. */
static long long wake_up(const struct session *s, long long tick)
{
	if (s->sweeper.period_ms && s->sweeper.period_ms <= TICK_MS / 4)
		tick = s->sweeper.next_ms;
	tick = earlier(&s->looker, earlier(&s->sweeper, tick));
	return s->end_ms && s->end_ms < tick ? s->end_ms : tick;
}

static void listen_for_events(struct session *s)
{
	long long next = clock__now_ms() + TICK_MS;

	while (!(s->stop_reason = stop_reason(s))) {
		long long wait = wake_up(s, next) - clock__now_ms();
		int n = ring_buffer__poll(s->ring, wait > 0 ? wait : 0);

		if (n < 0 && n != -EINTR && n != -EAGAIN) {
			err__print("reading events failed: %s", err__str(n));
			s->stop_reason = "error";
			s->failed = true;
			return;
		}
		sweep(s);
		reload(s);
		if (clock__now_ms() >= next) {
			tick(s);
			next = clock__now_ms() + TICK_MS;
		}
	}
}

/* What is in the buffer when the programs are detached is all there is; take it. */
static void drain(struct session *s)
{
	for (int i = 0; i < DRAIN_ROUNDS; i++)
		if (ring_buffer__consume(s->ring) != -EAGAIN)
			return;
}

/* A violation of a rule that is to be ignored is counted, and no divergence. */
static bool diverged(const struct session *s, const struct vqa_counters *total)
{
	return counters__violations(total) > total->ignored || s->violations;
}

static enum vqa_exit exit_code(const struct session *s, const struct vqa_counters *total)
{
	if (diverged(s, total))
		return VQA_EXIT_DIVERGENCE;
	if (s->failed)
		return VQA_EXIT_CANNOT_RUN;
	if (stats__sinks_lost(&s->stats))
		return VQA_EXIT_OUTPUT;
	return s->stats.losses[VQA_LOSS_QUEUES_FULL] ? VQA_EXIT_NO_ROOM : VQA_EXIT_CLEAN;
}

/* What a sink could not tell because its output failed, stderr tells. */
static void tell_on_stderr(const struct session *s, const struct sink_stop *stop)
{
	struct out log;
	struct sink text = { .ops = &sink_text, .out = &log, .log = &log };

	if (s->sinks->on_stderr || !stats__sinks_lost(&s->stats))
		return;
	out__init(&log, STDERR_FILENO, "standard error");
	text.ops->stats(&text, &s->stats, true);
	text.ops->stop(&text, stop);
}

static enum vqa_exit finish(struct session *s)
{
	struct sink_stop stop = {
		.reason = s->stop_reason,
		.goes_on = audit__goes_on(s->audit),
	};
	struct vqa_counters total;

	notify__stopping();
	after_break__end(s->recoverer, &s->stats, s->sinks);
	read_stats(s, STATS_JUDGE); /* while hooks run, or the driver's index would run ahead */
	audit__detach(s->audit);
	drain(s);
	read_stats(s, STATS_COUNTERS);
	stats__total(&s->stats, &total);
	stop.violations = counters__violations(&total);

	sinks__stats(s->sinks, &s->stats, true);
	sinks__flush(s->sinks, true);
	sinks__count(s->sinks, &s->stats);
	stop.exit = exit_code(s, &total);
	sinks__stop(s->sinks, &stop);
	tell_on_stderr(s, &stop);
	return stop.exit;
}

enum vqa_exit session__run(struct audit *audit, struct sinks *sinks, const struct sink_start *start,
			   const struct session_opts *opts)
{
	struct session s = {
		.audit = audit,
		.sinks = sinks,
		.start = start,
		.opts = *opts,
		.stats.latency_sample = opts->latency, /* the rest of it is empty */
		.sweeper = { .all = sweep__all,
			     .period_ms = audit__can_sweep(audit) ? opts->sweep_ms : 0 },
		.looker = { .all = progress__all,
			    .period_ms = audit__can_look(audit) ? opts->look_ms : 0 },
	};
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;
	int err;

	s.ring = ring_buffer__new(audit__events_fd(audit), on_record, &s, NULL);
	if (!s.ring) {
		err__cannot_run(NULL, "the event buffer: %s", err__str(errno));
		return code;
	}
	err = thin__begin(&s.stats.thin, &opts->thin);
	if (err) {
		err__cannot_run("run without --budget", "counting what programs take: %s",
				err__str(err));
		goto cleanup;
	}
	audit__set_sample(audit, s.stats.thin.sample);
	stop__on_signals();
	if (opts->reload)
		stop__on_hangup();
	if (audit__attach(audit) ||
	    after_break__start(&s.recoverer, &opts->on_break, opts->recover_attempts))
		goto cleanup;
	if (opts->seal)
		seal__close();
	sinks__start(sinks, start); /* from here on nothing is missed */
	if (audit__is_taken_over(audit))
		tell_known_queues(&s);
	notify__ready();
	if (opts->duration_s)
		s.end_ms = clock__now_ms() + opts->duration_s * 1000LL;
	if (opts->stats_s)
		s.stats_ms = clock__now_ms() + opts->stats_s * 1000LL;
	if (opts->sweep_after_ms)
		s.sweeper.next_ms = clock__now_ms() + opts->sweep_after_ms;
	listen_for_events(&s);
	code = finish(&s);

cleanup:
	thin__end(&s.stats.thin);
	recoverer__free(s.recoverer);
	ring_buffer__free(s.ring);
	stats__free(&s.stats);
	return code;
}
