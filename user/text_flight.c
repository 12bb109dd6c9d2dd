/* SPDX-License-Identifier: GPL-2.0 */
/* The operations before a violation, as a table for people. */
#include "text_flight.h"

#include "text.h"
#include "vq_audit/check.h"

#define ROW "    %c %14s  %-10s %10s %5s %10s %8s %8s%s%s\n"

/* An index of the driver: on packed rings a position and, behind it, the wrap counter. */
static void say_index(char *cell, __u16 index, bool packed)
{
	if (packed)
		snprintf(cell, TEXT_FLIGHT_CELL, "%u/%u", vqa_packed_pos(index),
			 index >> VQA_WRAP_BIT);
	else
		snprintf(cell, TEXT_FLIGHT_CELL, "%u", index);
}

static void say_number(char *cell, __u32 n, bool known)
{
	if (known)
		snprintf(cell, TEXT_FLIGHT_CELL, "%u", n);
	else
		snprintf(cell, TEXT_FLIGHT_CELL, "-");
}

static const char *note(const struct vqa_op *o)
{
	if (o->op != VQA_OP_KICK || o->flags & VQA_OP_MAYBE)
		return "";
	return o->flags & VQA_OP_NOTIFY ? "notify" : "no need";
}

void text_flight__row(struct text_flight_row *row, const struct vqa_op *o, __u64 to_ns, bool packed)
{
	/* Milliseconds: negative before it. */
	snprintf(row->time, sizeof(row->time), "%+.4f", (double)(__s64)(o->time_ns - to_ns) / 1e6);
	say_number(row->id, o->id, o->id != VQA_OP_NO_ID);
	say_number(row->num, o->num, o->num);
	say_number(row->len, o->len, o->op == VQA_OP_USED);
	say_index(row->avail, o->avail, packed);
	say_index(row->used, o->used, packed);
	row->note = note(o);
}

static void print_row(FILE *f, const struct text_flight *t, const struct vqa_op *o)
{
	struct text_flight_row row;

	text_flight__row(&row, o, t->time_ns, t->packed);
	fprintf(f, ROW, o->id != VQA_OP_NO_ID && o->id == t->id ? '>' : ' ', row.time,
		op__name(o->op), row.id, row.num, row.len, row.avail, row.used,
		row.note[0] ? "  " : "", row.note);
}

void text_flight__print(FILE *f, const struct text_flight *t)
{
	unsigned int n = t->flight->n;
	unsigned int first = t->last && t->last < n ? n - t->last : 0;

	if (t->flight->torn)
		fprintf(f, "    %u operation%s left out: not yet or no longer whole when copied\n",
			t->flight->torn, text__plural(t->flight->torn));
	if (!n)
		return;
	fprintf(f, ROW, ' ', "ms", "operation", "id", "descs", "length", "avail", "used", "", "");
	for (unsigned int i = first; i < n; i++)
		print_row(f, t, &t->flight->op[i]);
}
