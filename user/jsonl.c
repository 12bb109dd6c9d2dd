/* SPDX-License-Identifier: GPL-2.0 */
/* JSON lines. */
#include "jsonl.h"

#include <errno.h>
#include <stdlib.h>

#include "names.h"
#include "text.h"

int jsonl__write(struct out *o, json_t *object)
{
	FILE *f;
	int err;

	if (!object)
		return out__fail(o, ENOMEM);
	f = out__begin(o);
	if (!f) {
		json_decref(object);
		return -ENOMEM;
	}
	err = json_dumpf(object, f, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(object);
	fputc('\n', f);
	return err ? out__abandon(o, ENOMEM) : out__end(o);
}

json_t *jsonl__name(const char *name)
{
	char utf8[TEXT_UTF8_SIZE];

	return json_string(text__utf8(utf8, sizeof(utf8), name));
}

json_t *jsonl__text(const char *text)
{
	char utf8[3 * 256];

	return json_string(text__utf8(utf8, sizeof(utf8), text));
}

int jsonl__identity(json_t *object, const struct vqa_queue_id *q)
{
	char virtio[24], type[16];

	snprintf(virtio, sizeof(virtio), "virtio%u", q->vdev_index);
	return json_object_set_new(object, "virtio", json_string(virtio)) |
	       json_object_set_new(object, "bus", jsonl__name(q->bus)) |
	       json_object_set_new(
		       object, "device",
		       json_string(device_type__format(q->device, type, sizeof(type)))) |
	       json_object_set_new(object, "device_id", json_integer(q->device)) |
	       json_object_set_new(object, "queue", json_integer(q->index)) |
	       json_object_set_new(object, "queue_name", jsonl__name(q->name)) |
	       json_object_set_new(object, "ring", json_string(q->packed ? "packed" : "split"));
}
