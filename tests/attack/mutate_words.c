// SPDX-License-Identifier: GPL-2.0
/*
 * Lies in the words beside the descriptors: indices, entries of the available ring, flags, event
 * words. Most concern no buffer, and stand until their writer writes them again.
 */
#include "mutate.h"
#include "util.h"

#define NO_OFFSET "the event flags ask for no offset now"

enum {
	NO_INTERRUPT = 1 << 0,
	NO_NOTIFY = 1 << 0,
	UNDEFINED = 1 << 1,
	RESERVED = 1 << 2,
	EVENT_DISABLE = 1,
	EVENT_DESC = 2,
	EVENT_RESERVED = 3,
};

static const char *put(struct edit *e, uint8_t *at, const char *field, uint16_t after)
{
	e->slot = -1;
	edit__word(e, at, 2, field, after);
	return NULL;
}

/* --- indices ---------------------------------------------------------------- */

const char *plan_used_idx_jump(struct target *t, struct edit *e)
{
	return put(e, t->ring->used + OFF_IDX, "used.idx", split__avail_idx(t->ring) + 3);
}

const char *plan_used_idx_back(struct target *t, struct edit *e)
{
	return put(e, t->ring->used + OFF_IDX, "used.idx", t->used_idx - 1);
}

const char *plan_avail_idx(struct target *t, struct edit *e)
{
	return put(e, t->ring->avail + OFF_IDX, "avail.idx", split__avail_idx(t->ring) + 1);
}

const char *plan_avail_ring(struct target *t, struct edit *e)
{
	uint8_t *at = split__avail_entry(t->ring, t->seq);

	if (t->ring->num < 2)
		return "the ring has one descriptor";
	e->slot = t->seq % t->ring->num;
	edit__word(e, at, 2, "avail.ring", other_index(&t->random, t->ring->num, rd16(at)));
	return NULL;
}

/* --- flags ------------------------------------------------------------------ */

const char *plan_used_flags(struct target *t, struct edit *e)
{
	uint8_t *at = t->ring->used + OFF_FLAGS;

	return put(e, at, "used.flags", rd16(at) ^ UNDEFINED);
}

const char *plan_used_no_notify(struct target *t, struct edit *e)
{
	uint8_t *at = t->ring->used + OFF_FLAGS;

	return put(e, at, "used.flags", rd16(at) ^ NO_NOTIFY);
}

const char *plan_avail_flags(struct target *t, struct edit *e)
{
	uint8_t *at = t->ring->avail + OFF_FLAGS;

	return put(e, at, "avail.flags", rd16(at) ^ UNDEFINED);
}

/* --- event words ------------------------------------------------------------ */

const char *plan_used_event(struct target *t, struct edit *e)
{
	uint8_t *at = split__used_event(t->ring);

	return put(e, at, "used_event", rd16(at) ^ 0x8000);
}

const char *plan_avail_event(struct target *t, struct edit *e)
{
	uint8_t *at = split__avail_event(t->ring);

	return put(e, at, "avail_event", rd16(at) ^ 0x8000);
}

/* QEMU takes 2 (at the offset) for what it does not know, so 2 is the value that suffers none. */
const char *plan_driver_event_flags(struct target *t, struct edit *e)
{
	uint8_t *at = t->ring->avail + OFF_EVENT_FLAGS;

	return put(e, at, "driver.flags", rd16(at) ^ RESERVED);
}

static const char *put_off_wrap(const struct target *t, struct edit *e, uint8_t *event,
				const char *field)
{
	if (rd16(event + OFF_EVENT_FLAGS) != EVENT_DESC)
		return NO_OFFSET;
	event += OFF_EVENT_OFF_WRAP;
	return put(e, event, field, (rd16(event) & 0x8000) | (t->ring->num + 5));
}

const char *plan_driver_event_off(struct target *t, struct edit *e)
{
	return put_off_wrap(t, e, t->ring->avail, "driver.off_wrap");
}

/* Linux kicks for what it does not know. */
const char *plan_device_event_flags(struct target *t, struct edit *e)
{
	return put(e, t->ring->used + OFF_EVENT_FLAGS, "device.flags", EVENT_RESERVED);
}

const char *plan_device_event_off(struct target *t, struct edit *e)
{
	return put_off_wrap(t, e, t->ring->used, "device.off_wrap");
}

const char *plan_hush(struct target *t, struct edit *e)
{
	const struct ring *r = t->ring;
	uint8_t *at;

	if (r->packed)
		return put(e, r->avail + OFF_EVENT_FLAGS, "driver.flags", EVENT_DISABLE);
	if (r->event_idx) {
		at = split__used_event(r);
		return put(e, at, "used_event", t->used_idx + 0x8000);
	}
	at = r->avail + OFF_FLAGS;
	return put(e, at, "avail.flags", rd16(at) | NO_INTERRUPT);
}
