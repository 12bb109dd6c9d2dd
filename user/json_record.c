/* SPDX-License-Identifier: GPL-2.0 */
/* What a session has to say, as JSON objects; the first key of each is "type". */
#include "json_record.h"

#include <stdio.h>
#include <time.h>

#include "describe.h"
#include "describe_dma.h"
#include "json_flight.h"
#include "jsonl.h"
#include "names.h"
#include "text.h"
#include "unseen.h"
#include "version.h"

static json_t *unseen_rows(enum tier tier)
{
	const struct unseen *u = NULL;
	json_t *rows = json_array();

	while ((u = unseen__next(tier, u)))
		json_array_append_new(rows,
				      json_pack("{s:s, s:s?, s:s}", "rule", unseen__rule_name(u),
						"where", u->where, "reason", u->why));
	return rows;
}

static json_t *actions(const struct policy *p)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < VQA_RULE_COUNT; i++)
		json_object_set_new(object, rule__name(i), json_string(action__name(p->action[i])));
	return object;
}

static json_int_t clock_now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

json_t *json_record__start(const struct sink_start *start)
{
	return json_pack("{s:s, s:I, s:I, s:s, s:i, s:s, s:s, s:o, s:o, s:I, s:b}", "type", "start",
			 "time_ns", clock_now(CLOCK_MONOTONIC), "realtime_ns",
			 clock_now(CLOCK_REALTIME), "version", VQ_AUDIT_VERSION, "abi",
			 VQA_ABI_VERSION, "tier", tier__name(start->tier), "kernel", start->kernel,
			 "unseen", unseen_rows(start->tier), "actions", actions(&start->policy),
			 "rate", (json_int_t)start->rate, "taken_over", start->taken_over);
}

static const char *queue_event(unsigned int type)
{
	return type == VQA_EV_QUEUE ? "new" : type == VQA_EV_QUEUE_GONE ? "gone" : "broken";
}

json_t *json_record__queue(const struct vqa_event *e)
{
	const struct vqa_queue_id *q = &e->queue;
	json_t *record;

	record = json_pack("{s:s, s:s, s:I}", "type", "queue", "event", queue_event(e->type),
			   "time_ns", (json_int_t)e->time_ns);
	jsonl__identity(record, q);
	json_object_update_new(record,
			       json_pack("{s:I, s:b, s:b, s:s, s:I}", "num", (json_int_t)q->num,
					 "dma_api", q->dma_api, "indirect", q->indirect, "shadow",
					 shadow__name(q->shadow), "generation",
					 (json_int_t)q->generation));
	return record;
}

/* Memory, and the direction in which it is or was mapped. */
static json_t *mapping(const struct vqa_desc *d)
{
	return json_pack("{s:I, s:I, s:s}", "addr", (json_int_t)d->addr, "len", (json_int_t)d->len,
			 "direction", dma_dir__name(d->flags));
}

/* Where the device may reach: its first window. */
static json_t *window(const struct vqa_desc *d)
{
	return json_pack("{s:s, s:I}", "window", window_source__name(d->flags), "addr",
			 (json_int_t)d->addr);
}

static json_t *field_names(__u32 fields)
{
	json_t *names = json_array();

	for (unsigned int bit = 0; bit < VQA_FIELD_COUNT; bit++)
		if (fields & 1u << bit)
			json_array_append_new(names, json_string(field__name(bit)));
	return names;
}

static json_t *rule_names(__u32 rules)
{
	json_t *names = json_array();

	for (unsigned int i = 0; i < VQA_RULES_MASKED; i++)
		if (rules & 1u << i)
			json_array_append_new(names, json_string(rule__name(i)));
	return names;
}

static json_t *descriptor(const struct vqa_desc *d, bool packed)
{
	char addr[24];

	snprintf(addr, sizeof(addr), "0x%016llx", d->addr);
	return json_pack("{s:s, s:I, s:i, s:i}", "addr", addr, "len", (json_int_t)d->len, "flags",
			 d->flags, packed ? "id" : "next", d->next);
}

