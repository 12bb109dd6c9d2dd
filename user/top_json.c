/* SPDX-License-Identifier: GPL-2.0 */
#include "top_json.h"

#include "clock.h"
#include "jsonl.h"
#include "names.h"

static json_t *known(__u64 n)
{
	return n == TOP_UNKNOWN ? json_null() : json_integer((json_int_t)n);
}

static json_t *queue(const struct top_row *row)
{
	json_t *object = json_object();

	jsonl__identity(object, &row->id);
	json_object_update_new(
		object,
		json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:s?, s:b, s:b, s:I}",
			  "num", (json_int_t)row->id.num, "in_flight", known(row->in_flight),
			  "rate", known(row->rate), "p50_ns", known(row->p50_ns), "p99_ns",
			  known(row->p99_ns), "oldest_ns", known(row->oldest_ns), "audited",
			  (json_int_t)row->audited, "completions", (json_int_t)row->completions,
			  "violations", (json_int_t)row->violations, "rule",
			  row->rule < 0 ? NULL : rule__name(row->rule), "broken", row->broken,
			  "unaccounted", row->unaccounted, "generation",
			  (json_int_t)row->id.generation));
	return object;
}

static json_t *losses(const struct top_view *v)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < VQA_LOSS_COUNT; i++)
		json_object_set_new(object, loss__name(i), json_integer((json_int_t)v->losses[i]));
	return object;
}

json_t *top_json__reading(const struct top_view *v, const struct top_how *how)
{
	json_t *queues = json_array();

	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(queues, queue(&v->rows[i]));
	return json_pack("{s:s, s:I, s:b, s:s, s:s, s:o, s:o, s:I, s:s?}", "type", "top", "time_ns",
			 (json_int_t)clock__now_ns(), "pinned", !how->is_own, "tier",
			 tier__name(how->tier), "level", how->is_dma ? "dma" : "ring", "queues",
			 queues, "losses", losses(v), "programs_missed", (json_int_t)v->sums.missed,
			 "error", how->note[0] ? how->note : NULL);
}
