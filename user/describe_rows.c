/* SPDX-License-Identifier: GPL-2.0 */
/* The two sides of an event in columns, with marks under what differs. */
#include "describe.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

#define CELL 64

/* One column: what stands on each side, and what is compared with @seen for the marks. */
struct cell {
	const char *title;
	char seen[CELL];
	char want[CELL];
	char mark[CELL];
};

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

static void lay_out(const char *seen_label, const char *want_label, const struct cell *cells,
		    size_t n, struct desc_rows *ret)
{
	size_t at = max_size(strlen(seen_label), strlen(want_label)) + 1;
	char marks[CELL];

	memset(ret, 0, sizeof(*ret));
	put(ret->seen, 0, seen_label);
	put(ret->want, 0, want_label);
	for (size_t i = 0; i < n; i++) {
		const struct cell *c = &cells[i];
		size_t width = max_size(strlen(c->seen), strlen(c->want));

		put(ret->title, at, c->title);
		put(ret->seen, at, c->seen);
		put(ret->want, at, c->want);
		if (text__mark_diff(marks, sizeof(marks), c->seen, c->mark)) {
			marks[strrchr(marks, '^') + 1 - marks] = 0;
			put(ret->marks, at, marks);
		}
		at += max_size(width, strlen(c->title)) + 2;
	}
}

/* Fills a cell. What is no divergence is not marked, whatever stands there. */
static void fill(struct cell *c, const char *title, bool diverges)
{
	c->title = title;
	snprintf(c->mark, CELL, "%s", diverges ? c->want : c->seen);
}

/* The same for numbers of several widths: digits that happen to be equal mean nothing. */
static void fill_whole(struct cell *c, const char *title, bool diverges)
{
	size_t width = max_size(strlen(c->seen), strlen(c->want));

	fill(c, title, false);
	if (!diverges)
		return;
	memset(c->mark, '^', width);
	c->mark[width] = 0;
}

static void fill_flags(struct cell *c, const struct vqa_event *e)
{
	__u16 columns = e->seen.flags | e->want.flags;
	__u16 bits = describe__flag_bits(e->fields);

	c->title = "flags";
	text__flags(c->seen, CELL, e->seen.flags, columns);
	text__flags(c->want, CELL, e->want.flags, columns);
	text__flags(c->mark, CELL, (e->seen.flags & ~bits) | (e->want.flags & bits), columns);
}

static void desc_rows(const struct vqa_event *e, struct desc_rows *ret)
{
	struct cell cells[4] = { 0 };

	snprintf(cells[0].seen, CELL, "0x%016llx", e->seen.addr);
	snprintf(cells[0].want, CELL, "0x%016llx", e->want.addr);
	fill(&cells[0], "addr", e->fields & VQA_F_ADDR);
	snprintf(cells[1].seen, CELL, "0x%08x", e->seen.len);
	snprintf(cells[1].want, CELL, "0x%08x", e->want.len);
	fill(&cells[1], "len", e->fields & VQA_F_LEN);
	fill_flags(&cells[2], e);
	snprintf(cells[3].seen, CELL, "%u", e->seen.next);
	snprintf(cells[3].want, CELL, "%u", e->want.next);
	fill_whole(&cells[3], e->queue.packed ? "id" : "next", e->fields & (VQA_F_NEXT | VQA_F_ID));
	lay_out("device sees", "driver wrote", cells, 4, ret);
}

static void used_rows(const struct vqa_event *e, struct desc_rows *ret)
{
	struct cell cells[2] = { 0 };

	snprintf(cells[0].seen, CELL, "%u", e->id);
	snprintf(cells[1].seen, CELL, "%u", e->used_len);
	snprintf(cells[0].want, CELL, "%u", e->id);
	snprintf(cells[1].want, CELL, "-");
	if (e->rule == VQA_RULE_USED_NOT_HEAD)
		snprintf(cells[0].want, CELL, "a head in flight");
	else if (e->fields & VQA_F_USED_ID)
		snprintf(cells[0].want, CELL, "0 to %u", e->queue.num - 1);
	if (e->fields & VQA_F_USED_LEN)
		snprintf(cells[1].want, CELL, "0 to %u", e->writable);
	fill_whole(&cells[0], "id", e->fields & VQA_F_USED_ID);
	fill_whole(&cells[1], "len", e->fields & VQA_F_USED_LEN);
	lay_out("device says", "may only be", cells, 2, ret);
}

void describe__rows(const struct vqa_event *e, struct desc_rows *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (e->fields & (VQA_F_USED_ID | VQA_F_USED_LEN))
		used_rows(e, ret);
	else if (describe__is_desc(e))
		desc_rows(e, ret);
}
