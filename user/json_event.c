/* SPDX-License-Identifier: GPL-2.0 */
/* Events from JSON: what sink_json.c wrote, back. */
#include "json_event.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe_dma.h"
#include "names.h"
#include "vq_audit/ledger.h"

typedef const char *(*name_fn)(unsigned int i);

/** struct reader - an object being read; the first fault stays */
struct reader {
	const json_t *object;
	const char *fault;
};

static void refuse(struct reader *r, const char *fault)
{
	if (!r->fault)
		r->fault = fault;
}

/* A whole number from 0 to @max; 0, and a fault, if it is none. */
static __u64 number(struct reader *r, const char *key, __u64 max)
{
	const json_t *value = json_object_get(r->object, key);
	json_int_t n = json_integer_value(value);

	if (json_is_integer(value) && n >= 0 && (__u64)n <= max)
		return n;
	refuse(r, "a number is missing or out of range");
	return 0;
}

static bool flag(struct reader *r, const char *key)
{
	const json_t *value = json_object_get(r->object, key);

	if (!json_is_boolean(value))
		refuse(r, "a flag is missing or neither true nor false");
	return json_is_true(value);
}

static const char *string(struct reader *r, const char *key)
{
	const char *text = json_string_value(json_object_get(r->object, key));

	if (!text)
		refuse(r, "a name is missing or no string");
	return text ?: "";
}

static void copy_name(struct reader *r, const char *key, char *to)
{
	/* What does not fit was U+FFFD for bytes that JSON cannot have. */
	snprintf(to, VQA_NAME_LEN, "%.*s", VQA_NAME_LEN - 1, string(r, key));
}

/* Which of @n names a string is. */
static unsigned int one_of(struct reader *r, const char *text, name_fn name, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (!strcmp(name(i), text))
			return i;
	refuse(r, "a name is not known: written by another version?");
	return 0;
}

/* The mask of the names in an array. */
static __u32 mask_of(struct reader *r, const char *key, name_fn name, unsigned int n)
{
	const json_t *array = json_object_get(r->object, key);
	__u32 mask = 0;

	if (!json_is_array(array))
		refuse(r, "a list of names is missing");
	for (size_t i = 0; i < json_array_size(array); i++)
		mask |= 1u << one_of(r, json_string_value(json_array_get(array, i)) ?: "", name, n);
	return mask;
}

static void read_identity(struct reader *r, struct vqa_queue_id *q)
{
	const char *virtio = string(r, "virtio"), *ring = string(r, "ring");
	char *end;

	if (strncmp(virtio, "virtio", 6) || virtio[6] < '0' || virtio[6] > '9')
		refuse(r, "\"virtio\" is no device");
	else
		q->vdev_index = strtoul(virtio + 6, &end, 10);
	copy_name(r, "bus", q->bus);
	copy_name(r, "queue_name", q->name);
	q->device = number(r, "device_id", ~0u);
	q->index = number(r, "queue", ~0u);
	q->packed = !strcmp(ring, "packed");
	if (!q->packed && strcmp(ring, "split"))
		refuse(r, "\"ring\" is neither split nor packed");
}

static struct vqa_desc read_desc(struct reader *r, const char *key, bool packed)
{
	struct reader d = { .object = json_object_get(r->object, key) };
	const char *addr = string(&d, "addr");
	struct vqa_desc desc = {
		.len = number(&d, "len", ~0u),
		.flags = number(&d, "flags", 0xffff),
		.next = number(&d, packed ? "id" : "next", 0xffff),
	};
	char *end;

	desc.addr = strtoull(addr, &end, 16);
	if (d.fault || end == addr || *end)
		refuse(r, "a descriptor is not whole");
	return desc;
}

/* Memory, with a direction or, where the device may reach, with who says so. */
static struct vqa_desc read_mapping(struct reader *r, const char *key)
{
	struct reader m = { .object = json_object_get(r->object, key) };
	const bool window = json_object_get(m.object, "window");
	struct vqa_desc desc = { .addr = number(&m, "addr", INT64_MAX) };

