/* SPDX-License-Identifier: GPL-2.0 */
/* What is where in a ring, as far as the operations before a violation tell. Pure. */
#include "slots.h"

#include <errno.h>
#include <stdlib.h>

#include <linux/virtio_ring.h>

#include "describe.h"
#include "vq_audit/check.h"

bool slots__packed(const struct slots *s)
{
	return s->i->e.queue.packed;
}

unsigned int slots__place(const struct slots *s, __u16 index)
{
	return slots__packed(s) ? vqa_packed_pos(index) : index % s->num;
}

bool slots__next_avail(const struct slots *s, __u16 *ret)
{
	const struct incident *i = s->i;
	const struct vqa_op *o = i->flight.n ? &i->flight.op[i->flight.n - 1] : NULL;
	__u32 num = i->e.queue.num;

	if (!o)
		return false;
	*ret = o->avail;
	if (o->op != VQA_OP_ADD)
		return true;
	if (!i->e.queue.packed)
		*ret += 1;
	else if (vqa_packed_pos(o->avail) + o->num >= num)
		*ret = ((o->avail ^ 1 << VQA_WRAP_BIT) & 1 << VQA_WRAP_BIT) |
		       (vqa_packed_pos(o->avail) + o->num - num);
	else
		*ret += o->num;
	return true;
}

/* One buffer's places, from @at on; of a split ring its head alone is known. */
static void put_buffer(struct slots *s, unsigned int at, const struct vqa_op *o)
{
	unsigned int n = slots__packed(s) && o->num ? o->num : 1;

	if (at >= s->num || n > s->num)
		return;
	s->count[at] = o->num;
	for (unsigned int k = 0; k < n; k++) {
		s->owner[(at + k) % s->num] = o->id + 1;
		s->state[(at + k) % s->num] = SLOT_IN_FLIGHT;
	}
}

static void end_buffer(struct slots *s, __u32 id)
{
	for (unsigned int k = 0; k < s->num; k++)
		if (s->owner[k] == id + 1 && s->state[k] == SLOT_IN_FLIGHT)
			s->state[k] = SLOT_DONE;
}

static void replay(struct slots *s)
{
	for (unsigned int k = 0; k < s->i->flight.n; k++) {
		const struct vqa_op *o = &s->i->flight.op[k];

		if (o->id == VQA_OP_NO_ID)
			continue;
		if (o->op == VQA_OP_ADD)
			put_buffer(s, slots__packed(s) ? slots__place(s, o->avail) : o->id, o);
		else if (o->op == VQA_OP_USED)
			end_buffer(s, o->id);
	}
}

/* Its newest life: the id may have had others. */
static const struct vqa_op *last_add(const struct incident *i)
{
	for (unsigned int k = i->flight.n; k--;)
		if (i->flight.op[k].op == VQA_OP_ADD && i->flight.op[k].id == i->e.id)
			return &i->flight.op[k];
	return NULL;
}

/* Where the buffer of the incident begins, and how far it goes. */
static unsigned int find_mine(struct slots *s)
{
	const struct vqa_event *e = &s->i->e;
	const struct vqa_op *add = s->added;

	if (!slots__packed(s)) {
		s->first_mine = e->id;
		return 1;
	}
	/* A used element stands at the first place of its buffer. */
	if (e->point == VQA_POINT_USED && e->chain)
		s->first_mine = slots__place(s, e->last_used);
	else if (add)
		s->first_mine = slots__place(s, add->avail);
	return e->chain ?: add ? add->num : 0;
}

static void mark(struct slots *s, unsigned int at)
{
	if (at < s->num)
		s->state[at] = SLOT_MINE;
}

static void put_mine(struct slots *s)
{
	const struct vqa_event *e = &s->i->e;
	unsigned int n = find_mine(s);

	if (s->first_mine < s->num && n <= s->num) {
		if (s->owner[s->first_mine] != e->id + 1)
			put_buffer(s, s->first_mine,
				   &(struct vqa_op){ .id = e->id, .num = e->chain });
		for (unsigned int k = 0; k < n; k++)
			mark(s, (s->first_mine + k) % s->num);
	}
	if (!s->has_slot)
		return;
	mark(s, e->slot);
	if (!slots__packed(s) && !e->table && e->want.flags & VRING_DESC_F_NEXT)
		mark(s, e->want.next);
}

int slots__replay(struct slots *s, const struct incident *i)
{
	*s = (struct slots){
		.i = i,
		.num = i->e.queue.num,
		.no_head = i->e.fields & VQA_F_USED_ID,
		.added = last_add(i),
		.first_mine = i->e.queue.num,
		.has_slot = describe__is_desc(&i->e),
		.has_buffer = describe__is_buffer(&i->e),
	};
	s->owner = calloc(s->num, sizeof(*s->owner));
	s->count = calloc(s->num, sizeof(*s->count));
	s->state = calloc(s->num, sizeof(*s->state));
	if (!s->owner || !s->count || !s->state)
		return -ENOMEM;
	replay(s);
	if (s->has_buffer && !s->no_head)
		put_mine(s);
	return 0;
}

void slots__free(struct slots *s)
{
	free(s->owner);
	free(s->count);
	free(s->state);
}
