/* SPDX-License-Identifier: GPL-2.0 */
/* The sweep, from user space: which queue, and when. */
#include "sweep.h"

#include <errno.h>

#include <bpf/bpf.h>

#define SWEEP_QUEUES 16384 /* a walk over keys starts again where its last key went */
#define SWEEP_FINDS 256 /* divergences of one queue that one sweep tells */

static int sweep_queue(const struct audit *a, __u64 key)
{
	struct vqa_sweep s = { .vq = key };
	int err = 0;

	for (int i = 0; i < SWEEP_FINDS && !err; i++) {
		err = audit__sweep(a, &s);
		if (!s.more)
			break;
	}
	return err;
}

int sweep__all(const struct audit *a, __u64 *left_out)
{
	int fd = audit__queues_fd(a), err = 0;
	__u64 key, *prev = NULL;

	for (int i = 0; i < SWEEP_QUEUES && !err; i++) {
		if (bpf_map_get_next_key(fd, prev, &key))
			break;
		err = sweep_queue(a, key);
		if (err == -ENOENT) {
			++*left_out;
			err = 0;
		}
		prev = &key;
	}
	return err;
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
	s->err = sweep__all(a, &s->left_out);
	return s->err ?: 1;
}
