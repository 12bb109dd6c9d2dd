// SPDX-License-Identifier: GPL-2.0
/* The operations before a violation: out of a record, to JSON and back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "json_flight.h"
#include "flight_bytes.h"

/* Oldest first, before and after the recorder was full for the first time. */
static void order(void **state)
{
	static const unsigned int counts[] = { 0, 1, N - 1, N, N + 1, 3 * N + 5 };
	struct flight f;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct bytes b = filled(counts[i]);
		unsigned int n = counts[i] < N ? counts[i] : N;

		decode(&b, &f);
		assert_int_equal(f.n, n);
		assert_int_equal(f.torn, 0);
		for (unsigned int k = 0; k < n; k++)
			assert_int_equal(f.op[k].id, counts[i] - n + k);
	}
}

/* Whatever word of an entry is another's, the entry is left out and counted. */
static void torn(void **state)
{
	struct flight f;

	(void)state;
	for (size_t word = 0; word < sizeof(struct vqa_op) / 8; word++) {
		struct bytes b = filled(2 * N), newer = filled(3 * N);

		memcpy((__u64 *)&b.op[3] + word, (__u64 *)&newer.op[3] + word, 8);
		decode(&b, &f);
		if (word == 2) { /* the same in both, as it happens: no harm */
			assert_int_equal(f.torn, 0);
			continue;
		}
		assert_int_equal(f.n, N - 1);
		assert_int_equal(f.torn, 1);
		for (unsigned int k = 0; k < f.n; k++)
			assert_int_not_equal(f.op[k].id, N + 3);
	}
}

/* A position was taken, and nothing written there; or still what was there before. */
static void unfinished(void **state)
{
	struct bytes b = filled(3), old = filled(2 * N);
	struct flight f;

	(void)state;
	b.e.flight_next = 4;
	decode(&b, &f);
	assert_int_equal(f.n, 3);
	assert_int_equal(f.torn, 1);
	old.e.flight_next++;
	decode(&old, &f);
	assert_int_equal(f.n, N - 1);
	assert_int_equal(f.torn, 1);
}

/* The sum is right, and what it stands for is not known. */
static void unknown_op(void **state)
{
	struct bytes b = filled(N);
	struct flight f;

	(void)state;
	put(&b, 2, (struct vqa_op){ .op = VQA_OP_COUNT });
	put(&b, 3, (struct vqa_op){ .op = VQA_OP_NONE });
	put(&b, 4, (struct vqa_op){ .op = VQA_OP_KICK, .flags = VQA_OP_FLAGS + 1 });
	decode(&b, &f);
	assert_int_equal(f.torn, 3);
}

static int event_of(const struct bytes *b, size_t size)
{
	const char *fault = NULL;
	struct vqa_event e;
	int err = decode__event(b, size, &e, &fault);

	assert_true(!err == !fault);
	return err;
}

static void wrong_sizes(void **state)
{
	struct bytes b = filled(N);

	(void)state;
	for (size_t size = 0; size < sizeof(b); size++)
		assert_int_equal(event_of(&b, size), -EBADMSG);
	b.e.flight = N + 1;
	assert_int_equal(event_of(&b, sizeof(b)), -EBADMSG);
	b.e.flight = ~0u;
	assert_int_equal(event_of(&b, sizeof(b)), -EBADMSG);
	b.e.flight = N;
	b.e.type = VQA_EV_QUEUE;
	assert_int_equal(event_of(&b, sizeof(b)), -EBADMSG);
	b.e.flight = 0;
	assert_int_equal(event_of(&b, sizeof(b.e)), 0);
}

static void names(void **state)
{
	(void)state;
	for (unsigned int op = VQA_OP_NONE + 1; op < VQA_OP_COUNT; op++)
		assert_int_equal(op__find(op__name(op)), op);
	assert_string_equal(op__name(VQA_OP_NONE), "?");
	assert_string_equal(op__name(VQA_OP_COUNT), "?");
	assert_int_equal(op__find("?"), -ENOENT);
}

static void json_and_back(void **state)
{
	static const struct vqa_op ops[] = {
		{ .time_ns = 1, .op = VQA_OP_ADD, .id = 5, .num = 2, .avail = 0x8001, .used = 7 },
		{ .time_ns = 2, .op = VQA_OP_KICK, .id = VQA_OP_NO_ID, .flags = VQA_OP_NOTIFY },
		{ .time_ns = 3, .op = VQA_OP_KICK, .id = VQA_OP_NO_ID, .flags = VQA_OP_MAYBE },
		{ .time_ns = 4, .op = VQA_OP_KICK, .id = VQA_OP_NO_ID },
		{ .time_ns = 5, .op = VQA_OP_USED, .id = ~1u, .len = ~0u, .used = 0xffff },
	};
	struct flight f = { .n = sizeof(ops) / sizeof(ops[0]) }, back;
	const char *fault;
	json_t *array;

	(void)state;
	memcpy(f.op, ops, sizeof(ops));
	array = json_flight(&f);
	assert_int_equal(json_flight__parse(array, &back, &fault), 0);
	assert_int_equal(back.n, f.n);
	assert_memory_equal(back.op, ops, sizeof(ops));
	json_decref(array);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),	 cmocka_unit_test(torn),
		cmocka_unit_test(unfinished),	 cmocka_unit_test(unknown_op),
		cmocka_unit_test(wrong_sizes),	 cmocka_unit_test(names),
		cmocka_unit_test(json_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
