/* SPDX-License-Identifier: GPL-2.0 */
#include "attempts.h"

#include <string.h>

static void forget_old(struct attempts *a, long long now_ms)
{
	unsigned int old = 0;

	while (old < a->n && a->at_ms[old] + ATTEMPTS_WINDOW_MS <= now_ms)
		old++;
	a->n -= old;
	memmove(a->at_ms, a->at_ms + old, a->n * sizeof(a->at_ms[0]));
}

unsigned int attempts__take(struct attempts *a, unsigned int limit, long long now_ms)
{
	forget_old(a, now_ms);
	if (a->n >= limit || a->n >= ATTEMPTS_MAX)
		return 0;
	a->at_ms[a->n++] = now_ms;
	return a->n;
}
