/* SPDX-License-Identifier: GPL-2.0 */
#include "series.h"

/* TP_PROTO of each event in virtio_ring's trace header. */
const struct series_event series__events[SERIES_EVENTS] = {
	{ "vq_create", 1 }, { "vq_del", 1 },	 { "vq_reset", 1 },
	{ "vq_bad", 1 },    { "vq_publish", 4 }, { "vq_publish_failed", 2 },
	{ "vq_detach", 2 }, { "vq_irq", 1 },	 { "vq_kick", 2 },
	{ "vq_used", 3 },
};

bool series__traces(const struct kbtf *btf)
{
	for (int i = 0; i < SERIES_EVENTS; i++)
		if (kbtf__event_arguments(btf, series__events[i].name) < 0)
			return false;
	return true;
}

bool series__is_known(const struct kbtf *btf)
{
	for (int i = 0; i < SERIES_EVENTS; i++) {
		int arguments = kbtf__event_arguments(btf, series__events[i].name);

		if (arguments >= 0 && arguments != series__events[i].arguments)
			return false;
	}
	return true;
}
