/* SPDX-License-Identifier: GPL-2.0 */
/* A copy of a ring, side by side. */
#include "ring_dump.h"

#include <stdio.h>

#include "jsonl.h"
#include "text.h"

#define FLAGS_SIZE 64

/** struct view - a copy, and whose each place is: 1 + the buffer's id, 0 free or unknown */
struct view {
	const struct vqa_queue_id *q;
	const struct vqa_dump *d;
	__u32 owner[VQA_RING_MAX];
};

static void mark_chain(struct view *v, __u32 id)
{
	__u32 at = id;

	while (at < v->q->num && !v->owner[at]) {
		v->owner[at] = id + 1;
		if (!(v->d->row[at].want.flags & VQA_DESC_F_NEXT))
			return;
		at = v->d->row[at].want.next;
	}
}

static void mark_slots(struct view *v)
{
	const struct vqa_words *w = &v->d->words;
	__u32 left = w->num > v->d->num_free ? w->num - v->d->num_free : 0;
	__u32 at = vqa_packed_pos(w->last_used), wrap = w->last_used >> VQA_WRAP_BIT;

	while (left--) {
		const struct vqa_desc *want = &v->d->row[at].want;

		if (v->d->row[at].known && vqa_packed_is_avail(want->flags, wrap))
			v->owner[at] = want->next + 1;
		if (++at >= w->num) {
			at = 0;
			wrap ^= 1;
		}
	}
}

static void mark(struct view *v)
{
	if (v->d->words.packed) {
		mark_slots(v);
		return;
	}
	for (__u32 id = 0; id < v->q->num; id++)
		if (v->d->row[id].head)
			mark_chain(v, id);
}

/* What differs at a place. Where the next completion comes the device may write. */
static __u32 differs(const struct view *v, __u32 at)
{
	const struct vqa_dump_row *r = &v->d->row[at];

	if (!v->owner[at] || !r->known)
		return 0;
	if (!v->d->words.packed)
		return vqa_desc_diff(r->seen, r->want, VQA_FIELDS_SPLIT);
	if (at == vqa_packed_pos(v->d->words.last_used))
		return vqa_desc_diff(r->seen, r->want, VQA_F_ADDR);
	return vqa_desc_diff(r->seen, r->want, VQA_FIELDS_PACKED);
}

static void print_side(FILE *f, const struct vqa_desc *d)
{
	char flags[FLAGS_SIZE];

	fprintf(f, "%016llx %8x %4u %-20s", d->addr, d->len, d->next,
		text__flags(flags, sizeof(flags), d->flags, d->flags));
}

static void print_row(FILE *f, const struct view *v, __u32 at)
{
	const struct vqa_dump_row *r = &v->d->row[at];
	char id[16] = "-";

	if (v->owner[at])
		snprintf(id, sizeof(id), "%u", v->owner[at] - 1);
	fprintf(f, "%c %4u %4s  ", differs(v, at) ? '*' : ' ', at, id);
	print_side(f, &r->seen);
	if (r->known && v->owner[at]) {
		fprintf(f, " | ");
		print_side(f, &r->want);
	}
	fprintf(f, "\n");
}

static void print_indices(FILE *f, const struct view *v)
{
	const struct vqa_words *w = &v->d->words;

	if (w->packed)
		fprintf(f, "driver: last_used %u, wrap %u; next_avail %u\n",
			vqa_packed_pos(w->last_used), w->last_used >> VQA_WRAP_BIT, w->next_avail);
	else
		fprintf(f, "driver: last_used %u, next_avail %u; used.idx %u, avail.idx %u%s\n",
			w->last_used, w->next_avail, w->used_idx, w->avail_idx,
			w->avail_idx == w->next_avail ? "" : " *");
}

static void print_text(struct out *o, const struct view *v)
{
	char name[TEXT_NAME_SIZE];
	FILE *f = out__begin(o);

	if (!f)
		return;
	fprintf(f, "virtio%u queue %u (%s), %s, %u descriptors, %u free\n", v->q->vdev_index,
		v->q->index, text__escape(name, sizeof(name), v->q->name),
		v->d->words.packed ? "packed" : "split", v->q->num, v->d->num_free);
	print_indices(f, v);
	fprintf(f, "  slot   id  %-52s| driver wrote\n",
		v->d->words.packed ? "device sees: addr, len, id, flags"
				   : "device sees: addr, len, next, flags");
	for (__u32 at = 0; at < v->q->num; at++)
		print_row(f, v, at);
	out__end(o);
}

static json_t *side(const struct vqa_desc *d, bool packed)
{
	return json_pack("{s:I, s:I, s:i, s:i}", "addr", (json_int_t)d->addr, "len",
			 (json_int_t)d->len, "flags", d->flags, packed ? "id" : "next", d->next);
}

static json_t *row(const struct view *v, __u32 at)
{
	const struct vqa_dump_row *r = &v->d->row[at];
	bool packed = v->d->words.packed;

	return json_pack("{s:I, s:o, s:o, s:o, s:b}", "slot", (json_int_t)at, "id",
			 v->owner[at] ? json_integer(v->owner[at] - 1) : json_null(), "seen",
			 side(&r->seen, packed), "want",
			 r->known && v->owner[at] ? side(&r->want, packed) : json_null(), "differs",
			 differs(v, at) != 0);
}

static void print_json(struct out *o, const struct view *v)
{
	const struct vqa_words *w = &v->d->words;
	json_t *record = json_pack("{s:s}", "type", "dump"), *rows = json_array();

	for (__u32 at = 0; at < v->q->num; at++)
		json_array_append_new(rows, row(v, at));
	jsonl__identity(record, v->q);
	json_object_update_new(record,
			       json_pack("{s:I, s:I, s:i, s:i, s:i, s:i, s:o}", "num",
					 (json_int_t)v->q->num, "num_free",
					 (json_int_t)v->d->num_free, "last_used", w->last_used,
					 "next_avail", w->next_avail, "used_idx", w->used_idx,
					 "avail_idx", w->avail_idx, "rows", rows));
	jsonl__write(o, record);
}

bool ring_dump__print(struct out *o, const struct vqa_queue_id *q, const struct vqa_dump *d,
		      bool json)
{
	struct view v = { .q = q, .d = d };
	bool any = false;

	mark(&v);
	if (json)
		print_json(o, &v);
	else
		print_text(o, &v);
	for (__u32 at = 0; at < q->num; at++)
		any |= differs(&v, at) != 0;
	return any;
}