/* The place, and what diverges there. */
static void add_divergence(json_t *record, const struct vqa_event *e)
{
	json_object_update_new(
		record, json_pack("{s:I, s:o, s:o, s:b, s:I, s:I, s:I}", "id", (json_int_t)e->id,
				  "fields", field_names(e->fields), "also", rule_names(e->also),
				  "table", e->table, "chain", (json_int_t)e->chain, "entries",
				  (json_int_t)e->entries, "used_len", (json_int_t)e->used_len));
	json_object_set_new(record, "writable",
			    describe__writable_known(e) ? json_integer(e->writable) : json_null());
	json_object_set_new(record, "kind", json_string(kind__name(e->kind)));
	if (e->fields & (VQA_F_USED_ID | VQA_F_USED_LEN))
		json_object_set_new(record, "used_id", json_integer(e->id));
	if (e->fields & VQA_F_WORD) {
		json_object_set_new(record, "seen", json_integer(e->seen.addr));
		json_object_set_new(record, "want", json_integer(e->want.addr));
	}
	if (e->fields & VQA_F_DMA)
		json_object_update_new(record,
				       json_pack("{s:o, s:o}", "seen", mapping(&e->seen), "want",
						 e->kind == VQA_KIND_OUTSIDE ? window(&e->want)
									     : mapping(&e->want)));
	if (!describe__is_desc(e))
		return;
	json_object_set_new(record, "slot", json_integer(e->slot));
	if (e->table)
		json_object_set_new(record, "entry", json_integer(e->entry));
	json_object_update_new(record, json_pack("{s:o, s:o}", "seen",
						 descriptor(&e->seen, e->queue.packed), "want",
						 descriptor(&e->want, e->queue.packed)));
}

static void add_flight(json_t *record, const struct flight *flight)
{
	if (flight->n)
		json_object_set_new(record, "flight", json_flight(flight));
	if (flight->torn)
		json_object_set_new(record, "flight_torn", json_integer(flight->torn));
}

json_t *json_record__violation(const struct vqa_event *e, const struct flight *flight,
			       enum tier tier)
{
	const struct rule_info *rule = rule__info(e->rule);
	char what[256];
	json_t *record;

	record = json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "type", "violation",
			   "time_ns", (json_int_t)e->time_ns, "rule", rule->name, "at",
			   point__name(e->point), "severity", severity__name(rule->severity),
			   "blame", blame__name(rule->blame), "action", action__name(e->action),
			   "done", describe__done(e, tier));
	jsonl__identity(record, &e->queue);
	json_object_set_new(record, "num", json_integer(e->queue.num));
	add_divergence(record, e);
	json_object_update_new(record, json_pack("{s:i, s:b, s:b, s:I, s:I, s:s}", "last_used",
						 e->last_used, "racy", e->racy, "quirk", e->quirk,
						 "seq", (json_int_t)e->seq, "suppressed",
						 (json_int_t)e->suppressed, "text",
						 describe__what(e, what, sizeof(what))));
	add_flight(record, flight);
	return record;
}

json_t *json_record__lost(const struct sink_loss *loss)
{
	return json_pack("{s:s, s:o, s:I, s:I, s:o}", "type", "lost", "which",
			 jsonl__text(loss->which), "count", (json_int_t)loss->count, "total",
			 (json_int_t)loss->total, "text", jsonl__text(loss->text));
}

json_t *json_record__stop(const struct sink_stop *stop)
{
	return json_pack("{s:s, s:s, s:I, s:i, s:b}", "type", "stop", "reason", stop->reason,
			 "violations", (json_int_t)stop->violations, "exit", stop->exit, "goes_on",
			 stop->goes_on);
}

json_t *json_record__recovery(const struct recovery *r)
{
	char type[16], text[3 * RECOVERY_TEXT];

	return json_pack("{s:s, s:s, s:I, s:o, s:o, s:s, s:o, s:I, s:I, s:o}", "type", "recovery",
			 "outcome", recovery__name(r->outcome), "time_ns", (json_int_t)r->time_ns,
			 "virtio", jsonl__text(r->device.name), "bus", jsonl__text(r->device.bus),
			 "device", device_type__format(r->device.type, type, sizeof(type)),
			 "driver", jsonl__text(r->device.driver), "attempt", (json_int_t)r->attempt,
			 "attempts", (json_int_t)r->attempts, "text",
			 json_string(text__utf8(text, sizeof(text), r->text)));
}
