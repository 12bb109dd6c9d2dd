/* SPDX-License-Identifier: GPL-2.0 */
/* The two sides of a descriptor or of a used element, below each other. */
#include "describe.h"

#include <stdio.h>
#include <string.h>

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void put(char *row, size_t at, const char *text)
{
	size_t len = strlen(row);

	if (len < at) {
		memset(row + len, ' ', at - len);
		row[at] = 0;
	}
	snprintf(row + at, DESCRIBE_ROW - at, "%s", text);
}

static void lay_out(const struct desc_cells *cells, struct desc_rows *ret)
{
	size_t at = max_size(strlen(cells->seen_label), strlen(cells->want_label)) + 1;

	put(ret->seen, 0, cells->seen_label);
	put(ret->want, 0, cells->want_label);
	for (unsigned int i = 0; i < cells->n; i++) {
		const struct desc_cell *c = &cells->cell[i];
		size_t width = max_size(strlen(c->seen), strlen(c->want));

		put(ret->title, at, c->title);
		put(ret->seen, at, c->seen);
		put(ret->want, at, c->want);
		if (c->marks[0])
			put(ret->marks, at, c->marks);
		at += max_size(width, strlen(c->title)) + 2;
	}
}

void describe__rows(const struct vqa_event *e, struct desc_rows *ret)
{
	struct desc_cells cells;

	memset(ret, 0, sizeof(*ret));
	/* The others have it all in their sentence. */
	if (!describe__is_desc(e) && !(e->fields & (VQA_F_USED_ID | VQA_F_USED_LEN)))
		return;
	describe__cells(e, &cells);
	lay_out(&cells, ret);
}
