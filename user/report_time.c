/* SPDX-License-Identifier: GPL-2.0 */
/* The operations before a violation: a line of time, and a table. */
#include "describe.h"
#include "html.h"
#include "report_page.h"
#include "svg_row.h"
#include "text.h"
#include "text_flight.h"
#include "vq_audit/check.h"

#define LEFT 76
#define RIGHT 24
#define TOP 8
#define LANE 17
#define TICKS 8

/** struct lanes - operations by kind, against time */
struct lanes {
	const struct incident *i;
	unsigned int y[VQA_OP_COUNT]; /* 0: there is none of this kind */
	unsigned int bottom;
	__u64 first_ns, last_ns;
};

static bool is_mine(const struct incident *i, const struct vqa_op *o)
{
	return describe__is_buffer(&i->e) && o->id != VQA_OP_NO_ID && o->id == i->e.id;
}

static void measure(struct lanes *l)
{
	const struct flight *flight = &l->i->flight;
	bool used[VQA_OP_COUNT] = { false };

	l->first_ns = flight->op[0].time_ns;
	l->last_ns = l->i->e.time_ns;
	for (unsigned int k = 0; k < flight->n; k++) {
		const struct vqa_op *o = &flight->op[k];

		used[o->op] = true;
		l->first_ns = o->time_ns < l->first_ns ? o->time_ns : l->first_ns;
		l->last_ns = o->time_ns > l->last_ns ? o->time_ns : l->last_ns;
	}
	l->bottom = TOP;
	for (unsigned int op = 1; op < VQA_OP_COUNT; op++)
		if (used[op]) {
			l->y[op] = l->bottom + LANE / 2;
			l->bottom += LANE;
		}
}

static double x_of(const struct lanes *l, double ns_before)
{
	double span = l->last_ns - l->first_ns;
	double end = (double)l->last_ns - (double)l->i->e.time_ns;

	return SVG_WIDTH - RIGHT -
	       (span ? (ns_before + end) / span : 0) * (SVG_WIDTH - LEFT - RIGHT);
}

static double x_op(const struct lanes *l, const struct vqa_op *o)
{
	return x_of(l, (double)(__s64)(l->i->e.time_ns - o->time_ns));
}

/* A round step of which at most TICKS fit: 1, 2 or 5 times a power of ten. */
static double step_of(double span)
{
	static const int factors[] = { 2, 5, 10 };
	double power = 1, step = 1;

	while (span / step > TICKS) {
		for (unsigned int k = 0; k < 3 && span / step > TICKS; k++)
			step = power * factors[k];
		power *= 10;
	}
	return step;
}

static void print_axis(FILE *f, const struct lanes *l)
{
	const double span = l->last_ns - l->first_ns, step = step_of(span);
	const double unit = step >= 1e9 ? 1e9 : step >= 1e6 ? 1e6 : step >= 1e3 ? 1e3 : 1;
	const char *name = unit == 1e9 ? "s" : unit == 1e6 ? "ms" : unit == 1e3 ? "us" : "ns";

	for (double t = 0; t <= span; t += step) {
		double x = x_of(l, t);

		if (x < LEFT - 1)
			break;
		fprintf(f, "<path class=\"tick\" d=\"M%.1f %dV%u\"/>", x, TOP, l->bottom + 3);
		fprintf(f, "<text class=\"number\" x=\"%.1f\" y=\"%u\">", x, l->bottom + 15);
		fprintf(f, t ? "&#8722;%g %s" : "%g %s", t / unit, name);
		fputs("</text>\n", f);
	}
}

static void print_lanes(FILE *f, const struct lanes *l)
{
	for (unsigned int op = 1; op < VQA_OP_COUNT; op++) {
		if (!l->y[op])
			continue;
		fprintf(f, "<path class=\"lane\" d=\"M%d %uH%d\"/>", LEFT, l->y[op],
			SVG_WIDTH - RIGHT);
		fprintf(f, "<text class=\"label end\" x=\"%d\" y=\"%u\">%s</text>\n", LEFT - 10,
			l->y[op] + 4, op__name(op));
	}
}

/* From one operation on the buffer to the next. */
static void print_life(FILE *f, const struct lanes *l)
{
	const struct flight *flight = &l->i->flight;
	bool any = false;

	for (unsigned int k = 0; k < flight->n; k++) {
		const struct vqa_op *o = &flight->op[k];

		if (!is_mine(l->i, o))
			continue;
		fprintf(f, "%s%.1f %u", any ? "L" : "<path class=\"life\" d=\"M", x_op(l, o),
			l->y[o->op]);
		any = true;
	}
	fputs(any ? "\"/>\n" : "", f);
}

