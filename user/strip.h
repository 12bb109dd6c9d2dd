/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_STRIP_H
#define VQA_USER_STRIP_H

#include <stdbool.h>

#define STRIP_MAX 20 /* cells in a row, those that stand for a gap included */

/**
 * struct strip - which places of a ring are drawn
 *
 * All of a small one; of a large one what lies around the places that matter.
 */
struct strip {
	unsigned int num; /* places that there are */
	unsigned int n; /* places that are drawn */
	unsigned int at[STRIP_MAX]; /* rising */
};

/**
 * strip__around - choose the cells
 * @num: places that there are, one at least
 * @points: @n places that matter, the most important first; what is not below @num
 *          is left out, and so is what there is no room for
 */
struct strip strip__around(unsigned int num, const unsigned int *points, unsigned int n);

/** strip__gap - whether places are left out before the cell @i; of i == n: behind the last one */
bool strip__gap(const struct strip *s, unsigned int i);

/** strip__width - cells, with one for each gap */
unsigned int strip__width(const struct strip *s);

#endif
