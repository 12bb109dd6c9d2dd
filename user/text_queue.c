/* SPDX-License-Identifier: GPL-2.0 */
/* A queue in words. Names come from devices, so they are escaped. */
#include "text_queue.h"

#include <stdio.h>

#include "names.h"
#include "text.h"

char *text_queue__device(const struct vqa_queue_id *q, char *buf, size_t size)
{
	char type[16], bus[TEXT_NAME_SIZE];

	snprintf(buf, size, "virtio%u %s %s", q->vdev_index,
		 device_type__format(q->device, type, sizeof(type)),
		 text__escape(bus, sizeof(bus), q->bus));
	return buf;
}

char *text_queue__label(const struct vqa_queue_id *q, char *buf, size_t size)
{
	char device[TEXT_QUEUE_SIZE / 2], name[TEXT_NAME_SIZE];

	snprintf(buf, size, "%s  %u \"%s\"", text_queue__device(q, device, sizeof(device)),
		 q->index, text__escape(name, sizeof(name), q->name));
	return buf;
}

char *text_queue__traits(const struct vqa_queue_id *q, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s %u, %s, %s, shadow %s", q->packed ? "packed" : "split",
			 q->num, q->dma_api ? "DMA API" : "no DMA API",
			 q->indirect ? "indirect" : "no indirect", shadow__name(q->shadow));

	if (q->generation && n > 0 && (size_t)n < size)
		snprintf(buf + n, size - n, ", generation %u", q->generation);
	return buf;
}
