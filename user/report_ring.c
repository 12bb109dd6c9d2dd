/* SPDX-License-Identifier: GPL-2.0 */
/* The ring, drawn as far as a record tells it: descriptors, available and used. */
#include <stdlib.h>
#include <string.h>

#include <linux/virtio_ring.h>

#include "html.h"
#include "report_page.h"
#include "slots.h"
#include "svg_row.h"
#include "vq_audit/check.h"

#define POINTS_MAX 6
#define HALF_ROW 10 /* cells in half the width */

static void say_inside(const struct slots *s, struct svg_cell *c)
{
	static const enum svg_look looks[] = {
		[SLOT_UNKNOWN] = SVG_UNKNOWN,
		[SLOT_DONE] = SVG_IDLE,
		[SLOT_IN_FLIGHT] = SVG_BUSY,
		[SLOT_MINE] = SVG_MINE,
	};
	__u32 owner = s->owner[c->number];
	__u16 count = s->count[c->number];

	c->look = looks[s->state[c->number]];
	if (!owner)
		return;
	if (slots__packed(s))
		snprintf(c->inside, sizeof(c->inside), "%u", owner - 1);
	else if (count)
		snprintf(c->inside, sizeof(c->inside), "1/%u", count);
}

/* How the driver goes on from the descriptor, and how the device is told to. */
static void join_split(struct svg_row *row, const struct vqa_event *e)
{
	bool want = e->want.flags & VRING_DESC_F_NEXT, seen = e->seen.flags & VRING_DESC_F_NEXT;

	if (e->id != e->slot)
		svg_row__arc(row, e->id, e->slot, "somehow");
	if (want)
		svg_row__arc(row, e->slot, e->want.next, "wrote");
	if (want && !seen)
		svg_row__arc(row, e->slot, e->slot, "stop");
	else if (seen && (!want || e->seen.next != e->want.next))
		svg_row__arc(row, e->slot, e->seen.next, "sees");
}

/* What is found at a mapping does not say where the driver is. */
static bool knows_used(const struct slots *s)
{
	return !(s->i->e.fields & VQA_F_DMA);
}

static void label_indices(const struct slots *s, struct svg_row *row)
{
	const __u16 used = s->i->e.last_used;
	__u16 avail;

	if (knows_used(s))
		svg_row__label(row, slots__place(s, used), false, "next used: %u, wrap %u",
			       vqa_packed_pos(used), used >> VQA_WRAP_BIT);
	if (slots__next_avail(s, &avail))
		svg_row__label(row, slots__place(s, avail), false, "next available: %u, wrap %u",
			       vqa_packed_pos(avail), avail >> VQA_WRAP_BIT);
}

/* In which way it differs, if that can be said in a few words. */
static const char *how(const struct vqa_event *e)
{
	bool want = e->want.flags & VRING_DESC_F_NEXT, seen = e->seen.flags & VRING_DESC_F_NEXT;

	if (e->table)
		return "its table differs";
	return want == seen ? "differs" : seen ? "differs: goes on" : "differs: ends here";
}

/* A descriptor that the device takes for the head of a buffer in flight. */
static bool lone_head(const struct slots *s)
{
	return s->no_head && !slots__packed(s) && s->i->e.id < s->num;
}

static unsigned int draw_descriptors(FILE *f, const struct slots *s, unsigned int y)
{
	const struct vqa_event *e = &s->i->e;
	unsigned int points[POINTS_MAX], n = 0;
	struct svg_row row = { 0 };
	struct strip strip;
	__u16 avail;

	if (s->has_slot)
		points[n++] = e->slot;
	if (s->has_buffer && !s->no_head)
		points[n++] = s->first_mine;
	if (lone_head(s))
		points[n++] = e->id;
	if (slots__packed(s)) {
		if (knows_used(s))
			points[n++] = slots__place(s, e->last_used);
		if (slots__next_avail(s, &avail))
			points[n++] = slots__place(s, avail);
	} else if (s->has_slot && !e->table) {
		points[n++] = e->want.next;
		points[n++] = e->seen.next;
	}
	if (!n)
		return y;
	strip = strip__around(s->num, points, n);
	svg_row__of(&row, &strip);
	snprintf(row.title, sizeof(row.title),
		 slots__packed(s) ? "packed ring, %u descriptors"
				  : "descriptor table, %u descriptors",
		 s->num);
	for (unsigned int k = 0; k < row.n; k++) {
		say_inside(s, &row.cell[k]);
		row.cell[k].differs = (s->has_slot && !e->table && row.cell[k].number == e->slot) ||
				      (lone_head(s) && row.cell[k].number == e->id);
	}
	if (lone_head(s))
		svg_row__label(&row, e->id, true, "no head of a buffer in flight");
	if (s->has_slot)
		svg_row__label(&row, e->slot, true, "%s", how(e));
	if (slots__packed(s))
		label_indices(s, &row);
	else if (s->has_slot && !e->table)
		join_split(&row, e);
	return svg_row__draw(f, &row, y);
}

