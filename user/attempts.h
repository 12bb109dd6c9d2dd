/* SPDX-License-Identifier: GPL-2.0 */
/* So many attempts in any stretch of time, and no more. */
#ifndef VQA_USER_ATTEMPTS_H
#define VQA_USER_ATTEMPTS_H

#define ATTEMPTS_MAX 16
#define ATTEMPTS_WINDOW_MS 3600000LL

/** struct attempts - those that were made; zeroed: none */
struct attempts {
	long long at_ms[ATTEMPTS_MAX]; /* oldest first */
	unsigned int n;
};

/**
 * attempts__take - one more, if fewer than @limit were made in the last hour
 * @limit: at most ATTEMPTS_MAX
 *
 * Return: which one it is within the hour, from 1 on; 0: it may not be made.
 */
unsigned int attempts__take(struct attempts *a, unsigned int limit, long long now_ms);

#endif
