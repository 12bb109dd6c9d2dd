/* SPDX-License-Identifier: GPL-2.0 */
/* A row of cells in SVG. How it looks is a matter of classes, in report.css. */
#include "svg_row.h"

#include <stdarg.h>
#include <string.h>

#include "html.h"

#define PITCH 43
#define CELL 40
#define HEIGHT 28
#define LINE 16
#define ARC_SPACE 26
#define BAR 6

void svg_row__of(struct svg_row *row, const struct strip *s)
{
	row->num = strip__width(s) > s->n ? s->num : 0;
	row->n = s->n;
	row->gap = strip__gap(s, s->n);
	for (unsigned int i = 0; i < s->n; i++)
		row->cell[i] = (struct svg_cell){ .number = s->at[i], .gap = strip__gap(s, i) };
}

int svg_row__find(const struct svg_row *row, unsigned int number)
{
	for (unsigned int i = 0; i < row->n; i++)
		if (row->cell[i].number == number)
			return i;
	return -1;
}

void svg_row__label(struct svg_row *row, unsigned int number, bool bad, const char *fmt, ...)
{
	int cell = svg_row__find(row, number);
	struct svg_label *l = &row->label[row->labels];
	va_list ap;

	if (cell < 0 || row->labels == SVG_ROW_LABELS)
		return;
	row->labels++;
	l->cell = cell;
	l->bad = bad;
	va_start(ap, fmt);
	vsnprintf(l->text, sizeof(l->text), fmt, ap);
	va_end(ap);
}

void svg_row__arc(struct svg_row *row, unsigned int from, unsigned int to, const char *class)
{
	int a = svg_row__find(row, from), b = svg_row__find(row, to);

	if (a < 0 || b < 0 || row->arcs == SVG_ROW_ARCS)
		return;
	row->arc[row->arcs++] = (struct svg_arc){ .from = a, .to = b, .class = class };
}

/* The left edge of a cell, in which the gaps before it are counted. */
static unsigned int cell_x(const struct svg_row *row, unsigned int cell)
{
	unsigned int x = 6 + cell * PITCH;

	for (unsigned int i = 0; i <= cell && i < row->n; i++)
		x += row->cell[i].gap ? PITCH / 2 : 0;
	return x;
}

static unsigned int middle(const struct svg_row *row, unsigned int cell)
{
	return cell_x(row, cell) + CELL / 2;
}

/* Where the cells are in the whole ring. */
static void draw_bar(FILE *f, const struct svg_row *row, unsigned int y)
{
	const double scale = (double)(SVG_WIDTH - 12) / row->num;

	fprintf(f, "<rect class=\"bar\" x=\"6\" y=\"%u\" width=\"%u\" height=\"%u\"/>", y,
		SVG_WIDTH - 12, BAR);
	for (unsigned int i = 0; i < row->n; i++) {
		const struct svg_cell *c = &row->cell[i];
		double width = scale < 2 && c->differs ? 2 : scale;

		fprintf(f, "<rect class=\"%s\" x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%u\"/>",
			c->differs ? "bar-bad" : "bar-part", 6 + scale * c->number,
			c->differs ? y - 2 : y, width, c->differs ? BAR + 4 : BAR);
	}
	fputc('\n', f);
}

static void draw_gap(FILE *f, unsigned int x, unsigned int y)
{
	fprintf(f, "<text class=\"gap\" x=\"%u\" y=\"%u\">&#8943;</text>", x, y + HEIGHT / 2 + 4);
}

static void draw_cell(FILE *f, const struct svg_row *row, unsigned int i, unsigned int y)
{
	static const char *const looks[SVG_LOOKS] = { "unknown", "idle", "busy", "mine", "next" };
	const struct svg_cell *c = &row->cell[i];
	unsigned int x = cell_x(row, i);

	if (c->gap)
		draw_gap(f, x - PITCH / 4 - 1, y);
	fprintf(f, "<rect class=\"cell %s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>",
		looks[c->look], x, y, CELL, HEIGHT);
	if (c->differs)
		fprintf(f,
			"<path class=\"hatch\" d=\"M%u %ul12-12m-10 24 24-24m-10 24 20-20m-6 20 "
			"6-6\"/>"
			"<rect class=\"differs\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>",
			x + 2, y + 14, x, y, CELL, HEIGHT);
	fprintf(f, "<text class=\"number\" x=\"%u\" y=\"%u\">%u</text>", x + CELL / 2, y - 4,
		c->number);
	fprintf(f, "<text class=\"inside%s%s\" x=\"%u\" y=\"%u\">", c->differs ? " strong" : "",
		strlen(c->inside) > 5 ? " long" : "", x + CELL / 2, y + 18);
	html__text(f, c->inside);
	fprintf(f, "</text>\n");
}

static void draw_arc(FILE *f, const struct svg_row *row, const struct svg_arc *a, unsigned int y)
{
	unsigned int from = middle(row, a->from), to = middle(row, a->to);
	unsigned int high = a->to > a->from + 1 || a->from > a->to + 1 ? 22 : 14;

	if (from == to) {
		fprintf(f, "<path class=\"%s\" d=\"M%u %uv-10m-5 0h10\"/>\n", a->class, from, y);
		return;
	}
	fprintf(f, "<path class=\"%s\" d=\"M%u %uC%u %u %u %u %u %u\"/>", a->class, from, y, from,
		y - high, to, y - high, to, y - 1);
	fprintf(f, "<path class=\"%s tip\" d=\"M%u %ul-3-5h6z\"/>\n", a->class, to, y);
}

static void draw_label(FILE *f, const struct svg_row *row, const struct svg_label *l,
		       unsigned int top, unsigned int y)
{
	unsigned int x = middle(row, l->cell);
	bool right = x + 130 > (row->width ?: SVG_WIDTH);

	fprintf(f, "<path class=\"lead%s\" d=\"M%u %uV%u\"/>", l->bad ? " bad" : "", x, top, y - 3);
	fprintf(f, "<text class=\"label%s%s\" x=\"%u\" y=\"%u\">", l->bad ? " bad" : "",
		right ? " end" : "", right ? x - 4 : x + 4, y);
	html__text(f, l->text);
	fprintf(f, "</text>\n");
}

/* A cell further left has its words further down, so that no line crosses words. */
static void draw_labels(FILE *f, const struct svg_row *row, unsigned int top)
{
	for (unsigned int i = 0; i < row->labels; i++) {
		unsigned int line = 1;

		for (unsigned int k = 0; k < row->labels; k++)
			line += row->label[k].cell > row->label[i].cell ||
				(row->label[k].cell == row->label[i].cell && k < i);
		draw_label(f, row, &row->label[i], top, top + line * LINE);
	}
}

unsigned int svg_row__draw(FILE *f, const struct svg_row *row, unsigned int y)
{
	y += LINE;
	fprintf(f, "<text class=\"head\" x=\"6\" y=\"%u\">", y - 3);
	html__text(f, row->title);
	fprintf(f, "</text>\n");
	y += 6;
	if (row->num) {
		draw_bar(f, row, y);
		y += BAR + 6;
	}
	y += row->arcs ? ARC_SPACE : 2;
	for (unsigned int i = 0; i < row->arcs; i++)
		draw_arc(f, row, &row->arc[i], y);
	y += LINE;
	for (unsigned int i = 0; i < row->n; i++)
		draw_cell(f, row, i, y);
	if (row->gap)
		draw_gap(f, cell_x(row, row->n - 1) + PITCH + PITCH / 4, y);
	y += HEIGHT;
	draw_labels(f, row, y);
	return y + row->labels * LINE + LINE;
}
