// SPDX-License-Identifier: GPL-2.0
/*
 * Lies in descriptors and in indirect tables. On packed rings a completion overwrites its chain's
 * first slot legally, so only the slots behind it can carry a lie that the driver still sees.
 */
#include "mutate.h"
#include "util.h"

#define NO_SLOT_BEHIND "no slot behind the head"

typedef bool (*fits_fn)(const struct target *t, unsigned int i, struct desc d);

static bool fits_any(const struct target *t, unsigned int i, struct desc d)
{
	(void)t;
	(void)i;
	(void)d;
	return true;
}

static bool fits_next(const struct target *t, unsigned int i, struct desc d)
{
	(void)t;
	(void)i;
	return d.flags & DESC_NEXT;
}

static bool fits_direct(const struct target *t, unsigned int i, struct desc d)
{
	(void)t;
	(void)i;
	return !(d.flags & DESC_INDIRECT);
}

static unsigned int first_editable(const struct target *t)
{
	return t->ring->packed ? 1 : 0;
}

/* A place in the chain, chosen at random among those that fit; -1: none does. */
static int choose(struct target *t, fits_fn fits)
{
	unsigned int i, seen = 0;
	int found = -1;

	for (i = first_editable(t); i < t->chain.n; i++)
		if (fits(t, i, ring__read(t->ring, t->chain.slot[i])) &&
		    next_random(&t->random) % ++seen == 0)
			found = i;
	return found;
}

static const char *nothing_fits(const struct target *t, const char *why)
{
	return t->ring->packed && t->chain.n < 2 ? NO_SLOT_BEHIND : why;
}

static unsigned int off_flags(const struct target *t)
{
	return t->ring->packed ? OFF_PACKED_FLAGS : OFF_SPLIT_FLAGS;
}

static uint8_t *place(const struct target *t, struct edit *e, int i)
{
	e->slot = t->chain.slot[i];
	return ring__desc(t->ring, e->slot);
}

static const char *flip_flag(const struct target *t, struct edit *e, int i, uint16_t flag)
{
	uint8_t *p = place(t, e, i) + off_flags(t);

	edit__word(e, p, 2, "flags", rd16(p) ^ flag);
	return NULL;
}

static uint32_t other_len(uint32_t len)
{
	return len ^ 8 ? len ^ 8 : len + 16;
}

static const char *edit_addr(struct target *t, struct edit *e, int i)
{
	uint8_t *p = place(t, e, i) + OFF_ADDR;

	edit__word(e, p, 8, "addr", rd64(p) ^ 0x1000);
	return NULL;
}

static const char *edit_len(struct target *t, struct edit *e, int i)
{
	uint8_t *p = place(t, e, i) + OFF_LEN;

	edit__word(e, p, 4, "len", other_len(rd32(p)));
	return NULL;
}

static const char *edit_write(struct target *t, struct edit *e, int i)
{
	return flip_flag(t, e, i, DESC_WRITE);
}

static const char *edit_id(struct target *t, struct edit *e, int i)
{
	uint8_t *p = place(t, e, i) + OFF_PACKED_ID;

	if (t->ring->num < 2)
		return "the ring has one descriptor";
	edit__word(e, p, 2, "id", other_index(&t->random, t->ring->num, rd16(p)));
	return NULL;
}

typedef const char *(*edit_fn)(struct target *t, struct edit *e, int i);

static const char *edit_any(struct target *t, struct edit *e, edit_fn fn)
{
	int i = choose(t, fits_any);

	return i < 0 ? nothing_fits(t, "the chain is empty") : fn(t, e, i);
}

const char *plan_desc_addr(struct target *t, struct edit *e)
{
	return edit_any(t, e, edit_addr);
}

const char *plan_desc_len(struct target *t, struct edit *e)
{
	return edit_any(t, e, edit_len);
}

const char *plan_desc_write(struct target *t, struct edit *e)
{
	return edit_any(t, e, edit_write);
}

const char *plan_desc_id(struct target *t, struct edit *e)
{
	return edit_any(t, e, edit_id);
}

/* The head of a packed chain: its slot is the device's to overwrite, but only at completion. */
const char *plan_head_addr(struct target *t, struct edit *e)
{
	return edit_addr(t, e, 0);
}

const char *plan_head_len(struct target *t, struct edit *e)
{
	return edit_len(t, e, 0);
}

const char *plan_head_write(struct target *t, struct edit *e)
{
	return edit_write(t, e, 0);
}

const char *plan_head_id(struct target *t, struct edit *e)
{
	return edit_id(t, e, 0);
}

