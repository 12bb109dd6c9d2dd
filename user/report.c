/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of JSON that "record" wrote, for people: incident by incident. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json_event.h"
#include "json_flight.h"
#include "json_lines.h"
#include "jsonl.h"
#include "sink.h"
#include "text.h"

#define WORD 128

/** struct reading - a file being read */
struct reading {
	struct json_lines lines; /* first: what is read leads back here */
	struct report *r;
	struct sink sink; /* text */
	bool dated; /* a start was met, and with it the clock */
	const json_t *object; /* the line at hand */
};

/* A string of the file, safe to print. */
static const char *word(const struct reading *g, const char *key, char buf[WORD])
{
	const char *text = json_string_value(json_object_get(g->object, key));

	return text__escape(buf, WORD, text ?: "?");
}

/* Date and time of day, in local time, of a moment in nanoseconds. */
static const char *date_text(char *buf, size_t size, long long realtime_ns)
{
	time_t t = realtime_ns / 1000000000LL;
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(buf, size, "?");
	return buf;
}

static const char *on_start(struct reading *g)
{
	json_int_t mono = json_integer_value(json_object_get(g->object, "time_ns"));
	json_int_t real = json_integer_value(json_object_get(g->object, "realtime_ns"));
	char version[WORD], kernel[WORD], tier[WORD], date[64];
	FILE *f;

	if (mono <= 0 || real <= 0)
		return "a start without a time";
	g->dated = true;
	g->sink.clock_ns = real - mono;
	g->sink.tier = strcmp(word(g, "tier", tier), "stock") ? TIER_PATCHED : TIER_STOCK;
	f = out__begin(g->r->out);
	if (!f)
		return NULL;
	fprintf(f, "start   %s  vq-audit %s on Linux %s, tier %s\n",
		date_text(date, sizeof(date), real), word(g, "version", version),
		word(g, "kernel", kernel), tier);
	out__end(g->r->out);
	return NULL;
}

static void print_incident(struct reading *g, const struct vqa_event *e)
{
	struct report *r = g->r;
	char date[64] = "";
	FILE *f = out__begin(r->out);

	if (!f)
		return;
	if (g->dated)
		date_text(date, sizeof(date), g->sink.clock_ns + (long long)e->time_ns);
	fprintf(f, "\nincident %lu, line %lu%s%.10s\n", r->incidents, r->lines,
		g->dated ? ", " : ": no start before it, its time of day is a guess", date);
	out__end(r->out);
}

static void print_no_flight(struct reading *g)
{
	FILE *f = out__begin(g->r->out);

	if (!f)
		return;
	text__wrap(f, fprintf(f, "    "), 4,
		   "no operations with it: another of this rule and queue had them less than a "
		   "second before, or the recorder was off");
	out__end(g->r->out);
}

static const char *on_violation(struct reading *g)
{
	const json_t *array = json_object_get(g->object, "flight");
	struct flight flight = { 0 };
	struct vqa_event e;
	const char *fault;

	if (json_event__parse(g->object, &e, &fault))
		return fault;
	if (array && json_flight__parse(array, &flight, &fault))
		return fault;
	flight.torn = json_integer_value(json_object_get(g->object, "flight_torn"));
	g->r->incidents++;
	if (g->r->json)
		return NULL;
	print_incident(g, &e);
	g->sink.ops->violation(&g->sink, &e, &flight);
	if (!flight.n)
		print_no_flight(g);
	return NULL;
}

static const char *on_queue(struct reading *g)
{
	struct vqa_event e;
	const char *fault;

	if (json_event__parse(g->object, &e, &fault))
		return fault;
	if (e.type == VQA_EV_BROKEN && !g->r->json)
		g->sink.ops->queue(&g->sink, &e);
	return NULL;
}

static const char *on_lost(struct reading *g)
{
	char which[WORD], text[WORD];
	struct sink_loss loss = {
		.which = word(g, "which", which),
		.text = word(g, "text", text),
		.count = json_integer_value(json_object_get(g->object, "count")),
		.total = json_integer_value(json_object_get(g->object, "total")),
	};

	g->sink.ops->lost(&g->sink, &loss);
	return NULL;
}

static const char *on_stop(struct reading *g)
{
	char reason[WORD];
	FILE *f = out__begin(g->r->out);

	if (!f)
		return NULL;
	fprintf(f, "\nstop    %s\n", word(g, "reason", reason));
	out__end(g->r->out);
	return NULL;
}

static const char *on_stats(struct reading *g)
{
	(void)g;
	return NULL;
}

/* Each returns NULL, or a static text that says what is wrong with the line. */
static const struct {
	const char *type;
	const char *(*handle)(struct reading *g);
	bool checked; /* with JSON output as well: then the handler prints nothing */
} types[] = {
	{ "start", on_start, false }, { "violation", on_violation, true },
	{ "queue", on_queue, true },  { "lost", on_lost, false },
	{ "stats", on_stats, true },  { "stop", on_stop, false },
};

static const char *handle(struct reading *g)
{
	const char *type = json_string_value(json_object_get(g->object, "type"));

	if (!type)
		return "no record: it has no \"type\"";
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].type, type))
			return types[i].checked || !g->r->json ? types[i].handle(g) : NULL;
	return "its \"type\" is not known";
}

static void print_corrupt(struct json_lines *l, const char *reason)
{
	struct report *r = ((struct reading *)l)->r;
	FILE *f;

	r->lines = l->lines;
	r->corrupt++;
	if (r->json) {
		jsonl__write(r->out, json_pack("{s:s, s:I, s:s}", "type", "corrupt", "line",
					       (json_int_t)r->lines, "reason", reason));
		return;
	}
	f = out__begin(r->out);
	if (!f)
		return;
	fprintf(f, "\n");
	text__wrap(f, fprintf(f, "corrupt line %lu: ", r->lines), 4, reason);
	out__end(r->out);
}

static const char *read_record(struct json_lines *l, json_t *object)
{
	struct reading *g = (struct reading *)l;
	const char *fault;

	g->r->lines = l->lines;
	g->object = object;
	fault = handle(g);
	if (!fault && g->r->json)
		jsonl__write(g->r->out, json_incref(object));
	return fault;
}

int report__read(struct report *r, FILE *f)
{
	struct reading g = {
		.lines = { .record = read_record, .corrupt = print_corrupt },
		.r = r,
		.sink = {
			.ops = &sink_text,
			.out = r->out,
			.log = r->out,
			.tier = TIER_PATCHED,
			.color = r->color,
			.timeline = VQA_FLIGHT_MAX,
		},
	};

	return json_lines__read(&g.lines, f);
}