	if (window) {
		desc.flags = one_of(&m, string(&m, "window"), window_source__name,
				    VQA_WINDOW_SOURCE_COUNT);
	} else {
		desc.len = number(&m, "len", ~0u);
		desc.flags =
			one_of(&m, string(&m, "direction"), dma_dir__name, VQA_DMA_FROM_DEVICE + 2);
	}
	if (m.fault)
		refuse(r, "a mapping is not whole");
	return desc;
}

/* Two numbers beside each other, or two descriptors, or two mappings, or neither. */
static void read_sides(struct reader *r, struct vqa_event *e)
{
	const json_t *seen = json_object_get(r->object, "seen");

	if (e->fields & VQA_F_WORD) {
		e->seen.addr = json_integer_value(seen);
		e->want.addr = json_integer_value(json_object_get(r->object, "want"));
		return;
	}
	if (e->fields & VQA_F_DMA) {
		e->seen = read_mapping(r, "seen");
		e->want = read_mapping(r, "want");
		return;
	}
	if (!seen)
		return;
	e->slot = number(r, "slot", ~0u);
	if (e->table)
		e->entry = number(r, "entry", ~0u);
	e->seen = read_desc(r, "seen", e->queue.packed);
	e->want = read_desc(r, "want", e->queue.packed);
}

static void read_violation(struct reader *r, struct vqa_event *e)
{
	e->type = VQA_EV_VIOLATION;
	e->queue.num = number(r, "num", ~0u);
	e->rule = one_of(r, string(r, "rule"), rule__name, VQA_RULE_COUNT);
	e->action = one_of(r, string(r, "action"), action__name, VQA_ACT_COUNT);
	e->kind = one_of(r, string(r, "kind"), kind__name, VQA_KIND_COUNT);
	e->point = one_of(r, string(r, "at"), point__name, VQA_POINT_COUNT);
	e->fields = mask_of(r, "fields", field__name, VQA_FIELD_COUNT);
	e->also = mask_of(r, "also", rule__name, VQA_RULES_MASKED);
	e->table = flag(r, "table");
	e->racy = flag(r, "racy");
	e->quirk = flag(r, "quirk");
	e->seq = number(r, "seq", INT64_MAX);
	e->id = number(r, "id", ~0u);
	e->chain = number(r, "chain", ~0u);
	e->entries = number(r, "entries", ~0u);
	e->used_len = number(r, "used_len", ~0u);
	e->writable = ~0u;
	if (!json_is_null(json_object_get(r->object, "writable")))
		e->writable = number(r, "writable", ~0u);
	e->last_used = number(r, "last_used", 0xffff);
	e->suppressed = number(r, "suppressed", ~0u);
	read_sides(r, e);
}

static void read_queue(struct reader *r, struct vqa_event *e)
{
	const char *event = string(r, "event");

	e->type = VQA_EV_QUEUE;
	if (!strcmp(event, "broken"))
		e->type = VQA_EV_BROKEN;
	else if (!strcmp(event, "gone"))
		e->type = VQA_EV_QUEUE_GONE;
	e->queue.num = number(r, "num", ~0u);
	e->queue.dma_api = flag(r, "dma_api");
	e->queue.indirect = flag(r, "indirect");
	e->queue.shadow = one_of(r, string(r, "shadow"), shadow__name, VQA_SHADOW_COUNT);
	e->queue.generation = number(r, "generation", ~0u);
}

int json_event__parse(const json_t *object, struct vqa_event *ret, const char **ret_fault)
{
	struct reader r = { .object = object };

	*ret = (struct vqa_event){ .version = VQA_ABI_VERSION };
	ret->time_ns = number(&r, "time_ns", INT64_MAX);
	read_identity(&r, &ret->queue);
	if (!strcmp(string(&r, "type"), "violation"))
		read_violation(&r, ret);
	else
		read_queue(&r, ret);
	*ret_fault = r.fault;
	return r.fault ? -EBADMSG : 0;
}