/* AVAIL and USED alike, as the device marks what it has completed. */
const char *plan_used_early(struct target *t, struct edit *e)
{
	uint16_t flags;
	uint8_t *p;
	int i = choose(t, fits_any);

	if (i < 0)
		return nothing_fits(t, "the chain is empty");
	p = place(t, e, i) + OFF_PACKED_FLAGS;
	flags = rd16(p);
	if (!(flags & DESC_AVAIL) == !(flags & DESC_USED))
		return "the slot has a used mark already";
	edit__word(e, p, 2, "flags", flags ^ DESC_USED);
	return NULL;
}

const char *plan_desc_next_field(struct target *t, struct edit *e)
{
	int i = choose(t, fits_next);
	uint8_t *p;

	if (t->ring->num < 2)
		return "the ring has one descriptor";
	if (i < 0)
		i = t->chain.n - 1;
	p = place(t, e, i) + OFF_SPLIT_NEXT;
	edit__word(e, p, 2, "next", other_index(&t->random, t->ring->num, rd16(p)));
	return NULL;
}

const char *plan_next_set_last(struct target *t, struct edit *e)
{
	int last = t->chain.n - 1;

	if (last < (int)first_editable(t))
		return nothing_fits(t, "the chain is empty");
	if (ring__read(t->ring, t->chain.slot[last]).flags & DESC_NEXT)
		return "the last descriptor has NEXT already";
	return flip_flag(t, e, last, DESC_NEXT);
}

static bool in_chain(const struct chain *c, unsigned int slot)
{
	unsigned int i;

	for (i = 0; i < c->n; i++)
		if (c->slot[i] == slot)
			return true;
	return false;
}

/*
 * Linux writes a next field into last descriptors, too: it names what follows in the free list, or
 * whoever has taken that since. A driver that believes NEXT there frees someone else's chain.
 */
const char *plan_next_steer(struct target *t, struct edit *e)
{
	unsigned int next = ring__read(t->ring, t->chain.slot[t->chain.n - 1]).next;

	if (next >= t->ring->num || in_chain(&t->chain, next) ||
	    !(t->busy[next] & (BUSY_HEAD | BUSY_CHAIN)))
		return "the next field of the last descriptor names no outstanding chain";
	return plan_next_set_last(t, e);
}

const char *plan_next_clear_first(struct target *t, struct edit *e)
{
	unsigned int first = first_editable(t);

	if (t->chain.n < first + 2)
		return nothing_fits(t, "the chain is too short");
	if (!(ring__read(t->ring, t->chain.slot[first]).flags & DESC_NEXT))
		return "the first descriptor has no NEXT";
	return flip_flag(t, e, first, DESC_NEXT);
}

const char *plan_indirect_set(struct target *t, struct edit *e)
{
	int i = choose(t, fits_direct);

	if (i < 0)
		return nothing_fits(t, "every descriptor is indirect");
	return flip_flag(t, e, i, DESC_INDIRECT);
}

/* An entry of the chain's indirect table, chosen at random. */
static const char *choose_entry(struct target *t, struct edit *e, uint8_t **ret_entry)
{
	const struct chain *c = &t->chain;
	uint8_t *table;

	if (t->ring->packed && !c->writable_known)
		return "the chain was not seen in flight";
	if (!c->indirect)
		return "the chain is not indirect";
	table = ram__at(t->ring->ram, c->table, (uint64_t)c->table_n * DESC_SIZE, 8);
	if (!table || !c->table_n)
		return "the indirect table is not in guest RAM";
	e->slot = next_random(&t->random) % c->table_n;
	*ret_entry = table + e->slot * DESC_SIZE;
	return NULL;
}

const char *plan_table_addr(struct target *t, struct edit *e)
{
	uint8_t *entry;
	const char *why = choose_entry(t, e, &entry);

	if (why)
		return why;
	edit__word(e, entry + OFF_ADDR, 8, "addr", rd64(entry + OFF_ADDR) ^ 0x1000);
	return NULL;
}

const char *plan_table_len(struct target *t, struct edit *e)
{
	uint8_t *entry;
	const char *why = choose_entry(t, e, &entry);

	if (why)
		return why;
	edit__word(e, entry + OFF_LEN, 4, "len", other_len(rd32(entry + OFF_LEN)));
	return NULL;
}

const char *plan_table_flags(struct target *t, struct edit *e)
{
	uint8_t *entry;
	const char *why = choose_entry(t, e, &entry);

	if (why)
		return why;
	entry += off_flags(t);
	edit__word(e, entry, 2, "flags", rd16(entry) ^ DESC_WRITE);
	return NULL;
}
