// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "mutate.h"

#define BOTH (ON_SPLIT | ON_PACKED)

const struct mutation mutations[] = {
	{ "desc-addr", BOTH, false, plan_desc_addr, "a descriptor's address, by 0x1000" },
	{ "desc-len", BOTH, false, plan_desc_len, "a descriptor's length, by 8 or 16" },
	{ "desc-write", BOTH, false, plan_desc_write, "a descriptor's WRITE flag, toggled" },
	{ "desc-next-field", ON_SPLIT, false, plan_desc_next_field,
	  "a descriptor's next field, to another index in range" },
	{ "desc-id", ON_PACKED, false, plan_desc_id,
	  "the buffer id of a descriptor behind the head" },
	{ "next-set-last", BOTH, false, plan_next_set_last,
	  "NEXT, set on a chain's last descriptor" },
	{ "next-steer", ON_SPLIT, false, plan_next_steer,
	  "as next-set-last, where the next field names another outstanding chain" },
	{ "next-clear-first", BOTH, false, plan_next_clear_first,
	  "NEXT, cleared on the first (packed: second) descriptor of a longer chain" },
	{ "indirect-set", BOTH, false, plan_indirect_set, "INDIRECT, set on a direct descriptor" },
	{ "table-addr", BOTH, false, plan_table_addr, "an address in an indirect table" },
	{ "table-len", BOTH, false, plan_table_len, "a length in an indirect table" },
	{ "table-flags", BOTH, false, plan_table_flags, "WRITE in an indirect table, toggled" },
	{ "used-id-range", BOTH, true, plan_used_id_range, "a used id beyond the ring's size" },
	{ "used-id-not-head", BOTH, true, plan_used_id_not_head,
	  "a used id in range that is not an outstanding head" },
	{ "used-id-replay", BOTH, true, plan_used_id_replay,
	  "a used id repeating the completion before it" },
	{ "used-len-over", BOTH, true, plan_used_len_over,
	  "a used length 512 bytes beyond the writable ones" },
};

const unsigned int mutations_n = sizeof(mutations) / sizeof(mutations[0]);

const struct mutation *mutation__find(const char *name)
{
	unsigned int i;

	for (i = 0; i < mutations_n; i++)
		if (!strcmp(mutations[i].name, name))
			return &mutations[i];
	return NULL;
}

uint64_t word__read(const uint8_t *at, unsigned int width)
{
	switch (width) {
	case 2:
		return rd16(at);
	case 4:
		return rd32(at);
	default:
		return rd64(at);
	}
}

void edit__word(struct edit *e, uint8_t *at, unsigned int width, const char *field, uint64_t after)
{
	e->at = at;
	e->width = width;
	e->field = field;
	e->before = word__read(at, width);
	e->after = after;
}

void edit__apply(const struct edit *e)
{
	switch (e->width) {
	case 2:
		wr16(e->at, e->after);
		break;
	case 4:
		wr32(e->at, e->after);
		break;
	default:
		wr64(e->at, e->after);
		break;
	}
}
