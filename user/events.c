/* SPDX-License-Identifier: GPL-2.0 */
/* Violations from records, filtered. */
#include "events.h"

#include <string.h>
#include <time.h>

#include "error.h"
#include "json_event.h"
#include "json_flight.h"
#include "json_lines.h"
#include "jsonl.h"
#include "sink.h"

static bool is_device(const char *device, const struct vqa_queue_id *q)
{
	char virtio[24];

	snprintf(virtio, sizeof(virtio), "virtio%u", q->vdev_index);
	return !strcmp(device, virtio) || !strcmp(device, q->bus);
}

static bool in_time(const struct events_filter *f, long long realtime_ns)
{
	return (!f->since_s || realtime_ns >= f->since_s * 1000000000LL) &&
	       (!f->until_s || realtime_ns < f->until_s * 1000000000LL);
}

static bool passes(struct events *v, const struct vqa_event *e, long long offset_ns)
{
	const struct events_filter *f = &v->filter;

	if ((f->by_rule && !f->rule[e->rule]) || (f->device && !is_device(f->device, &e->queue)) ||
	    (f->queue >= 0 && f->queue != (long)e->queue.index))
		return false;
	if (!f->since_s && !f->until_s)
		return true;
	if (offset_ns)
		return in_time(f, offset_ns + (long long)e->time_ns);
	v->undated++;
	return true;
}

/* Before the first event, and wherever the day changes. */
static void print_date(struct events *v, FILE *f, long long realtime_ns)
{
	time_t t = realtime_ns / 1000000000LL;
	char date[sizeof(v->date)];
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(date, sizeof(date), "%Y-%m-%d", &tm) ||
	    !strcmp(date, v->date))
		return;
	strcpy(v->date, date);
	fprintf(f, "%s\n", date);
}

static void print_text(struct events *v, const json_t *record, const struct vqa_event *e,
		       const struct flight *flight, long long offset_ns)
{
	const char *done = json_string_value(json_object_get(record, "done")) ?: "";
	struct sink sink = {
		.ops = &sink_text,
		.out = v->out,
		.log = v->out,
		.tier = strcmp(done, "panic-by-daemon") ? TIER_PATCHED : TIER_STOCK,
		.color = v->color,
		.clock_ns = offset_ns,
		.timeline = v->timeline,
	};
	FILE *f;

	if (offset_ns && (f = out__begin(v->out))) {
		print_date(v, f, offset_ns + (long long)e->time_ns);
		out__end(v->out);
	}
	sink.ops->violation(&sink, e, flight);
}

static const char *show_violation(struct events *v, const json_t *record, long long offset_ns)
{
	const json_t *array = json_object_get(record, "flight");
	json_int_t realtime = json_integer_value(json_object_get(record, "realtime_ns"));
	struct flight flight = { 0 };
	struct vqa_event e;
	const char *fault;

	if (json_event__parse(record, &e, &fault))
		return fault;
	if (array && json_flight__parse(array, &flight, &fault))
		return fault;
	if (realtime > 0)
		offset_ns = realtime - (json_int_t)e.time_ns;
	if (!passes(v, &e, offset_ns)) {
		v->others++;
		return NULL;
	}
	v->shown++;
	if (v->json)
		jsonl__write(v->out, json_deep_copy(record));
	else
		print_text(v, record, &e, &flight, offset_ns);
	return NULL;
}

const char *events__show(struct events *v, const json_t *record, long long offset_ns)
{
	const char *type = json_string_value(json_object_get(record, "type"));

	if (!type)
		return "no record: it has no \"type\"";
	return strcmp(type, "violation") ? NULL : show_violation(v, record, offset_ns);
}

void events__corrupt(struct events *v, const char *where, const char *reason)
{
	v->corrupt++;
	err__print("%s: %s", where, reason);
}

/* --- files ------------------------------------------------------------------- */

struct reading {
	struct json_lines lines; /* first: what is read leads back here */
	struct events *events;
	const char *name;
	long long offset_ns; /* as the last start said, or 0 */
};

static const char *read_record(struct json_lines *l, json_t *record)
{
	struct reading *g = (struct reading *)l;
	const char *type = json_string_value(json_object_get(record, "type"));
	json_int_t mono = json_integer_value(json_object_get(record, "time_ns"));
	json_int_t real = json_integer_value(json_object_get(record, "realtime_ns"));

	if (type && !strcmp(type, "start"))
		g->offset_ns = mono > 0 && real > 0 ? real - mono : 0;
	return events__show(g->events, record, g->offset_ns);
}

static void read_corrupt(struct json_lines *l, const char *reason)
{
	struct reading *g = (struct reading *)l;
	char where[512];

	snprintf(where, sizeof(where), "%s:%lu", g->name, l->lines);
	events__corrupt(g->events, where, reason);
}

int events__read_file(struct events *v, const char *name, FILE *f)
{
	struct reading g = {
		.lines = { .record = read_record, .corrupt = read_corrupt },
		.events = v,
		.name = name,
	};

	return json_lines__read(&g.lines, f);
}
