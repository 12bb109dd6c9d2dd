/* SPDX-License-Identifier: GPL-2.0 */
#include "after_break.h"

#include <stdio.h>

#include "error.h"

int after_break__start(struct recoverer **ret, const struct on_break *o, unsigned int attempts)
{
	const struct recoverer_opts opts = { .attempts = attempts };
	int err = 0;

	if (on_break__asks(o, ON_BREAK_RECOVER))
		err = recover__possible(&opts.how) ?: recoverer__start(ret, &opts);
	if (err)
		err__cannot_run("run it as root, in a service with ProtectKernelTunables=no; or "
				"--on-break leave",
				"--on-break recover: /sys/bus/virtio: %s", err__str(err));
	return err;
}

/* Queues are in the order of their devices. Return: the number of those of the first one's */
static size_t queues_of_device(const struct queue_view *q, size_t n, bool *ret_broken)
{
	size_t i;

	*ret_broken = false;
	for (i = 0; i < n && q[i].id.vdev_index == q[0].id.vdev_index; i++)
		*ret_broken |= q[i].broken;
	return i;
}

static bool see_to_device(const struct on_break *o, struct recoverer *r,
			  const struct vqa_queue_id *id, long long seen_ms)
{
	char name[VIRTIO_DEV_NAME];

	snprintf(name, sizeof(name), "virtio%u", id->vdev_index);
	switch (on_break__of(o, name, id->bus)) {
	case ON_BREAK_PANIC:
		return true;
	case ON_BREAK_RECOVER:
		recoverer__ask(r, id->vdev_index, seen_ms);
		return false;
	default:
		return false;
	}
}

bool after_break__see_to(const struct on_break *o, struct recoverer *r, const struct stats *stats,
			 long long seen_ms)
{
	bool panic = false, broken;

	for (size_t i = 0, n; i < stats->n; i += n) {
		const struct queue_view *q = &stats->queues[i];

		n = queues_of_device(q, stats->n - i, &broken);
		if (broken)
			panic |= see_to_device(o, r, &q->id, seen_ms);
		else if (r)
			recoverer__well(r, q->id.vdev_index);
	}
	return panic;
}

void after_break__tell(struct recoverer *r, struct stats *stats, struct sinks *sinks)
{
	struct recovery outcome;

	while (r && recoverer__next(r, &outcome)) {
		stats->recoveries[outcome.outcome]++;
		sinks__recovery(sinks, &outcome);
	}
}

void after_break__end(struct recoverer *r, struct stats *stats, struct sinks *sinks)
{
	if (r)
		recoverer__stop(r);
	after_break__tell(r, stats, sinks);
}
