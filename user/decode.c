/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes from the ring buffer to a validated event; no I/O. */
#include "decode.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define ALL_FIELDS ((1u << VQA_FIELD_COUNT) - 1)
#define MASKED_RULES ((1u << VQA_RULES_MASKED) - 1)

static bool ends(const char *s, size_t size)
{
	return memchr(s, 0, size) != NULL;
}

static const char *queue_fault(const struct vqa_queue_id *q)
{
	if (q->packed > 1 || q->dma_api > 1 || q->indirect > 1)
		return "a flag of the queue is neither 0 nor 1";
	if (q->shadow >= VQA_SHADOW_COUNT)
		return "unknown kind of shadow";
	if (!q->num)
		return "the ring has no descriptors";
	if (!ends(q->bus, sizeof(q->bus)) || !ends(q->name, sizeof(q->name)))
		return "a name does not end";
	return NULL;
}

static const char *violation_fault(const struct vqa_event *e)
{
	if (e->rule >= VQA_RULE_COUNT)
		return "unknown rule";
	if (e->action >= VQA_ACT_COUNT)
		return "unknown action";
	if (e->kind >= VQA_KIND_COUNT)
		return "unknown kind";
	if (e->point >= VQA_POINT_COUNT)
		return "unknown point";
	if (e->fields & ~ALL_FIELDS)
		return "unknown field";
	if (e->also & ~MASKED_RULES)
		return "unknown rule among the others";
	if (e->table > 1 || e->racy > 1 || e->quirk > 1)
		return "a flag is neither 0 nor 1";
	return NULL;
}

static const char *event_fault(const struct vqa_event *e)
{
	const char *fault = queue_fault(&e->queue);

	if (fault)
		return fault;

	switch (e->type) {
	case VQA_EV_VIOLATION:
		return violation_fault(e);
	case VQA_EV_QUEUE:
	case VQA_EV_QUEUE_GONE:
	case VQA_EV_BROKEN:
		return NULL;
	default:
		return "unknown type";
	}
}

/* Operations come with violations alone. */
static const char *size_fault(const struct vqa_event *e, size_t size)
{
	if (e->flight > VQA_FLIGHT_MAX || (e->flight && e->type != VQA_EV_VIOLATION))
		return "operations where there are none";
	return size == sizeof(*e) + e->flight * sizeof(struct vqa_op) ? NULL : "wrong size";
}

int decode__event(const void *data, size_t size, struct vqa_event *ret, const char **ret_fault)
{
	struct vqa_event e;

	if (size < sizeof(e)) {
		*ret_fault = "wrong size";
		return -EBADMSG;
	}
	memcpy(&e, data, sizeof(e));
	if (e.version != VQA_ABI_VERSION) {
		*ret_fault = "wrong version";
		return -EBADMSG;
	}

	*ret_fault = size_fault(&e, size) ?: event_fault(&e);
	if (*ret_fault)
		return -EBADMSG;
	*ret = e;
	return 0;
}
