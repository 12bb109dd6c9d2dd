/* SPDX-License-Identifier: GPL-2.0 */
/* What was audited, and what was not, in words. */
#include "text_stats.h"

#include <stdarg.h>
#include <string.h>

#include "histogram.h"
#include "names.h"
#include "text.h"
#include "text_queue.h"

#define LINE 512

static void __attribute__((format(printf, 2, 3))) append(char *line, const char *fmt, ...)
{
	size_t len = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + len, LINE - len, fmt, ap);
	va_end(ap);
}

/* @open, "name 3, name 1" of those that are not zero, @close; or nothing at all. */
static void append_named(char *line, const char *open, const char *close, const __u64 *counters,
			 unsigned int n, const char *(*name)(unsigned int i))
{
	const char *before = open;

	for (unsigned int i = 0; i < n; i++) {
		if (!counters[i])
			continue;
		append(line, "%s%s %llu", before, name(i), counters[i]);
		before = ", ";
	}
	if (before != open)
		append(line, "%s", close);
}

static void append_audited(char *line, const struct vqa_counters *c)
{
	append(line, "%llu of %llu audited", c->audited, counters__completions(c));
	append_named(line, " (", ")", c->skipped, VQA_SKIP_COUNT, skip__name);
}

static void append_found(char *line, const struct vqa_counters *c)
{
	append(line, ", %llu violation%s", counters__violations(c),
	       text__plural(counters__violations(c)));
	append_named(line, " (", ")", c->violations, VQA_RULE_COUNT, rule__name);
	if (c->ignored)
		append(line, ", %llu of them ignored", c->ignored);
	if (c->refused)
		append(line, ", %llu refused", c->refused);
	if (c->suppressed)
		append(line, ", %llu records held back", c->suppressed);
}

static void append_ns(char *line, const char *before, __u64 ns)
{
	double us = ns / 1e3;

	if (us < 1e3)
		append(line, "%s%.1f us", before, us);
	else if (us < 1e6)
		append(line, "%s%.1f ms", before, us / 1e3);
	else
		append(line, "%s%.1f s", before, us / 1e6);
}

static void append_timed(char *line, const struct queue_view *v)
{
	const struct vqa_histogram *l = &v->latency, *d = &v->depth;

	if (!histogram__count(l))
		return;
	append(line, ", %llu timed: ", histogram__count(l));
	append_ns(line, "latency p50 ", histogram__quantile(l, VQA_LATENCY_UNIT, 500));
	append_ns(line, ", p99 ", histogram__quantile(l, VQA_LATENCY_UNIT, 990));
	append(line, ", depth p50 %llu, p99 %llu", histogram__quantile(d, VQA_DEPTH_UNIT, 500),
	       histogram__quantile(d, VQA_DEPTH_UNIT, 990));
}

static const char *coverage_text(enum coverage c)
{
	switch (c) {
	case COVERAGE_OK:
		return "all accounted for";
	case COVERAGE_WRONG:
		return "NOT ALL ACCOUNTED FOR";
	default:
		return "too busy to tell whether all are accounted for";
	}
}

static void print_queue(FILE *f, const struct queue_view *v)
{
	char label[TEXT_QUEUE_SIZE], line[LINE] = "";

	append_audited(line, &v->c);
	append(line, ", %s", coverage_text(v->coverage));
	append_found(line, &v->c);
	append_timed(line, v);
	append(line, "%s", v->broken ? ", broken" : "");
	text__wrap(f, fprintf(f, "stats   %s  ", text_queue__label(&v->id, label, sizeof(label))),
		   8, line);
}

static void print_total(FILE *f, const struct stats *stats)
{
	struct vqa_counters total;
	char line[LINE] = "";

	stats__total(stats, &total);
	append_audited(line, &total);
	append_found(line, &total);
	append(line, "; %zu queue%s", stats->n, text__plural(stats->n));
	if (stats->n_gone)
		append(line, " and %zu that went", stats->n_gone);
	if (stats->sweeps)
		append(line, "; %llu sweep%s", stats->sweeps, text__plural(stats->sweeps));
	if (stats->sweep_overruns)
		append(line, ", %llu more fell out", stats->sweep_overruns);
	if (stats->sweep_left_out)
		append(line, ", %llu times a queue was gone or broken", stats->sweep_left_out);
	text__wrap(f, fprintf(f, "total   "), 8, line);
}

static void print_ledger(FILE *f, const struct ledger *l)
{
	char line[LINE] = "";

	append(line, "%u mapping%s live", l->pass.live, text__plural(l->pass.live));
	append_named(line, ", ", "", l->counts, VQA_LEDGER_COUNT, ledger__name);
	text__wrap(f, fprintf(f, "ledger  "), 8, line);
}

static void print_thin(FILE *f, const struct thin *t)
{
	char line[LINE] = "";

	append(line, "one buffer of %llu is compared", t->sample);
	if (t->opts.budget_ppm)
		append(line, ", hooks took %.2f %% of the CPUs' time, of %.2f %%",
		       t->cost_ppm / 1e4, t->opts.budget_ppm / 1e4);
	if (t->over)
		append(line, ", for %llu second%s more than that, with nothing left to leave out",
		       t->over, text__plural(t->over));
	text__wrap(f, fprintf(f, "thin    "), 8, line);
}

static void print_sinks(FILE *f, const struct stats *stats)
{
	for (size_t i = 0; i < stats->n_sinks; i++) {
		const struct sink_counts *c = &stats->sinks[i];

		if (sink_counts__lost(c))
			fprintf(f,
				"sink    %s: %llu of %llu records lost (busy %llu, failed %llu)\n",
				c->name, sink_counts__lost(c),
				sink_counts__lost(c) + c->taken + c->waiting, c->full, c->failed);
	}
}

void text_stats__print(FILE *f, const struct stats *stats, bool final)
{
	char line[LINE] = "";

	for (size_t i = 0; i < stats->n; i++)
		print_queue(f, &stats->queues[i]);
	print_total(f, stats);
	for (size_t i = 0; i < stats->n_programs; i++)
		if (stats->programs[i].recursion_misses)
			fprintf(f, "missed  %s did not run %llu time%s: it was running already\n",
				stats->programs[i].name, stats->programs[i].recursion_misses,
				text__plural(stats->programs[i].recursion_misses));
	if (thin__is_on(&stats->thin.opts))
		print_thin(f, &stats->thin);
	if (stats->ledger.kept)
		print_ledger(f, &stats->ledger);
	print_sinks(f, stats);
	if (stats->losses[VQA_LOSS_QUEUES_FULL])
		fprintf(f, "unseen  queues for which there was no room: raise --max-queues\n");
	append_named(line, "", "", stats->losses, VQA_LOSS_COUNT, loss__name);
	if (final)
		fprintf(f, "lost    %s\n", line[0] ? line : "nothing");
}