static void print_ops(FILE *f, const struct lanes *l)
{
	for (unsigned int k = 0; k < l->i->flight.n; k++) {
		const struct vqa_op *o = &l->i->flight.op[k];

		if (is_mine(l->i, o))
			fprintf(f, "<path class=\"op mine\" d=\"M%.1f %ul5 5-5 5-5-5z\"/>\n",
				x_op(l, o), l->y[o->op] - 5);
		else
			fprintf(f, "<circle class=\"op\" cx=\"%.1f\" cy=\"%u\" r=\"2.6\"/>\n",
				x_op(l, o), l->y[o->op]);
	}
}

static void draw(FILE *f, const struct incident *i)
{
	struct lanes l = { .i = i };

	measure(&l);
	fprintf(f,
		"<figure>\n<svg class=\"time\" viewBox=\"0 0 %d %u\" role=\"img\">\n"
		"<title>Operations on the queue against time</title>\n"
		"<desc>%u operations, up to the violation at 0; the table below lists "
		"them.</desc>\n",
		SVG_WIDTH, l.bottom + 22, i->flight.n);
	print_axis(f, &l);
	print_lanes(f, &l);
	print_life(f, &l);
	print_ops(f, &l);
	fprintf(f, "<path class=\"found\" d=\"M%.1f %dV%u\"/>\n", x_of(&l, 0), TOP - 6,
		l.bottom + 4);
	fputs("</svg>\n<figcaption>Time runs to the right, up to the moment at which the "
	      "divergence was found, 0.",
	      f);
	if (describe__is_buffer(&i->e))
		fputs(" Diamonds, joined, are operations on this buffer id.", f);
	fputs("</figcaption>\n</figure>\n", f);
}

static void cell(FILE *f, const char *text)
{
	html__element(f, "td class=\"n\"", "%s", text);
}

static void print_row(FILE *f, const struct incident *i, const struct vqa_op *o)
{
	struct text_flight_row row;

	text_flight__row(&row, o, i->e.time_ns, i->e.queue.packed);
	fprintf(f, "<tr%s>", is_mine(i, o) ? " class=\"mine\"" : "");
	fputs(is_mine(i, o) ? "<td><span title=\"on this buffer id\">&#9670;</span></td>"
			    : "<td></td>",
	      f);
	cell(f, row.time);
	html__element(f, "th scope=\"row\"", "%s", op__name(o->op));
	cell(f, row.id);
	cell(f, row.num);
	cell(f, row.len);
	cell(f, row.avail);
	cell(f, row.used);
	html__element(f, "td", "%s", row.note);
	fputs("</tr>\n", f);
}

static void print_table(FILE *f, const struct incident *i)
{
	fprintf(f,
		"<table class=\"flight\">\n<caption>%u operation%s before the violation, oldest "
		"first; %s</caption>\n<thead><tr><th scope=\"col\">"
		"<span class=\"unseen\">this buffer</span></th>",
		i->flight.n, text__plural(i->flight.n),
		i->e.queue.packed ? "avail and used are the driver's positions and wrap counters"
				  : "avail and used are the driver's indices");
	fputs("<th scope=\"col\">ms</th><th scope=\"col\">operation</th><th scope=\"col\">id</th>"
	      "<th scope=\"col\">descs</th><th scope=\"col\">length</th>"
	      "<th scope=\"col\">avail</th><th scope=\"col\">used</th>"
	      "<th scope=\"col\">note</th></tr></thead>\n<tbody>\n",
	      f);
	for (unsigned int k = 0; k < i->flight.n; k++)
		print_row(f, i, &i->flight.op[k]);
	fputs("</tbody>\n</table>\n", f);
}

void report_time(FILE *f, const struct incident *i)
{
	if (i->flight.torn)
		html__element(f, "p class=\"note\"",
			      "%u operation%s left out: not yet or no longer whole when copied",
			      i->flight.torn, text__plural(i->flight.torn));
	if (!i->flight.n) {
		html__element(f, "p class=\"note\"", "%s", "There are " REPORT_NO_FLIGHT ".");
		return;
	}
	draw(f, i);
	print_table(f, i);
}
