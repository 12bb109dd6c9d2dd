/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SVG_ROW_H
#define VQA_USER_SVG_ROW_H

#include <stdbool.h>
#include <stdio.h>

#include "strip.h"

#define SVG_WIDTH 880
#define SVG_ROW_LABELS 3
#define SVG_ROW_ARCS 4

enum svg_look { SVG_UNKNOWN, SVG_IDLE, SVG_BUSY, SVG_MINE, SVG_NEXT, SVG_LOOKS };

/** struct svg_cell - a place of a ring: its number above, what is there inside */
struct svg_cell {
	unsigned int number;
	char inside[16];
	enum svg_look look;
	bool differs;
	bool gap; /* places are left out before it */
};

/** struct svg_label - words below a cell, each on a line of its own */
struct svg_label {
	unsigned int cell;
	bool bad;
	char text[48];
};

/** struct svg_arc - one cell leads to another, above them; to == from: it ends there */
struct svg_arc {
	unsigned int from, to;
	const char *class;
};

/** struct svg_row - places of a ring, side by side */
struct svg_row {
	char title[96];
	unsigned int width; /* SVG_WIDTH if 0 */
	unsigned int num; /* places of the ring; 0: no bar that shows where the cells are in it */
	unsigned int n, labels, arcs;
	bool gap; /* places are left out behind the last one */
	struct svg_cell cell[STRIP_MAX];
	struct svg_label label[SVG_ROW_LABELS];
	struct svg_arc arc[SVG_ROW_ARCS];
};

/** svg_row__of - a row of the places of a strip */
void svg_row__of(struct svg_row *row, const struct strip *s);

/** svg_row__find - the cell of a place, or -1 */
int svg_row__find(const struct svg_row *row, unsigned int number);

/** svg_row__label - words below the cell of a place, if it is drawn */
void svg_row__label(struct svg_row *row, unsigned int number, bool bad, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** svg_row__arc - join the cells of two places, if they are drawn */
void svg_row__arc(struct svg_row *row, unsigned int from, unsigned int to, const char *class);

/** svg_row__draw - at @y; returns where the next one goes */
unsigned int svg_row__draw(FILE *f, const struct svg_row *row, unsigned int y);

#endif
