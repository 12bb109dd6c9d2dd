/* SPDX-License-Identifier: GPL-2.0 */
/* What "top" shows, as lines of plain ASCII, for a terminal and for whoever has none. */
#ifndef VQA_USER_TOP_TEXT_H
#define VQA_USER_TOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "tier.h"
#include "top_rows.h"

#define TOP_LINE 512 /* room for any line */
#define TOP_ALL_COLUMNS (TOP_LINE - 1)
#define TOP_MIN_WIDTH 28 /* up to the violations */
#define TOP_HEAD 5 /* lines above the titles */

/** struct top_how - all but the numbers */
struct top_how {
	unsigned int width; /* columns; what does not fit is left out from the right */
	enum top_sort by;
	enum tier tier;
	bool is_own, is_dma; /* as struct top_source */
	bool paused;
	char clock[16];
	char note[128]; /* what is wrong, or "" */
};

/** top_text__head - line @i of those above the titles. Return: whether it tells of something bad */
bool top_text__head(unsigned int i, const struct top_view *v, const struct top_how *how,
		    char buf[TOP_LINE]);

/** top_text__titles - of the columns that fit */
void top_text__titles(const struct top_how *how, char buf[TOP_LINE]);

/** top_text__row - a queue, below them. Return: whether something is wrong with it */
bool top_text__row(const struct top_row *row, const struct top_how *how, char buf[TOP_LINE]);

/** top_text__help - which keys there are */
void top_text__help(const struct top_how *how, char buf[TOP_LINE]);

#endif
