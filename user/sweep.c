/* SPDX-License-Identifier: GPL-2.0 */
/* The sweep, from user space: which queue, and when. */
#include "sweep.h"

#include <errno.h>

#include <bpf/bpf.h>

#define SWEEP_QUEUES 16384 /* a walk over keys starts again where its last key went */
#define SWEEP_FINDS 256 /* divergences of one queue that one sweep tells */

#define PERIOD_MIN 50
#define PERIOD_MAX 1000

typedef int (*call)(const struct audit *a, struct vqa_sweep *s);

static int sweep_queue(const struct audit *a, __u64 key, call fn)
{
	struct vqa_sweep s = { .vq = key };
	int err = 0;

	for (int i = 0; i < SWEEP_FINDS && !err; i++) {
		err = fn(a, &s);
		if (!s.more)
			break;
	}
	return err;
}

static int each_queue(const struct audit *a, __u64 *left_out, call fn)
{
	__u64 key, *prev = NULL;
	int err = 0;

	for (int i = 0; i < SWEEP_QUEUES && !err; i++) {
		if (audit__next_queue(a, prev, &key))
			break;
		err = sweep_queue(a, key, fn);
		if (err == -ENOENT) {
			++*left_out;
			err = 0;
		}
		prev = &key;
	}
	return err;
}

int sweep__all(const struct audit *a, __u64 *left_out)
{
	return each_queue(a, left_out, audit__sweep);
}

int progress__all(const struct audit *a, __u64 *left_out)
{
	return each_queue(a, left_out, audit__look);
}

/* A command is given a tenth of that: two looks in it. */
unsigned int progress__period(unsigned int stall_ms)
{
	unsigned int period = stall_ms / 20;

	if (!stall_ms || period > PERIOD_MAX)
		return PERIOD_MAX;
	return period < PERIOD_MIN ? PERIOD_MIN : period;
}

int sweeper__run(struct sweeper *s, const struct audit *a, long long now_ms)
{
	if (!s->period_ms || now_ms < s->next_ms)
		return 0;
	if (s->next_ms && now_ms - s->next_ms >= s->period_ms)
		s->overruns += (now_ms - s->next_ms) / s->period_ms;
	if (!s->next_ms || now_ms - s->next_ms >= s->period_ms)
		s->next_ms = now_ms;
	s->next_ms += s->period_ms;
	s->rounds++;
	s->err = s->all(a, &s->left_out);
	if (!s->err)
		s->swept_ms = now_ms;
	return s->err ?: 1;
}
