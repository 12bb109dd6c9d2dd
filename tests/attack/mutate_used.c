// SPDX-License-Identifier: GPL-2.0
/* Lies in a used element: le32 id, le32 len on split rings; a descriptor's id and len on packed. */
#include "mutate.h"
#include "util.h"

enum { SPLIT_ID = 0, SPLIT_LEN = 4 };

static const char *put_id(const struct target *t, struct edit *e, uint32_t id)
{
	bool packed = t->ring->packed;

	e->slot = t->used_slot;
	edit__word(e, t->used + (packed ? OFF_PACKED_ID : SPLIT_ID), packed ? 2 : 4, "id", id);
	return NULL;
}

const char *plan_used_id_range(struct target *t, struct edit *e)
{
	return put_id(t, e, t->ring->num + 5);
}

/* An index whose busy bits, as far as the mask goes, are the wanted ones; -1: there is none. */
static int choose_id(struct target *t, uint8_t mask, uint8_t want)
{
	unsigned int i, seen = 0;
	int found = -1;

	for (i = 0; i < t->ring->num; i++)
		if (i != t->chain.head && (t->busy[i] & mask) == want &&
		    next_random(&t->random) % ++seen == 0)
			found = i;
	return found;
}

/* The middle of a chain is the harder case for a driver, a free index the more frequent one. */
const char *plan_used_id_not_head(struct target *t, struct edit *e)
{
	int id = choose_id(t, BUSY_HEAD | BUSY_CHAIN, BUSY_CHAIN);

	e->kind = "mid-chain";
	if (id < 0) {
		id = choose_id(t, 0xff, 0);
		e->kind = "free";
	}
	if (id < 0) {
		id = t->previous_id;
		e->kind = "completed";
	}
	if (id < 0)
		return "every id is an outstanding head";
	return put_id(t, e, id);
}

const char *plan_used_id_replay(struct target *t, struct edit *e)
{
	if (t->previous_id < 0)
		return "nothing was completed before that is not in flight again";
	e->kind = "completed";
	return put_id(t, e, t->previous_id);
}

static const char *put_len(const struct target *t, struct edit *e, uint32_t len)
{
	e->slot = t->used_slot;
	edit__word(e, t->used + (t->ring->packed ? OFF_LEN : SPLIT_LEN), 4, "len", len);
	return NULL;
}

const char *plan_used_len_over(struct target *t, struct edit *e)
{
	if (!t->chain.writable_known)
		return "the chain was not seen in flight";
	return put_len(t, e, t->chain.writable + 512);
}

const char *plan_used_len_zero(struct target *t, struct edit *e)
{
	const char *why = put_len(t, e, 0);

	return e->before ? why : "the used length is 0 already";
}

/* --- an element that was complete already --------------------------------------------------- */

/*
 * Both buffers were completed, with the same length: whoever reads the two for the first time
 * afterwards has no reason to complain. Whoever saw them before has.
 */
static const char *exchange(struct edit *e, uint8_t *last, int slot, uint8_t *other, int other_slot,
			    unsigned int width)
{
	e->slot = slot;
	e->swap = other;
	e->swap_slot = other_slot;
	edit__word(e, last, width, "id", word__read(other, width));
	return e->before == e->after ? "two completions of the same buffer" : NULL;
}

static const char *split_rewrite(struct target *t, struct edit *e)
{
	const struct ring *r = t->ring;
	uint16_t seq = t->used_idx - 1, other = t->used_idx - 2;
	uint8_t *a = split__used_elem(r, seq), *b = split__used_elem(r, other);

	if (rd32(a + SPLIT_LEN) != rd32(b + SPLIT_LEN))
		return "the last two completions have different lengths";
	return exchange(e, a + SPLIT_ID, seq % r->num, b + SPLIT_ID, other % r->num, 4);
}

/* The spans are of the same number of slots, so that the driver's step stays the same. */
static const char *packed_rewrite(struct target *t, struct edit *e)
{
	const struct ring *r = t->ring;
	int last = packed__last_used(r, packed__used_cursor(r, t->used_idx)), other;
	unsigned int n;
	uint8_t *a, *b;

	if (last < 0)
		return "the driver has already taken the last used slot again";
	n = (t->used_idx + r->num - last - 1) % r->num + 1;
	other = (last + r->num - n) % r->num;
	a = ring__desc(r, last);
	b = ring__desc(r, other);
	if ((rd16(b + OFF_PACKED_FLAGS) ^ rd16(a + OFF_PACKED_FLAGS)) & (DESC_AVAIL | DESC_USED) ||
	    rd32(a + OFF_LEN) != rd32(b + OFF_LEN))
		return "the last two completions are not alike";
	return exchange(e, a + OFF_PACKED_ID, last, b + OFF_PACKED_ID, other, 2);
}

const char *plan_used_rewrite(struct target *t, struct edit *e)
{
	if (t->used && t->unread < 2)
		return "the completion before the last may have been read";
	return t->ring->packed ? packed_rewrite(t, e) : split_rewrite(t, e);
}
