/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue is registered before its device can be asked, so until then what is published on it
 * is held against no window. As the device goes, what it offered must not be its successor's.
 */
#include "offered.h"

#include "error.h"

void offered__see_to(const struct audit *a, const struct vqa_event *e)
{
	struct vqa_windows windows = { 0 };
	int err;

	if (!audit__has_ledger(a))
		return;
	if (e->type == VQA_EV_QUEUE)
		windows__offered_by(e->queue.vdev_index, &windows);
	else if (e->type != VQA_EV_QUEUE_GONE)
		return;
	err = audit__offer(a, e->queue.bus, &windows);
	if (err)
		err__print("%s: its window could not be noted: %s", e->queue.bus, err__str(err));
}
