// SPDX-License-Identifier: GPL-2.0
#include "ring.h"

struct desc desc__decode(const uint8_t *p, bool packed)
{
	return (struct desc){
		.addr = rd64(p + OFF_ADDR),
		.len = rd32(p + OFF_LEN),
		.flags = rd16(p + (packed ? OFF_PACKED_FLAGS : OFF_SPLIT_FLAGS)),
		.next = rd16(p + (packed ? OFF_PACKED_ID : OFF_SPLIT_NEXT)),
	};
}

uint8_t *ring__desc(const struct ring *r, unsigned int slot)
{
	return r->desc + (slot % r->num) * DESC_SIZE;
}

struct desc ring__read(const struct ring *r, unsigned int slot)
{
	return desc__decode(ring__desc(r, slot), r->packed);
}

/* Linux fills indirect tables in order, so the entries need no walk along their next fields. */
static const char *add_table(struct chain *c, const struct ring *r, struct desc head)
{
	const uint8_t *table = ram__at(r->ram, head.addr, head.len, 8);
	struct desc d;
	uint32_t i;

	c->indirect = true;
	c->table = head.addr;
	c->table_n = head.len / DESC_SIZE;
	if (!c->table_n || head.len % DESC_SIZE || !table)
		return "an indirect table is not in guest RAM";
	for (i = 0; i < c->table_n; i++) {
		d = desc__decode(table + i * DESC_SIZE, r->packed);
		if (d.flags & DESC_WRITE)
			c->writable += d.len;
	}
	return NULL;
}

const char *chain__add(struct chain *c, const struct ring *r, unsigned int slot, struct desc d)
{
	if (c->n >= r->num)
		return "a chain is longer than its ring";
	c->slot[c->n++] = slot % r->num;
	if (d.flags & DESC_INDIRECT)
		return add_table(c, r, d);
	if (d.flags & DESC_WRITE)
		c->writable += d.len;
	return NULL;
}
