/* SPDX-License-Identifier: GPL-2.0 */
/* The two sides of an event, word by word, with marks under what differs. */
#include "describe.h"

#include <stdio.h>
#include <string.h>

#include "describe_dma.h"
#include "names.h"
#include "text.h"

#define CELL DESCRIBE_CELL

static struct desc_cell *add(struct desc_cells *c, const char *title)
{
	struct desc_cell *cell = &c->cell[c->n++];

	cell->title = title;
	return cell;
}

/* What is no divergence is not marked, whatever stands there. */
static void mark(struct desc_cell *c, const char *want)
{
	if (text__mark_diff(c->marks, CELL, c->seen, want))
		c->marks[strrchr(c->marks, '^') + 1 - c->marks] = 0;
	else
		c->marks[0] = 0;
}

static void mark_digits(struct desc_cell *c, bool diverges)
{
	mark(c, diverges ? c->want : c->seen);
}

/* The same for numbers of several widths: digits that happen to be equal mean nothing. */
static void mark_whole(struct desc_cell *c, bool diverges)
{
	size_t seen = strlen(c->seen), want = strlen(c->want);
	size_t width = diverges ? seen > want ? seen : want : 0;

	memset(c->marks, '^', width);
	c->marks[width] = 0;
}

static void add_flags(struct desc_cells *cells, const struct vqa_event *e)
{
	__u16 columns = e->seen.flags | e->want.flags;
	__u16 bits = describe__flag_bits(e->fields);
	struct desc_cell *c = add(cells, "flags");
	char want[CELL];

	text__flags(c->seen, CELL, e->seen.flags, columns);
	text__flags(c->want, CELL, e->want.flags, columns);
	mark(c, text__flags(want, CELL, (e->seen.flags & ~bits) | (e->want.flags & bits), columns));
}

static void desc_cells(const struct vqa_event *e, struct desc_cells *ret)
{
	struct desc_cell *c = add(ret, "addr");

	ret->seen_label = "device sees";
	ret->want_label = "driver wrote";
	snprintf(c->seen, CELL, "0x%016llx", e->seen.addr);
	snprintf(c->want, CELL, "0x%016llx", e->want.addr);
	mark_digits(c, e->fields & VQA_F_ADDR);
	c = add(ret, "len");
	snprintf(c->seen, CELL, "0x%08x", e->seen.len);
	snprintf(c->want, CELL, "0x%08x", e->want.len);
	mark_digits(c, e->fields & VQA_F_LEN);
	add_flags(ret, e);
	c = add(ret, e->queue.packed ? "id" : "next");
	snprintf(c->seen, CELL, "%u", e->seen.next);
	snprintf(c->want, CELL, "%u", e->want.next);
	mark_whole(c, e->fields & (VQA_F_NEXT | VQA_F_ID));
}

static void used_cells(const struct vqa_event *e, struct desc_cells *ret)
{
	struct desc_cell *id = add(ret, "id"), *len = add(ret, "len");

	ret->seen_label = "device says";
	ret->want_label = "may only be";
	snprintf(id->seen, CELL, "%u", e->id);
	snprintf(len->seen, CELL, "%u", e->used_len);
	snprintf(id->want, CELL, "%u", e->id);
	snprintf(len->want, CELL, "-");
	if (e->rule == VQA_RULE_USED_NOT_HEAD)
		snprintf(id->want, CELL, "a head in flight");
	else if (e->fields & VQA_F_USED_ID)
		snprintf(id->want, CELL, "0 to %u", e->queue.num - 1);
	if (e->fields & VQA_F_USED_LEN)
		snprintf(len->want, CELL, "0 to %u", e->writable);
	if (e->rule == VQA_RULE_USED_LEN_SHORT)
		snprintf(len->want, CELL, "1 or more");
	mark_whole(id, e->fields & VQA_F_USED_ID);
	mark_whole(len, e->fields & VQA_F_USED_LEN);
}

