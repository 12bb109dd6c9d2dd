/* SPDX-License-Identifier: GPL-2.0 */
/* The operations before a violation, as a table for people. */
#include "text_flight.h"

#include "text.h"
#include "vq_audit/check.h"

#define ROW "    %c %14s  %-10s %10s %5s %10s %8s %8s%s%s\n"

/* An index of the driver: on packed rings a position and, behind it, the wrap counter. */
static const char *index_text(char *buf, size_t size, __u16 index, bool packed)
{
	if (packed)
		snprintf(buf, size, "%u/%u", vqa_packed_pos(index), index >> VQA_WRAP_BIT);
	else
		snprintf(buf, size, "%u", index);
	return buf;
}

static const char *number_text(char *buf, size_t size, __u32 n, bool known)
{
	if (!known)
		return "-";
	snprintf(buf, size, "%u", n);
	return buf;
}

/* Milliseconds from @to on: negative before it. */
static const char *time_text(char *buf, size_t size, __u64 ns, __u64 to)
{
	snprintf(buf, size, "%+.4f", (double)(__s64)(ns - to) / 1e6);
	return buf;
}

static const char *note(const struct vqa_op *o)
{
	if (o->op != VQA_OP_KICK || o->flags & VQA_OP_MAYBE)
		return "";
	return o->flags & VQA_OP_NOTIFY ? "notify" : "no need";
}

static void print_row(FILE *f, const struct text_flight *t, const struct vqa_op *o)
{
	char time[32], id[16], num[16], len[16], avail[16], used[16];
	bool has_id = o->id != VQA_OP_NO_ID;

	fprintf(f, ROW, has_id && o->id == t->id ? '>' : ' ',
		time_text(time, sizeof(time), o->time_ns, t->time_ns), op__name(o->op),
		number_text(id, sizeof(id), o->id, has_id),
		number_text(num, sizeof(num), o->num, o->num),
		number_text(len, sizeof(len), o->len, o->op == VQA_OP_USED),
		index_text(avail, sizeof(avail), o->avail, t->packed),
		index_text(used, sizeof(used), o->used, t->packed), note(o)[0] ? "  " : "",
		note(o));
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
