// SPDX-License-Identifier: GPL-2.0
/*
 * Lies told while the guest runs: about buffers in flight, which QEMU has read and does not again,
 * or about no buffer at all.
 */
#include <string.h>

#include "live.h"
#include "util.h"

#define POLL_US 1000

static bool seen_before(struct live *live, uint16_t key)
{
	unsigned int i, n = live->seen_n < RING_MAX ? live->seen_n : RING_MAX;

	for (i = 0; i < n; i++)
		if (live->seen[i] == key)
			return true;
	return false;
}

static bool try_chain(struct target *t, uint16_t key, void *arg)
{
	struct live *live = arg;
	const char *why;

	if (seen_before(live, key))
		return false;
	t->random = next_random(&live->attack->random);
	memset(&live->edit, 0, sizeof(live->edit));
	why = live->attack->mutation->plan(t, &live->edit);
	if (why) {
		tally__add(&live->attack->tally, why);
		return false;
	}
	edit__apply(&live->edit);
	if (!live->attack->hold_us)
		live->seen[live->seen_n++ % RING_MAX] = key;
	return true;
}

static const char *about_a_buffer(struct live *live, struct target *t)
{
	return target__in_flight(live->attack, t, try_chain, live) ? NULL
								   : "no further buffer in flight";
}

static const char *about_none(struct live *live, struct target *t)
{
	const char *why;

	target__at_rest(live->attack, t);
	memset(&live->edit, 0, sizeof(live->edit));
	why = live->attack->mutation->plan(t, &live->edit);
	if (!why)
		edit__apply(&live->edit);
	return why;
}

const char *live__try(struct live *live)
{
	struct attack *a = live->attack;
	struct target t;
	const char *why = attack__ring_fits(a);

	if (why)
		return why;
	why = a->mutation->when & IN_FLIGHT ? about_a_buffer(live, &t) : about_none(live, &t);
	if (why)
		return why;
	live->done++;
	attack__hold(a, &live->edit);
	report__edit(a, &t, &live->edit);
	return NULL;
}

#define RESET_RETURNS_US 500000 /* in which the driver's call that reset it has returned */

/* The rings are the guest's ordinary memory by then, unless the driver keeps them for us. */
static const char *await_reset(struct attack *a)
{
	struct ring ring;
	struct vq_info info;
	const char *why = attack__refresh(a);

	if (why)
		return why;
	ring = a->ring;
	info = a->info;
	while (!vm__driver_ready(&a->vm, &a->info)) {
		if (attack__over(a))
			return "the device was not reset";
		sleep_us(POLL_US);
	}
	sleep_us(RESET_RETURNS_US);
	a->ring = ring;
	a->info = info;
	a->was_reset = true;
	return NULL;
}

static const char *find_rings(struct attack *a)
{
	if (!a->after_reset)
		return attack__refresh(a);
	return a->was_reset ? NULL : await_reset(a);
}

unsigned int strike_live(struct attack *a)
{
	struct live live = { .attack = a };
	const char *why;

	while (live.done < a->count && !attack__over(a)) {
		why = find_rings(a);
		if (!why)
			why = live__try(&live);
		if (!why) {
			if (live.done < a->count)
				attack__pause(a);
			continue;
		}
		tally__add(&a->tally, why);
		if (attack__hopeless(why))
			break;
		sleep_us(POLL_US);
	}
	return live.done;
}
