// SPDX-License-Identifier: GPL-2.0
/*
 * A free list that a lie has broken shows from outside: the driver publishes a chain whose
 * descriptors belong to another one that the device still holds. Read-only. A chain counts as it
 * was when first seen, right after publication, so an attacker's own NEXT does not look like one;
 * that is why lies are told from inside the watch. What was published before it began is left out.
 */
#include <string.h>

#include "live.h"
#include "util.h"

#define POLL_US 100
#define REFRESH_US 100000
#define STRIKE_US 5000
#define STUCK_US 3000000
#define WARM_UP_US 500000 /* so that the chains to be lied about were seen as published */

struct watcher {
	struct attack *attack;
	uint16_t avail_seen, used_seen;
	int owner[RING_MAX]; /* head of the chain that holds a descriptor, or -1 */
	unsigned int early[RING_MAX]; /* completions seen before their publication was */
	int head, other, slot; /* what was found */
	uint64_t moved; /* when an index last did */
};

static void start(struct watcher *w)
{
	const struct ring *r = &w->attack->ring;

	memset(w->owner, 0xff, sizeof(w->owner));
	memset(w->early, 0, sizeof(w->early));
	w->used_seen = split__used_idx(r);
	w->avail_seen = split__avail_idx(r);
	w->moved = now_us();
}

static bool release(struct watcher *w, unsigned int head)
{
	bool held = false;
	unsigned int i;

	for (i = 0; i < w->attack->ring.num; i++)
		if (w->owner[i] == (int)head) {
			w->owner[i] = -1;
			held = true;
		}
	return held;
}

static void take_used(struct watcher *w)
{
	const struct ring *r = &w->attack->ring;
	uint16_t now = split__used_idx(r);
	uint32_t id;

	for (; w->used_seen != now; w->used_seen++) {
		id = split__used_id(r, w->used_seen);
		if (id < r->num && !release(w, id))
			w->early[id]++;
	}
}

static bool conflicts(struct watcher *w, const struct chain *c)
{
	unsigned int i;

	for (i = 0; i < c->n; i++) {
		if (w->owner[c->slot[i]] < 0)
			continue;
		w->head = c->head;
		w->other = w->owner[c->slot[i]];
		w->slot = c->slot[i];
		return true;
	}
	return false;
}

/* Does the chain overlap another that is out? A completion may have come in since: look again. */
static bool take_chain(struct watcher *w, unsigned int head)
{
	struct chain c;
	unsigned int i;

	if (head < RING_MAX && w->early[head]) {
		w->early[head]--;
		return false;
	}
	if (split__walk(&w->attack->ring, head, &c))
		return false;
	if (conflicts(w, &c)) {
		take_used(w);
		if (conflicts(w, &c))
			return true;
	}
	for (i = 0; i < c.n; i++)
		w->owner[c.slot[i]] = head;
	return false;
}

static bool take_avail(struct watcher *w)
{
	const struct ring *r = &w->attack->ring;
	uint16_t now = split__avail_idx(r);

	if ((uint16_t)(now - w->avail_seen) > r->num) { /* missed some: begin anew */
		start(w);
		return false;
	}
	for (; w->avail_seen != now; w->avail_seen++)
		if (take_chain(w, split__avail(r, w->avail_seen)))
			return true;
	return false;
}

static bool look(struct watcher *w)
{
	uint16_t used = w->used_seen, avail = w->avail_seen;
	bool found;

	take_used(w);
	found = take_avail(w);
	if (used != w->used_seen || avail != w->avail_seen)
		w->moved = now_us();
	return found;
}

/* Rings that have moved, or were lost, begin anew. */
static const char *follow(struct watcher *w)
{
	uint8_t *before = w->attack->ring.num ? w->attack->ring.desc : NULL;
	const char *why = attack__refresh(w->attack);

	if (!why && w->attack->ring.packed)
		why = "the ring is packed: only split rings can be watched";
	if (why) {
		tally__add(&w->attack->tally, why);
		w->attack->ring.num = 0;
	} else if (before != w->attack->ring.desc) {
		start(w);
	}
	return why;
}

static void strike_now(struct watcher *w, struct live *live)
{
	const char *why = live__try(live);

	if (why)
		tally__add(&w->attack->tally, why);
}

/* After a lie: damage that ends before two chains overlap. NULL: none yet. */
static const char *other_damage(const struct watcher *w, const char *why)
{
	if (why == DEVICE_BROKEN)
		return "refused";
	return now_us() - w->moved > STUCK_US ? "stuck" : NULL;
}

enum watched watch_overlap(struct attack *a, unsigned int lies)
{
	static struct live live;
	struct watcher w = { .attack = a };
	uint64_t next = 0, warm = now_us() + WARM_UP_US;
	const char *why = NULL, *damage;

	live.attack = a;
	a->ring.num = 0;
	while (!attack__over(a)) {
		if (now_us() >= next) {
			why = follow(&w);
			if (!why && live.done < lies && now_us() >= warm)
				strike_now(&w, &live);
			next = now_us() + (live.done < lies ? STRIKE_US : REFRESH_US);
		}
		if (a->ring.num && look(&w)) {
			report__overlap(a, w.head, w.other, w.slot);
			return WATCH_OVERLAP;
		}
		damage = live.done ? other_damage(&w, why) : NULL;
		if (damage) {
			report__damage(a, damage);
			return WATCH_DAMAGE;
		}
		sleep_us(POLL_US);
	}
	return WATCH_NOTHING;
}