static void rewrite_cells(const struct vqa_event *e, struct desc_cells *ret)
{
	unsigned long long seen = e->seen.addr, want = e->want.addr;
	struct desc_cell *id = add(ret, "id"), *len = add(ret, "len");

	ret->seen_label = "it is now";
	ret->want_label = "it was";
	snprintf(id->seen, CELL, "%u", (__u32)seen);
	snprintf(id->want, CELL, "%u", (__u32)want);
	snprintf(len->seen, CELL, "%u", (__u32)(seen >> 32));
	snprintf(len->want, CELL, "%u", (__u32)(want >> 32));
	mark_whole(id, (__u32)seen != (__u32)want);
	mark_whole(len, seen >> 32 != want >> 32);
}

/* Rules that hold one number against another, and what those are. */
static const struct {
	unsigned int rule;
	const char *title, *seen, *want;
} numbers[] = {
	{ VQA_RULE_USED_IDX_JUMP, "index", "used", "available" },
	{ VQA_RULE_STALL, "ms", "device has it", "queue allows" },
	{ VQA_RULE_KICK_MISSING, "index", "available", "device waits for" },
	{ VQA_RULE_NOTIFY_STORM, "a second", "interrupts", "are too many from" },
	{ VQA_RULE_AVAIL_TAMPER, "word", "device sees", "driver wrote" },
	{ VQA_RULE_EVENT_TAMPER, "word", "device sees", "driver wrote" },
	{ VQA_RULE_USED_IDX_BACK, "used.idx", "it is now", "at least" },
	{ VQA_RULE_FREE_CONSERVE, "word", "there is", "there was to be" },
	{ VQA_RULE_PUBLISH_ORDER, "index", "it is", "after" },
};

static void word_cells(const struct vqa_event *e, struct desc_cells *ret)
{
	struct desc_cell *c;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].rule != e->rule)
			continue;
		ret->seen_label = numbers[i].seen;
		ret->want_label = numbers[i].want;
		c = add(ret, numbers[i].title);
		snprintf(c->seen, CELL, "%llu", e->seen.addr);
		snprintf(c->want, CELL, "%llu", e->want.addr);
		mark_whole(c, true);
	}
}

static const char *mapping_label(const struct vqa_event *e)
{
	return e->kind == VQA_KIND_OUTSIDE	? "window begins at"
	       : e->kind == VQA_KIND_MAP_SHARED ? "the other one"
						: "its mapping";
}

static void dma_cells(const struct vqa_event *e, struct desc_cells *ret)
{
	const unsigned int kind = e->kind;
	const bool window = kind == VQA_KIND_OUTSIDE;
	struct desc_cell *c = add(ret, "addr");

	ret->seen_label = "this memory";
	ret->want_label = mapping_label(e);
	snprintf(c->seen, CELL, "0x%016llx", e->seen.addr);
	snprintf(c->want, CELL, "0x%016llx", e->want.addr);
	mark_digits(c, window);
	c = add(ret, "len");
	snprintf(c->seen, CELL, "%u", e->seen.len);
	snprintf(c->want, CELL, window ? "-" : "%u", e->want.len);
	mark_whole(c, kind == VQA_KIND_MAP_BEYOND || kind == VQA_KIND_UNMAP_SIZE ||
			      kind == VQA_KIND_COPY_BEYOND);
	c = add(ret, window ? "direction, or who says so" : "direction");
	snprintf(c->seen, CELL, "%s", dma_dir__name(e->seen.flags));
	snprintf(c->want, CELL, "%s",
		 window ? window_source__name(e->want.flags) : dma_dir__name(e->want.flags));
	mark_whole(c, kind == VQA_KIND_MAP_DIRECTION || kind == VQA_KIND_UNMAP_DIRECTION);
}

void describe__cells(const struct vqa_event *e, struct desc_cells *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (e->fields & (VQA_F_USED_ID | VQA_F_USED_LEN))
		used_cells(e, ret);
	else if (describe__is_desc(e))
		desc_cells(e, ret);
	else if (e->rule == VQA_RULE_USED_REWRITE)
		rewrite_cells(e, ret);
	else if (e->fields & VQA_F_DMA)
		dma_cells(e, ret);
	else if (e->fields & VQA_F_WORD)
		word_cells(e, ret);
}
