/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of JSON that "record" wrote, incident by incident; how they look is a view's. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json_event.h"
#include "json_flight.h"
#include "json_lines.h"

#define QUEUES_MAX 4096 /* whose traits are kept in mind */

/** struct reading - a file being read */
struct reading {
	struct json_lines lines; /* first: what is read leads back here */
	struct report *r;
	struct report_start start; /* the last one, if dated */
	bool dated;
	struct vqa_queue_id *queues; /* of that run */
	size_t n_queues;
	const json_t *object; /* the line at hand */
	bool chosen; /* it is what r->only asks for */
};

long long incident__realtime_ns(const struct incident *i)
{
	return i->start ? i->start->clock_ns + (long long)i->e.time_ns : 0;
}

enum tier incident__tier(const struct incident *i)
{
	return i->start ? i->start->tier : TIER_PATCHED;
}

const char *report__date(char *buf, size_t size, long long realtime_ns)
{
	time_t t = realtime_ns / 1000000000LL;
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(buf, size, "?");
	return buf;
}

/* A string of the file, as it stands there. */
static const char *word(const struct reading *g, const char *key)
{
	return json_string_value(json_object_get(g->object, key)) ?: "?";
}

static json_int_t number(const struct reading *g, const char *key)
{
	return json_integer_value(json_object_get(g->object, key));
}

/* The view's function, unless another line than this is asked for. */
#define SHOW(g, what, ...)                                        \
	do {                                                      \
		struct report *r_ = (g)->r;                       \
		if (r_->view->what && (!r_->only || (g)->chosen)) \
			r_->view->what(r_, __VA_ARGS__);          \
	} while (0)

static const char *on_start(struct reading *g)
{
	struct report_start *s = &g->start;
	json_int_t mono = number(g, "time_ns"), real = number(g, "realtime_ns");

	if (mono <= 0 || real <= 0)
		return "a start without a time";
	*s = (struct report_start){ .realtime_ns = real, .clock_ns = real - mono };
	snprintf(s->tier_name, sizeof(s->tier_name), "%s", word(g, "tier"));
	snprintf(s->version, sizeof(s->version), "%s", word(g, "version"));
	snprintf(s->kernel, sizeof(s->kernel), "%s", word(g, "kernel"));
	s->tier = strcmp(s->tier_name, "stock") ? TIER_PATCHED : TIER_STOCK;
	g->dated = true;
	g->n_queues = 0;
	SHOW(g, start, s);
	return NULL;
}

static struct vqa_queue_id *find_queue(const struct reading *g, const struct vqa_queue_id *q)
{
	for (size_t i = 0; i < g->n_queues; i++)
		if (g->queues[i].vdev_index == q->vdev_index && g->queues[i].index == q->index)
			return &g->queues[i];
	return NULL;
}

static void keep_queue(struct reading *g, const struct vqa_queue_id *q)
{
	struct vqa_queue_id *known = find_queue(g, q);

	if (!known && g->n_queues == QUEUES_MAX)
		return;
	if (!known && !g->queues)
		g->queues = calloc(QUEUES_MAX, sizeof(*g->queues));
	if (!known && g->queues)
		known = &g->queues[g->n_queues++];
	if (known)
		*known = *q;
}

static const char *on_violation(struct reading *g)
{
	const json_t *array = json_object_get(g->object, "flight");
	struct incident i = { .line = g->r->lines, .start = g->dated ? &g->start : NULL };
	const char *fault;

	if (json_event__parse(g->object, &i.e, &fault))
		return fault;
	if (array && json_flight__parse(array, &i.flight, &fault))
		return fault;
	i.flight.torn = number(g, "flight_torn");
	i.queue = find_queue(g, &i.e.queue);
	i.n = ++g->r->incidents;
	g->chosen = i.n == g->r->only;
	SHOW(g, incident, &i);
	return NULL;
}

static const char *on_queue(struct reading *g)
{
	struct vqa_event e;
	const char *fault;

	if (json_event__parse(g->object, &e, &fault))
		return fault;
	if (e.type == VQA_EV_QUEUE)
		keep_queue(g, &e.queue);
	else if (e.type == VQA_EV_BROKEN)
		SHOW(g, broken, &e);
	return NULL;
}

static const char *on_lost(struct reading *g)
{
	struct sink_loss loss = {
		.which = word(g, "which"),
		.text = word(g, "text"),
		.count = number(g, "count"),
		.total = number(g, "total"),
	};

	SHOW(g, lost, &loss);
	return NULL;
}

static const char *on_stop(struct reading *g)
{
	SHOW(g, stop, word(g, "reason"));
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
} types[] = {
	{ "start", on_start }, { "violation", on_violation }, { "queue", on_queue },
	{ "lost", on_lost },   { "stats", on_stats },	      { "stop", on_stop },
};

static const char *handle(struct reading *g)
{
	const char *type = json_string_value(json_object_get(g->object, "type"));

	if (!type)
		return "no record: it has no \"type\"";
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].type, type))
			return types[i].handle(g);
	return "its \"type\" is not known";
}

/* Whatever is asked for: it could have been that. */
static void on_corrupt(struct json_lines *l, const char *reason)
{
	struct report *r = ((struct reading *)l)->r;

	r->lines = l->lines;
	r->corrupt++;
	if (r->view->corrupt)
		r->view->corrupt(r, reason);
}

static const char *read_record(struct json_lines *l, json_t *object)
{
	struct reading *g = (struct reading *)l;
	const char *fault;

	g->r->lines = l->lines;
	g->object = object;
	g->chosen = false;
	fault = handle(g);
	if (!fault)
		SHOW(g, line, object);
	return fault;
}

int report__read(struct report *r, FILE *f)
{
	struct reading g = {
		.lines = { .record = read_record, .corrupt = on_corrupt },
		.r = r,
	};
	int err = json_lines__read(&g.lines, f);

	free(g.queues);
	return err;
}
