/* SPDX-License-Identifier: GPL-2.0 */
/* A report for people, on a terminal. */
#include "report.h"
#include "text.h"

static struct sink sink_of(const struct report *r)
{
	return (struct sink){
		.ops = &sink_text,
		.out = r->out,
		.log = r->out,
		.tier = TIER_PATCHED,
		.color = r->color,
		.timeline = VQA_FLIGHT_MAX,
	};
}

static void on_start(struct report *r, const struct report_start *s)
{
	char version[4 * REPORT_WORD], kernel[4 * REPORT_WORD], tier[4 * REPORT_WORD], date[64];
	FILE *f = out__begin(r->out);

	if (!f)
		return;
	fprintf(f, "start   %s  vq-audit %s on Linux %s, tier %s\n",
		report__date(date, sizeof(date), s->realtime_ns),
		text__escape(version, sizeof(version), s->version),
		text__escape(kernel, sizeof(kernel), s->kernel),
		text__escape(tier, sizeof(tier), s->tier_name));
	out__end(r->out);
}

static void print_head(struct report *r, const struct incident *i)
{
	char date[64] = "";
	FILE *f = out__begin(r->out);

	if (!f)
		return;
	if (i->start)
		report__date(date, sizeof(date), incident__realtime_ns(i));
	fprintf(f, "\nincident %lu, line %lu%s%.10s\n", i->n, i->line,
		i->start ? ", " : ": no start before it, its time of day is a guess", date);
	out__end(r->out);
}

static void print_no_flight(struct report *r)
{
	FILE *f = out__begin(r->out);

	if (!f)
		return;
	text__wrap(f, fprintf(f, "    "), 4, REPORT_NO_FLIGHT);
	out__end(r->out);
}

static void on_incident(struct report *r, const struct incident *i)
{
	struct sink sink = sink_of(r);

	sink.tier = incident__tier(i);
	sink.clock_ns = i->start ? i->start->clock_ns : 0;
	print_head(r, i);
	sink.ops->violation(&sink, &i->e, &i->flight);
	if (!i->flight.n)
		print_no_flight(r);
}

static void on_broken(struct report *r, const struct vqa_event *e)
{
	struct sink sink = sink_of(r);

	sink.ops->queue(&sink, e);
}

static void on_lost(struct report *r, const struct sink_loss *loss)
{
	struct sink sink = sink_of(r);
	char which[128], text[128];
	struct sink_loss safe = *loss;

	safe.which = text__escape(which, sizeof(which), loss->which);
	safe.text = text__escape(text, sizeof(text), loss->text);
	sink.ops->lost(&sink, &safe);
}

static void on_stop(struct report *r, const char *reason)
{
	char text[128];
	FILE *f = out__begin(r->out);

	if (!f)
		return;
	fprintf(f, "\nstop    %s\n", text__escape(text, sizeof(text), reason));
	out__end(r->out);
}

static void on_corrupt(struct report *r, const char *reason)
{
	FILE *f = out__begin(r->out);

	if (!f)
		return;
	fprintf(f, "\n");
	text__wrap(f, fprintf(f, "corrupt line %lu: ", r->lines), 4, reason);
	out__end(r->out);
}

const struct report_view report_text = {
	.start = on_start,
	.incident = on_incident,
	.broken = on_broken,
	.lost = on_lost,
	.stop = on_stop,
	.corrupt = on_corrupt,
};
