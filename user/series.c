/* SPDX-License-Identifier: GPL-2.0 */
#include "series.h"

#include <stddef.h>

/* TP_PROTO of each event in virtio_ring's trace header. */
static const struct {
	const char *name;
	int arguments;
} events[] = {
	{ "vq_create", 1 }, { "vq_del", 1 },	 { "vq_reset", 1 },
	{ "vq_bad", 1 },    { "vq_publish", 4 }, { "vq_publish_failed", 2 },
	{ "vq_detach", 2 }, { "vq_irq", 1 },	 { "vq_kick", 2 },
	{ "vq_used", 3 },
};

#define EVENTS (sizeof(events) / sizeof(events[0]))

bool series__traces(const struct kbtf *btf)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (kbtf__event_arguments(btf, events[i].name) < 0)
			return false;
	return true;
}

bool series__is_known(const struct kbtf *btf)
{
	for (size_t i = 0; i < EVENTS; i++) {
		int arguments = kbtf__event_arguments(btf, events[i].name);

		if (arguments >= 0 && arguments != events[i].arguments)
			return false;
	}
	return true;
}
