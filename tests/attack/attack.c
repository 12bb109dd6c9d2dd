// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "attack.h"
#include "util.h"

bool attack__over(const struct attack *a)
{
	return interrupted || a->vm.err || now_us() >= a->deadline;
}

static const char *map_ring(struct attack *a, const struct vq_info *info)
{
	uint64_t n = info->num;
	struct ring r = { .ram = &a->ram, .packed = info->packed, .num = n };

	r.event_idx = info->event_idx;
	r.desc = ram__at(&a->ram, info->desc, n * DESC_SIZE, 16);
	r.avail = ram__at(&a->ram, info->avail, info->packed ? EVENT_SIZE : 6 + 2 * n, 2);
	r.used = ram__at(&a->ram, info->used, info->packed ? EVENT_SIZE : 6 + 8 * n, 4);
	if (n > RING_MAX || !r.desc || !r.avail || !r.used)
		return "the rings do not lie in the RAM file";
	a->ring = r;
	memset(a->memos, 0, sizeof(a->memos));
	return NULL;
}

static bool same_ring(const struct vq_info *a, const struct vq_info *b)
{
	return a->packed == b->packed && a->event_idx == b->event_idx && a->num == b->num &&
	       a->desc == b->desc && a->avail == b->avail && a->used == b->used;
}

const char *attack__refresh(struct attack *a)
{
	struct vq_info info = {};
	const char *why;

	why = vm__driver_ready(&a->vm, &info);
	if (!why)
		why = vm__queue(&a->vm, &info);
	if (!why && (!a->ring.num || !same_ring(&info, &a->info)))
		why = map_ring(a, &info);
	if (why)
		a->ring.num = 0;
	else
		a->info = info;
	return why;
}

static const char WRONG_RING[] = "the lie is not for this kind of ring";
static const char NO_EVENT_IDX[] = "the lie is for rings with EVENT_IDX";
const char NO_DRIVE[] = "the device has no drive that could be throttled";
const char NO_QTEST[] = "QEMU has no test socket (boot the guest with --set qtest=on)";
static const char EVENT_IDX[] = "the lie is for rings without EVENT_IDX";

const char *attack__ring_fits(const struct attack *a)
{
	unsigned int rings = a->mutation->rings;

	if (!(rings & (a->ring.packed ? ON_PACKED : ON_SPLIT)))
		return WRONG_RING;
	if ((rings & WITH_EVENT_IDX) && !a->ring.event_idx)
		return NO_EVENT_IDX;
	if ((rings & WITHOUT_EVENT_IDX) && a->ring.event_idx)
		return EVENT_IDX;
	return NULL;
}

bool attack__hopeless(const char *why)
{
	return why == WRONG_RING || why == NO_EVENT_IDX || why == EVENT_IDX || why == NO_QTEST ||
	       why == NO_DRIVE;
}

/* What was asked for is not held against the attack's own time. */
void attack__hold(struct attack *a, struct edit *e)
{
	uint64_t told = now_us();

	if (!a->hold_us)
		return;
	sleep_us(a->hold_us);
	e->stood_us = now_us() - told;
	edit__restore(e);
	e->transient = true;
	a->deadline += a->hold_us;
}

void attack__pause(struct attack *a)
{
	if (a->pause_us && !interrupted)
		sleep_us(a->pause_us);
	a->deadline += a->pause_us;
}

void tally__add(struct tally *t, const char *why)
{
	unsigned int i, n = sizeof(t->why) / sizeof(t->why[0]);

	for (i = 0; i < n; i++) {
		if (t->why[i] && t->why[i] != why)
			continue;
		t->why[i] = why;
		t->times[i]++;
		return;
	}
}

void tally__print(const struct tally *t, FILE *out)
{
	unsigned int i, n = sizeof(t->why) / sizeof(t->why[0]);

	for (i = 0; i < n && t->why[i]; i++)
		fprintf(out, "vq-attack: %6u times: %s\n", t->times[i], t->why[i]);
}
