// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "mutate.h"

#define BUFFER (AT_STOP | IN_FLIGHT)
#define WORD (AT_STOP | AT_REST)

const struct mutation mutations[] = {
	{ "desc-addr", ON_BOTH, BUFFER, HARM_NONE, plan_desc_addr,
	  "a descriptor's address, by 0x1000", NULL },
	{ "desc-len", ON_BOTH, BUFFER, HARM_NONE, plan_desc_len,
	  "a descriptor's length, by 8 or 16", NULL },
	{ "desc-write", ON_BOTH, BUFFER, HARM_NONE, plan_desc_write,
	  "a descriptor's WRITE flag, toggled", NULL },
	{ "desc-next-field", ON_SPLIT, BUFFER, HARM_NONE, plan_desc_next_field,
	  "a descriptor's next field, to another index in range", NULL },
	{ "desc-id", ON_PACKED, BUFFER, HARM_NONE, plan_desc_id,
	  "the buffer id of a descriptor behind the head", NULL },
	{ "desc-head-addr", ON_BOTH, IN_FLIGHT, HARM_NONE, plan_head_addr,
	  "the address of the head itself", NULL },
	{ "desc-head-len", ON_BOTH, IN_FLIGHT, HARM_NONE, plan_head_len,
	  "the length of the head itself", NULL },
	{ "desc-head-write", ON_BOTH, IN_FLIGHT, HARM_NONE, plan_head_write,
	  "WRITE of the head itself, toggled", NULL },
	{ "desc-head-id", ON_PACKED, IN_FLIGHT, HARM_NONE, plan_head_id,
	  "the buffer id of the head itself", NULL },
	{ "next-set-last", ON_BOTH, BUFFER, HARM_BROKEN, plan_next_set_last,
	  "NEXT, set on a chain's last descriptor (harmless on a patched kernel)", NULL },
	{ "next-steer", ON_SPLIT, BUFFER, HARM_BROKEN, plan_next_steer,
	  "as next-set-last, where the next field names another outstanding chain", NULL },
	{ "next-clear-first", ON_BOTH, BUFFER, HARM_NONE, plan_next_clear_first,
	  "NEXT, cleared on the first (packed: second) descriptor of a longer chain", NULL },
	{ "indirect-set", ON_BOTH, BUFFER, HARM_NONE, plan_indirect_set,
	  "INDIRECT, set on a direct descriptor", NULL },
	{ "table-addr", ON_BOTH, BUFFER, HARM_NONE, plan_table_addr,
	  "an address in an indirect table", NULL },
	{ "table-len", ON_BOTH, BUFFER, HARM_NONE, plan_table_len, "a length in an indirect table",
	  NULL },
	{ "table-flags", ON_BOTH, BUFFER, HARM_NONE, plan_table_flags,
	  "WRITE in an indirect table, toggled", NULL },
	{ "used-id-range", ON_BOTH, AT_STOP, HARM_BROKEN, plan_used_id_range,
	  "a used id beyond the ring's size", NULL },
	{ "used-id-not-head", ON_BOTH, AT_STOP, HARM_BROKEN, plan_used_id_not_head,
	  "a used id in range that is not an outstanding head", NULL },
	{ "used-id-replay", ON_BOTH, AT_STOP, HARM_BROKEN, plan_used_id_replay,
	  "a used id repeating the completion before it", NULL },
	{ "used-len-over", ON_BOTH, AT_STOP, HARM_NONE, plan_used_len_over,
	  "a used length 512 bytes beyond the writable ones", NULL },
	{ "used-len-zero", ON_BOTH, AT_STOP, HARM_NONE, plan_used_len_zero,
	  "a used length of 0 where the device wrote (a disk's status byte at least)", NULL },
	{ "used-rewrite", ON_BOTH, WORD, HARM_IF_READ, plan_used_rewrite,
	  "the last two used ids of equal length, exchanged", NULL },
	{ "packed-used-early", ON_PACKED, BUFFER, HARM_NONE, plan_used_early,
	  "a used mark on a slot inside a chain's span", NULL },
	{ "used-idx-jump", ON_SPLIT, WORD, HARM_BROKEN, plan_used_idx_jump,
	  "used.idx, 3 beyond all that is outstanding", NULL },
	{ "used-idx-back", ON_SPLIT, WORD, HARM_BROKEN, plan_used_idx_back, "used.idx, back by 1",
	  NULL },
	{ "used-flags", ON_SPLIT, AT_REST, HARM_NONE, plan_used_flags,
	  "an undefined bit of used.flags", NULL },
	{ "used-no-notify", ON_SPLIT | WITH_EVENT_IDX, AT_REST, HARM_NONE, plan_used_no_notify,
	  "NO_NOTIFY in used.flags, which EVENT_IDX rules out", NULL },
	{ "avail-idx", ON_SPLIT, AT_REST, HARM_IF_READ, plan_avail_idx, "avail.idx, on by 1",
	  NULL },
	{ "avail-ring", ON_SPLIT, IN_FLIGHT, HARM_NONE, plan_avail_ring,
	  "the entry of the available ring that published a buffer", NULL },
	{ "avail-flags", ON_SPLIT | WITHOUT_EVENT_IDX, AT_REST, HARM_NONE, plan_avail_flags,
	  "an undefined bit of avail.flags", NULL },
	{ "used-event", ON_SPLIT | WITH_EVENT_IDX, AT_REST, HARM_SLEEP, plan_used_event,
	  "used_event, to the far side of the ring", NULL },
	{ "avail-event", ON_SPLIT | WITH_EVENT_IDX, AT_REST, HARM_SLEEP, plan_avail_event,
	  "avail_event, far outside the window", NULL },
	{ "driver-event-flags", ON_PACKED, AT_REST, HARM_NONE, plan_driver_event_flags,
	  "a reserved bit of the driver's event flags", NULL },
	{ "driver-event-off", ON_PACKED | WITH_EVENT_IDX, AT_REST, HARM_SLEEP,
	  plan_driver_event_off, "the driver's event offset, beyond the ring", NULL },
	{ "device-event-flags", ON_PACKED, AT_REST, HARM_NONE, plan_device_event_flags,
	  "the device's event flags, to the reserved value 3", NULL },
	{ "device-event-off", ON_PACKED | WITH_EVENT_IDX, AT_REST, HARM_SLEEP,
	  plan_device_event_off, "the device's event offset, beyond the ring", NULL },
	{ "used-silent", ON_BOTH, IN_FLIGHT, HARM_SLEEP, NULL,
	  "a completion without the interrupt that the driver asked for", act_used_silent },
	{ "notify-once", ON_BOTH, AT_REST, HARM_NONE, NULL,
	  "an interrupt for nothing (boot --set qtest=on)", act_notify_once },
	{ "notify-storm", ON_BOTH, AT_REST, HARM_NONE, NULL,
	  "200 of them, a millisecond apart (boot --set qtest=on)", act_notify_storm },
	{ "stall", ON_BOTH, IN_FLIGHT, HARM_SLEEP, NULL,
	  "a disk at a byte per second, with requests in flight", act_stall },
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

const char *harm__name(enum harm harm)
{
	static const char *const names[] = {
		[HARM_NONE] = "none",
		[HARM_IF_READ] = "if-read",
		[HARM_SLEEP] = "sleep",
		[HARM_BROKEN] = "broken",
	};

	return names[harm];
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

static void word__write(uint8_t *at, unsigned int width, uint64_t v)
{
	switch (width) {
	case 2:
		wr16(at, v);
		break;
	case 4:
		wr32(at, v);
		break;
	default:
		wr64(at, v);
		break;
	}
}

static bool word__replace(uint8_t *at, unsigned int width, uint64_t from, uint64_t to)
{
	switch (width) {
	case 2:
		return replace16(at, from, to);
	case 4:
		return replace32(at, from, to);
	default:
		return replace64(at, from, to);
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
	word__write(e->at, e->width, e->after);
	if (e->swap)
		word__write(e->swap, e->width, e->before);
}

void edit__restore(struct edit *e)
{
	bool ours = word__replace(e->at, e->width, e->after, e->before);

	if (e->swap)
		ours &= word__replace(e->swap, e->width, e->before, e->after);
	e->overwritten = !ours;
}
