/* SPDX-License-Identifier: GPL-2.0 */
/* A record with operations behind it, as it comes from the ring buffer. */
#ifndef TESTS_UNIT_FLIGHT_BYTES_H
#define TESTS_UNIT_FLIGHT_BYTES_H

#include "decode.h"
#include "flight.h"

#define N 8

/** struct bytes - a record as it comes from the ring buffer */
struct bytes {
	struct vqa_event e;
	struct vqa_op op[N];
};

static inline void put(struct bytes *b, __u64 pos, struct vqa_op o)
{
	o.time_ns = 1000 + pos;
	o.sum = vqa_op_sum(o.time_ns, o.who, o.what, pos);
	b->op[pos % N] = o;
}

/* A violation behind @count operations; that at position i is on buffer i. */
static inline struct bytes filled(unsigned int count)
{
	struct bytes b = {
		.e = {
			.version = VQA_ABI_VERSION,
			.type = VQA_EV_VIOLATION,
			.rule = VQA_RULE_DESC_TAMPER,
			.action = VQA_ACT_ALERT,
			.fields = VQA_F_ADDR,
			.time_ns = 1000 + count,
			.queue = { .num = 256, .bus = "0000:00:01.0", .name = "req.0" },
			.id = count - 1,
			.chain = 3,
			.seen = { .addr = 0x2000, .len = 16 },
			.want = { .addr = 0x1000, .len = 16 },
			.flight = N,
			.flight_next = count,
		},
	};

	for (unsigned int i = 0; i < count; i++)
		put(&b, i, (struct vqa_op){ .op = VQA_OP_USED, .id = i, .len = 7, .num = 3 });
	return b;
}

static inline void decode(const struct bytes *b, struct flight *ret)
{
	const char *fault = NULL;
	struct vqa_event e;

	assert_int_equal(decode__event(b, sizeof(*b), &e, &fault), 0);
	flight__decode(b, sizeof(*b), &e, ret);
}

#endif
