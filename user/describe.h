/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_DESCRIBE_H
#define VQA_USER_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>

#include "tier.h"
#include "vq_audit/abi.h"

/* Fields that a descriptor has, as opposed to those of a used element. */
#define DESCRIBE_DESC_FIELDS (VQA_F_USED_ID - 1)

/** describe__is_desc - whether the event shows a descriptor, seen beside written */
bool describe__is_desc(const struct vqa_event *e);

/** describe__is_buffer - whether the event's id is that of a buffer */
bool describe__is_buffer(const struct vqa_event *e);

/** describe__flag_bits - the bits of struct vqa_desc.flags that the fields of a mask stand for */
__u16 describe__flag_bits(__u32 fields);

/** describe__writable_known - whether the bytes that the device may write are known */
bool describe__writable_known(const struct vqa_event *e);

/**
 * describe__what - where an event's divergence is and what it is, as a sentence
 *
 * States what diverged, never why. Return: @buf.
 */
char *describe__what(const struct vqa_event *e, char *buf, size_t size);

/** describe__panics - whether a panic is the kernel's, in time, rather than the daemon's */
bool describe__panics(const struct vqa_event *e, enum tier tier);

/** describe__done - a word for programs: "recorded", "queue-broken", "panic", "panic-by-daemon" */
const char *describe__done(const struct vqa_event *e, enum tier tier);

/** describe__done_text - the same as a clause for people */
const char *describe__done_text(const struct vqa_event *e, enum tier tier);

#define DESCRIBE_CELL 64
#define DESCRIBE_CELLS 4

/** struct desc_cell - a word as seen and as it should be; ^ in @marks is below what diverges */
struct desc_cell {
	const char *title;
	char seen[DESCRIBE_CELL];
	char want[DESCRIBE_CELL];
	char marks[DESCRIBE_CELL];
};

/** struct desc_cells - the two sides of an event; all in plain ASCII */
struct desc_cells {
	const char *seen_label, *want_label;
	unsigned int n; /* 0: the sentence says it all */
	struct desc_cell cell[DESCRIBE_CELLS];
};

/** describe__cells - what is held against what: descriptors, used elements, mappings, numbers */
void describe__cells(const struct vqa_event *e, struct desc_cells *ret);

/* Notes on an event, for people. */
#define DESCRIBE_RACY "value re-read in the same call (stock kernel); the re-read can race"

/** describe__quirk - why a violation of @rule is no alert there */
const char *describe__quirk(unsigned int rule);

#define DESCRIBE_ROW 160

/**
 * struct desc_rows - a descriptor as seen and as written, below each other
 *
 * @marks has ^ under what differs and counts as a divergence. All in plain
 * ASCII, without a line end.
 */
struct desc_rows {
	char title[DESCRIBE_ROW];
	char seen[DESCRIBE_ROW];
	char want[DESCRIBE_ROW];
	char marks[DESCRIBE_ROW];
};

/** describe__rows - the two sides of an event: descriptors, or used elements; empty for others */
void describe__rows(const struct vqa_event *e, struct desc_rows *ret);

#endif
