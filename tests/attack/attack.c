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

	r.desc = ram__at(&a->ram, info->desc, n * DESC_SIZE, 16);
	if (!info->packed) {
		r.avail = ram__at(&a->ram, info->avail, 6 + 2 * n, 2);
		r.used = ram__at(&a->ram, info->used, 6 + 8 * n, 4);
	}
	if (n > RING_MAX || !r.desc || (!info->packed && (!r.avail || !r.used)))
		return "the rings do not lie in the RAM file";
	a->ring = r;
	memset(a->memos, 0, sizeof(a->memos));
	return NULL;
}

static bool same_ring(const struct vq_info *a, const struct vq_info *b)
{
	return a->packed == b->packed && a->num == b->num && a->desc == b->desc &&
	       a->avail == b->avail && a->used == b->used;
}

const char *attack__refresh(struct attack *a)
{
	struct vq_info info = {};
	const char *why;

	why = vm__driver_ready(&a->vm, &info.packed);
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

const char WRONG_RING[] = "the lie is not for this kind of ring";

const char *attack__ring_fits(const struct attack *a)
{
	return a->mutation->rings & (a->ring.packed ? ON_PACKED : ON_SPLIT) ? NULL : WRONG_RING;
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
