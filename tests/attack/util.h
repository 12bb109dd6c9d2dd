/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQ_ATTACK_UTIL_H
#define VQ_ATTACK_UTIL_H

#include <stdint.h>
#include <time.h>

static inline uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

static inline void sleep_us(uint64_t us)
{
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

/* xorshift32: the same seed makes the same choices. */
static inline uint32_t next_random(uint32_t *state)
{
	uint32_t x = *state ? *state : 1;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return x;
}

/* Another number below n, which is 2 or more. */
static inline uint16_t other_index(uint32_t *state, uint16_t n, uint16_t index)
{
	return (index + 1 + next_random(state) % (n - 1)) % n;
}

#endif
