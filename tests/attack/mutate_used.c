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

const char *plan_used_len_over(struct target *t, struct edit *e)
{
	bool packed = t->ring->packed;

	if (!t->chain.writable_known)
		return "the chain was not seen in flight";
	e->slot = t->used_slot;
	edit__word(e, t->used + (packed ? OFF_LEN : SPLIT_LEN), 4, "len", t->chain.writable + 512);
	return NULL;
}
