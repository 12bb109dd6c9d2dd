// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "ring.h"

uint16_t split__avail_idx(const struct ring *r)
{
	return rd16(r->avail + OFF_IDX);
}

uint16_t split__used_idx(const struct ring *r)
{
	return rd16(r->used + OFF_IDX);
}

uint16_t split__avail(const struct ring *r, uint16_t seq)
{
	return rd16(split__avail_entry(r, seq));
}

uint8_t *split__avail_entry(const struct ring *r, uint16_t seq)
{
	return r->avail + OFF_RING + 2 * (seq % r->num);
}

/* Each event word lies behind the entries of the other side's ring. */
uint8_t *split__used_event(const struct ring *r)
{
	return r->avail + OFF_RING + 2 * r->num;
}

uint8_t *split__avail_event(const struct ring *r)
{
	return r->used + OFF_RING + USED_ELEM * r->num;
}

uint8_t *split__used_elem(const struct ring *r, uint16_t seq)
{
	return r->used + OFF_RING + USED_ELEM * (seq % r->num);
}

uint32_t split__used_id(const struct ring *r, uint16_t seq)
{
	return rd32(split__used_elem(r, seq));
}

const char *split__walk(const struct ring *r, unsigned int head, struct chain *c)
{
	const char *why;
	struct desc d;
	unsigned int i = head;

	memset(c, 0, sizeof(*c));
	c->head = head;
	do {
		if (i >= r->num)
			return "an index lies outside of the ring";
		d = ring__read(r, i);
		why = chain__add(c, r, i, d);
		if (why)
			return why;
		i = d.next;
	} while ((d.flags & DESC_NEXT) && !c->indirect);
	c->writable_known = true;
	return NULL;
}
