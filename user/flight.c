/* SPDX-License-Identifier: GPL-2.0 */
/* The flight recorder: what is behind an event in its record; no I/O. */
#include "flight.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const char *const names[VQA_OP_COUNT] = {
#define X(id, name, text) [VQA_OP_##id] = name,
	VQA_OPS(X)
#undef X
};

const char *op__name(unsigned int op)
{
	return op < VQA_OP_COUNT && names[op] ? names[op] : "?";
}

int op__find(const char *name)
{
	for (unsigned int i = VQA_OP_NONE + 1; i < VQA_OP_COUNT; i++)
		if (!strcmp(names[i], name))
			return i;
	return -ENOENT;
}

/* Whether an entry is whole, and that of position @pos. */
static bool is_whole(const struct vqa_op *o, __u64 pos)
{
	return o->sum == vqa_op_sum(o->time_ns, o->who, o->what, pos) && o->op != VQA_OP_NONE &&
	       o->op < VQA_OP_COUNT && !(o->flags & ~VQA_OP_FLAGS);
}

void flight__decode(const void *data, size_t size, const struct vqa_event *e, struct flight *ret)
{
	__u64 first = e->flight_next > e->flight ? e->flight_next - e->flight : 0;
	struct vqa_op op[VQA_FLIGHT_MAX];

	ret->n = ret->torn = 0;
	if (!e->flight || e->flight > VQA_FLIGHT_MAX ||
	    size != sizeof(*e) + e->flight * sizeof(*op))
		return;
	memcpy(op, (const char *)data + sizeof(*e), e->flight * sizeof(*op));
	for (__u64 pos = first; pos < e->flight_next; pos++) {
		const struct vqa_op *o = &op[pos % e->flight];

		if (is_whole(o, pos))
			ret->op[ret->n++] = *o;
		else
			ret->torn++;
	}
}
