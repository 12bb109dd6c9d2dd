/* SPDX-License-Identifier: GPL-2.0 */
#include "clock.h"

#include <time.h>

static long long now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

long long clock__now_ms(void)
{
	return now_ns(CLOCK_MONOTONIC) / 1000000;
}

long long clock__now_ns(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

long long clock__offset_ns(void)
{
	return now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC);
}