static unsigned int draw_table(FILE *f, const struct vqa_event *e, unsigned int y)
{
	unsigned int points[] = { e->entry, 0 };
	struct strip strip = strip__around(e->entries, points, 2);
	struct svg_row row = { 0 };

	svg_row__of(&row, &strip);
	snprintf(row.title, sizeof(row.title), "indirect table of buffer %u, %u entries", e->id,
		 e->entries);
	for (unsigned int k = 0; k < row.n; k++) {
		row.cell[k].look = SVG_MINE;
		row.cell[k].differs = row.cell[k].number == e->entry;
	}
	svg_row__label(&row, e->entry, true, "differs");
	return svg_row__draw(f, &row, y);
}

/* What went through one of the two index rings, the newest on the right. */
static void fill_passed(const struct slots *s, struct svg_row *row, unsigned int op,
			unsigned int most)
{
	const struct flight *flight = &s->i->flight;
	bool mine = s->has_buffer; /* until it is met; what was used before the add was another */

	/* No place twice: one is the next one's. */
	for (unsigned int k = flight->n; k-- && row->n < most && row->n + 1 < s->num;) {
		const struct vqa_op *o = &flight->op[k];
		struct svg_cell *c = &row->cell[0];
		bool is_it = mine && o->id == s->i->e.id && (op == VQA_OP_ADD || o > s->added);

		if (o->op != op || o->id == VQA_OP_NO_ID)
			continue;
		memmove(c + 1, c, row->n++ * sizeof(*c));
		*c = (struct svg_cell){
			.number = slots__place(s, op == VQA_OP_ADD ? o->avail : o->used),
			.look = is_it ? SVG_MINE : SVG_IDLE,
		};
		snprintf(c->inside, sizeof(c->inside), "%u", o->id);
		mine = mine && !is_it;
	}
}

static void add_next(struct svg_row *row, unsigned int number)
{
	if (row->n < HALF_ROW && svg_row__find(row, number) < 0)
		row->cell[row->n++] = (struct svg_cell){ .number = number, .look = SVG_NEXT };
}

static unsigned int draw_avail(FILE *f, const struct slots *s, unsigned int y)
{
	const struct vqa_event *e = &s->i->e;
	struct svg_row row = { .title = "available ring: heads published, newest on the right",
			       .width = SVG_WIDTH / 2 };
	__u16 next;

	if (!slots__next_avail(s, &next))
		return y;
	fill_passed(s, &row, VQA_OP_ADD, HALF_ROW - 1);
	if (e->kind == VQA_KIND_AVAIL_RING && svg_row__find(&row, e->id) >= 0)
		row.cell[svg_row__find(&row, e->id)].differs = true;
	add_next(&row, slots__place(s, next));
	svg_row__label(&row, slots__place(s, next), false, "next index: %u", next);
	return svg_row__draw(f, &row, y);
}

/* Used elements that a used index claims: behind what the driver took. */
static void add_claimed(const struct slots *s, struct svg_row *row)
{
	const struct vqa_event *e = &s->i->e;
	__u16 claimed = e->seen.addr, avail = e->want.addr;

	for (__u16 at = e->last_used; at != claimed && row->n < HALF_ROW; at++) {
		add_next(row, slots__place(s, at));
		row->cell[svg_row__find(row, slots__place(s, at))].differs =
			(__s16)(at - avail) >= 0;
	}
	svg_row__label(row, slots__place(s, claimed - 1), true, "used.idx: %u", claimed);
}

