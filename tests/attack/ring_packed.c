// SPDX-License-Identifier: GPL-2.0
/*
 * A packed ring holds no index: AVAIL and USED in each slot's flags say whose it is, and their
 * meaning turns over at each lap. QEMU tells the position of its next used element, but not its
 * wrap counter; the ring's content gives that away.
 */
#include <string.h>

#include "ring.h"

static bool avail_bit(uint16_t flags)
{
	return flags & DESC_AVAIL;
}

static bool used_bit(uint16_t flags)
{
	return flags & DESC_USED;
}

struct position packed__advance(const struct ring *r, struct position pos, unsigned int n)
{
	unsigned int at = pos.at + n;

	if (at >= r->num)
		return (struct position){ at - r->num, !pos.wrap };
	return (struct position){ at, pos.wrap };
}

/* How far behind the cursor is the nearest slot that the device has marked used? 0: nowhere. */
static unsigned int distance_to_used(const struct ring *r, uint16_t cursor)
{
	unsigned int back;
	uint16_t flags;

	for (back = 1; back <= r->num; back++) {
		flags = ring__read(r, cursor + r->num - back).flags;
		if (avail_bit(flags) == used_bit(flags))
			return back;
	}
	return 0;
}

/*
 * The nearest used mark behind the cursor was made in the lap that ends there. With no mark in the
 * whole ring every slot is with the device, the one at the cursor in the current lap.
 */
struct position packed__used_cursor(const struct ring *r, uint16_t used_idx)
{
	unsigned int back = distance_to_used(r, used_idx);
	struct position pos = { used_idx, avail_bit(ring__read(r, used_idx).flags) };

	if (!back)
		return pos;
	pos.wrap = avail_bit(ring__read(r, used_idx + r->num - back).flags);
	if (back > used_idx)
		pos.wrap = !pos.wrap;
	return pos;
}

int packed__last_used(const struct ring *r, struct position cursor)
{
	unsigned int back = distance_to_used(r, cursor.at), slot, i;
	struct desc d;

	if (!back)
		return -1;
	slot = (cursor.at + r->num - back) % r->num;
	d = ring__read(r, slot);
	if (!d.addr && !d.len && !d.flags) /* never used at all */
		return -1;
	for (i = 1; i < back; i++) { /* the driver has taken the slot of the mark again */
		bool lap = slot + i < r->num ? avail_bit(d.flags) : !avail_bit(d.flags);

		if (avail_bit(ring__read(r, slot + i).flags) != lap)
			return -1;
	}
	return slot;
}

bool packed__walk(const struct ring *r, struct position pos, struct chain *c)
{
	struct desc d;

	memset(c, 0, sizeof(*c));
	do {
		d = ring__read(r, pos.at);
		if (avail_bit(d.flags) != pos.wrap || used_bit(d.flags) == pos.wrap)
			return false;
		if (chain__add(c, r, pos.at, d))
			return false;
		pos = packed__advance(r, pos, 1);
	} while (d.flags & DESC_NEXT);
	c->head = d.next;
	c->writable_known = true;
	return c->head < r->num;
}

void packed__remember(struct memo *memos, const struct chain *c)
{
	memos[c->head] = (struct memo){
		.n = c->n,
		.first = c->slot[0],
		.indirect = c->indirect,
		.table = c->table,
		.table_n = c->table_n,
		.writable = c->writable,
	};
}

const char *packed__used_chain(const struct ring *r, unsigned int first, unsigned int n,
			       const struct memo *memos, struct chain *c)
{
	struct desc used = ring__read(r, first);
	const struct memo *memo;

	memset(c, 0, sizeof(*c));
	c->head = used.next;
	if (used.next >= r->num)
		return "an index lies outside of the ring";
	for (c->n = 0; c->n < n; c->n++)
		c->slot[c->n] = (first + c->n) % r->num;
	memo = &memos[used.next];
	if (memo->n != n || memo->first != first) /* an older buffer's, or completed out of order */
		return NULL;
	c->writable_known = true;
	c->writable = memo->writable;
	c->indirect = memo->indirect;
	c->table_n = memo->table_n;
	c->table = memo->table;
	return NULL;
}

unsigned int packed__used_ahead(const struct ring *r, struct position cursor)
{
	unsigned int i, last = 0;
	uint16_t flags;

	for (i = 0; i < r->num; i++) {
		flags = ring__read(r, cursor.at).flags;
		if (avail_bit(flags) == cursor.wrap && used_bit(flags) == cursor.wrap)
			last = i + 1;
		cursor = packed__advance(r, cursor, 1);
	}
	return last;
}
