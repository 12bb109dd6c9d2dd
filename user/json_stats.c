/* SPDX-License-Identifier: GPL-2.0 */
#include "json_stats.h"

#include <stdio.h>

#include "clock.h"
#include "histogram.h"
#include "jsonl.h"
#include "names.h"

typedef const char *(*name_fn)(unsigned int i);

/* Every name with its counter, zero or not: who reads it needs no default. */
static json_t *by_name(const __u64 *counters, unsigned int n, name_fn name)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < n; i++)
		json_object_set_new(object, name(i), json_integer(counters[i]));
	return object;
}

static json_t *coverage(enum coverage c)
{
	return c == COVERAGE_BUSY ? json_null() : json_boolean(c == COVERAGE_OK);
}

static json_t *counters(const struct vqa_counters *c)
{
	return json_pack("{s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:o, s:I, s:I}", "published",
			 (json_int_t)c->published, "completions",
			 (json_int_t)counters__completions(c), "audited", (json_int_t)c->audited,
			 "skipped", by_name(c->skipped, VQA_SKIP_COUNT, skip__name), "refused",
			 (json_int_t)c->refused, "positions", (json_int_t)c->positions, "descs",
			 (json_int_t)c->descs, "violations",
			 by_name(c->violations, VQA_RULE_COUNT, rule__name), "ignored",
			 (json_int_t)c->ignored, "suppressed", (json_int_t)c->suppressed);
}

static json_t *sweep(const struct vqa_sweep_counters *c)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "sweeps", (json_int_t)c->sweeps, "descs",
			 (json_int_t)c->descs, "unsettled", (json_int_t)c->unsettled, "violations",
			 (json_int_t)sweep__violations(c));
}

static json_t *windows(const struct vqa_windows *w)
{
	json_t *array = json_array();
	char first[24], last[24];

	for (__u32 i = 0; i < w->n && i < VQA_WINDOW_MAX; i++) {
		snprintf(first, sizeof(first), "0x%016llx", w->window[i].first);
		snprintf(last, sizeof(last), "0x%016llx", w->window[i].last);
		json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "source",
						       window_source__name(w->source), "first",
						       first, "last", last));
	}
	return array;
}

/* Of the buckets those that are not empty: the largest value of each, and how many. */
static json_t *buckets(const struct vqa_histogram *h, __u32 unit)
{
	json_t *array = json_array();

	for (__u32 i = 0; i < VQA_BUCKETS; i++)
		if (h->bucket[i])
			json_array_append_new(array, json_pack("[I, I]",
							       (json_int_t)vqa_bucket_top(i, unit),
							       (json_int_t)h->bucket[i]));
	return array;
}

static json_t *histogram(const struct vqa_histogram *h, __u32 unit)
{
	return json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:o}", "count", (json_int_t)histogram__count(h), "sum",
		(json_int_t)h->sum, "p50", (json_int_t)histogram__quantile(h, unit, 500), "p90",
		(json_int_t)histogram__quantile(h, unit, 900), "p99",
		(json_int_t)histogram__quantile(h, unit, 990), "buckets", buckets(h, unit));
}

static void add_histograms(json_t *object, const struct queue_view *v)
{
	json_object_set_new(object, "latency_ns", histogram(&v->latency, VQA_LATENCY_UNIT));
	json_object_set_new(object, "depth", histogram(&v->depth, VQA_DEPTH_UNIT));
}

static json_t *queue(const struct queue_view *v)
{
	json_t *object = json_object();

	jsonl__identity(object, &v->id);
	json_object_update_new(object, counters(&v->c));
	json_object_update_new(object, json_pack("{s:o, s:b, s:I}", "coverage_ok",
						 coverage(v->coverage), "broken", v->broken,
						 "generation", (json_int_t)v->id.generation));
	json_object_set_new(object, "sweep", sweep(&v->sweep));
	if (v->windows.n)
		json_object_set_new(object, "windows", windows(&v->windows));
	add_histograms(object, v);
	json_object_set_new(object, "oldest_ns",
			    v->oldest_ns < 0 ? json_null() : json_integer(v->oldest_ns));
	return object;
}

static json_t *queues(const struct stats *stats)
{
	json_t *array = json_array();

	for (size_t i = 0; i < stats->n; i++)
		json_array_append_new(array, queue(&stats->queues[i]));
	return array;
}

static json_t *programs(const struct stats *stats)
{
	json_t *array = json_array();

	for (size_t i = 0; i < stats->n_programs; i++) {
		const struct program_stats *p = &stats->programs[i];

		json_array_append_new(array,
				      json_pack("{s:s, s:I, s:I}", "name", p->name,
						"recursion_misses", (json_int_t)p->recursion_misses,
						"run_cnt", (json_int_t)p->run_cnt));
	}
	return array;
}

static json_t *ledger(const struct ledger *l)
{
	json_t *object = by_name(l->counts, VQA_LEDGER_COUNT, ledger__name);

	json_object_set_new(object, "live", json_integer(l->pass.live));
	json_object_set_new(object, "ended", json_integer(l->pass.ended));
	return object;
}

static json_t *thin(const struct thin *t)
{
	json_t *object =
		json_pack("{s:I, s:b}", "sample", (json_int_t)t->sample, "all", t->opts.all);

	if (t->opts.budget_ppm)
		json_object_update_new(object, json_pack("{s:I, s:I, s:I}", "budget_ppm",
							 (json_int_t)t->opts.budget_ppm, "cost_ppm",
							 (json_int_t)t->cost_ppm, "over_seconds",
							 (json_int_t)t->over));
	return object;
}

static json_t *sinks(const struct stats *stats)
{
	json_t *array = json_array();

	for (size_t i = 0; i < stats->n_sinks; i++) {
		const struct sink_counts *c = &stats->sinks[i];

		json_array_append_new(
			array, json_pack("{s:o, s:I, s:I, s:I, s:I}", "name", jsonl__text(c->name),
					 "taken", (json_int_t)c->taken, "full", (json_int_t)c->full,
					 "failed", (json_int_t)c->failed, "waiting",
					 (json_int_t)c->waiting));
	}
	return array;
}

json_t *json_stats(const struct stats *stats, bool final)
{
	struct vqa_counters total;
	json_t *record;

	stats__total(stats, &total);
	record = json_pack(
		"{s:s, s:I, s:b, s:o, s:o, s:I, s:o, s:o, s:{s:I, s:I, s:I}}", "type", "stats",
		"time_ns", (json_int_t)clock__now_ns(), "final", final, "queues", queues(stats),
		"totals", counters(&total), "queues_gone", (json_int_t)stats->n_gone, "losses",
		by_name(stats->losses, VQA_LOSS_COUNT, loss__name), "programs", programs(stats),
		"sweep", "rounds", (json_int_t)stats->sweeps, "overruns",
		(json_int_t)stats->sweep_overruns, "left_out", (json_int_t)stats->sweep_left_out);
	json_object_set_new(record, "latency_sample", json_integer(stats->latency_sample));
	if (thin__is_on(&stats->thin.opts))
		json_object_set_new(record, "thin", thin(&stats->thin));
	json_object_set_new(record, "sinks", sinks(stats));
	json_object_set_new(record, "reloads",
			    json_pack("{s:I, s:I}", "done", (json_int_t)stats->reloads, "refused",
				      (json_int_t)stats->reloads_refused));
	if (stats->ledger.kept)
		json_object_set_new(record, "ledger", ledger(&stats->ledger));
	return record;
}