static unsigned int draw_used(FILE *f, const struct slots *s, unsigned int y)
{
	const struct vqa_event *e = &s->i->e;
	bool jump = e->rule == VQA_RULE_USED_IDX_JUMP;
	struct svg_row row = { .title = "used ring: ids that the driver read",
			       .width = SVG_WIDTH / 2 };
	unsigned int at = slots__place(s, e->last_used);

	fill_passed(s, &row, VQA_OP_USED, jump ? HALF_ROW / 3 : HALF_ROW - 1);
	if (jump)
		add_claimed(s, &row);
	if (knows_used(s))
		add_next(&row, at);
	if (!row.n)
		return y;
	if (e->fields & (VQA_F_USED_ID | VQA_F_USED_LEN) && svg_row__find(&row, at) >= 0) {
		row.cell[svg_row__find(&row, at)].differs = true;
		svg_row__label(&row, at, true, "id %u, length %u", e->id, e->used_len);
	}
	if (knows_used(s))
		svg_row__label(&row, at, false, "driver's index: %u", e->last_used);
	return svg_row__draw(f, &row, y);
}

/* Beside each other. */
static unsigned int draw_index_rings(FILE *f, const struct slots *s, unsigned int y)
{
	unsigned int avail = draw_avail(f, s, y), used;

	fprintf(f, "<g transform=\"translate(%d 0)\">\n", avail > y ? SVG_WIDTH / 2 : 0);
	used = draw_used(f, s, y);
	fputs("</g>\n", f);
	return avail > used ? avail : used;
}

static void draw(FILE *f, const struct slots *s)
{
	const struct vqa_event *e = &s->i->e;
	char *rows = NULL;
	size_t size = 0;
	FILE *body = open_memstream(&rows, &size);
	unsigned int y;

	if (!body)
		return;
	y = draw_descriptors(body, s, 0);
	if (e->table && e->entries)
		y = draw_table(body, e, y);
	if (!slots__packed(s))
		y = draw_index_rings(body, s, y);
	if (fclose(body)) {
		free(rows);
		return;
	}
	fprintf(f,
		"<svg class=\"ring\" viewBox=\"0 0 %d %u\" role=\"img\">\n"
		"<title>The ring around the divergence</title>\n<desc>",
		SVG_WIDTH, y);
	if (s->has_slot)
		html__textf(f, "Descriptor %u of %u differs. ", e->slot, s->num);
	fputs("The tables above and below say the same in words.</desc>\n", f);
	fwrite(rows, 1, size, f);
	fputs("</svg>\n", f);
	free(rows);
}

static void caption(FILE *f, const struct slots *s)
{
	fputs("<figcaption>", f);
	if (slots__packed(s))
		html__text(f, "Numbers above are places, those inside the ids of buffers, as far "
			      "as the operations below tell. ");
	else if (s->has_slot || s->has_buffer)
		html__text(f, "Numbers above are places; 1/n is the head of a buffer of n "
			      "descriptors, as far as the operations below tell. ");
	else
		html__text(f, "Numbers above are places, those inside the ids of buffers. ");
	fputs("<span class=\"key mine\">this buffer,</span> "
	      "<span class=\"key busy\">in flight,</span> "
	      "<span class=\"key idle\">came back,</span> "
	      "<span class=\"key unknown\">not known.</span> ",
	      f);
	if (!slots__packed(s) && s->has_slot && !s->i->e.table)
		html__text(f, "Arcs: solid, as the driver wrote it; dashed, as the device sees it; "
			      "dotted, a part of the chain that is not recorded.");
	fputs("</figcaption>\n", f);
}

void report_ring(FILE *f, const struct incident *i)
{
	struct slots s;

	if (!i->e.queue.num || i->e.queue.num > SLOTS_MAX) {
		html__element(f, "p", "A ring of %u descriptors cannot be drawn.", i->e.queue.num);
		return;
	}
	if (!slots__replay(&s, i)) {
		fputs("<figure>\n", f);
		draw(f, &s);
		caption(f, &s);
		fputs("</figure>\n", f);
	}
	slots__free(&s);
}
