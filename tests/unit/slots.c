// SPDX-License-Identifier: GPL-2.0
/* What is where in a ring, out of the operations before a violation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "slots.h"

#define WRAP (1 << 15)

/* An incident on a ring of 8, with @n operations. */
static struct incident on_ring(bool packed, const struct vqa_op *op, unsigned int n)
{
	struct incident i = { .e = { .queue = { .num = 8, .packed = packed } } };

	if (n)
		memcpy(i.flight.op, op, n * sizeof(*op));
	i.flight.n = n;
	return i;
}

/* Each place as a letter: . unknown, d done, f in flight, m this buffer. */
static void assert_places(const struct incident *i, const char *want)
{
	char got[9] = "";
	struct slots s;

	assert_int_equal(slots__replay(&s, i), 0);
	for (unsigned int k = 0; k < s.num; k++)
		got[k] = ".dfm"[s.state[k]];
	assert_string_equal(got, want);
	slots__free(&s);
}

static void packed_wraps(void **state)
{
	static const struct vqa_op op[] = {
		{ .op = VQA_OP_ADD, .id = 1, .num = 3, .avail = 2 | WRAP },
		{ .op = VQA_OP_USED, .id = 1, .num = 3, .used = 2 | WRAP },
		{ .op = VQA_OP_ADD, .id = 4, .num = 5, .avail = 5 | WRAP },
	};
	struct incident i = on_ring(true, op, 3);
	struct slots s;
	__u16 next;

	(void)state;
	assert_places(&i, "ffdddfff");
	assert_int_equal(slots__replay(&s, &i), 0);
	assert_int_equal(s.owner[0], 4 + 1);
	assert_int_equal(s.owner[2], 1 + 1);
	assert_true(slots__next_avail(&s, &next));
	assert_int_equal(next, 2); /* and the wrap counter is another */
	slots__free(&s);
}

/* On a packed ring a completion is judged at the first place of its buffer. */
static void packed_mine(void **state)
{
	static const struct vqa_op op[] = {
		{ .op = VQA_OP_ADD, .id = 1, .num = 2, .avail = 0 | WRAP },
		{ .op = VQA_OP_ADD, .id = 1, .num = 2, .avail = 4 | WRAP },
	};
	struct incident i = on_ring(true, op, 2);

	(void)state;
	i.e.id = 1;
	i.e.chain = 2;
	i.e.point = VQA_POINT_SWEEP;
	assert_places(&i, "ff..mm.."); /* the newest life of the id */
	i.e.point = VQA_POINT_USED;
	i.e.last_used = 0 | WRAP;
	assert_places(&i, "mm..ff..");
	i.flight.n = 0; /* nothing but the event itself is known */
	assert_places(&i, "mm......");
}

/* On a split ring heads are known, and of this buffer where the descriptor leads. */
static void split(void **state)
{
	static const struct vqa_op op[] = {
		{ .op = VQA_OP_ADD, .id = 6, .num = 1, .avail = 0 },
		{ .op = VQA_OP_ADD, .id = 2, .num = 3, .avail = 1 },
		{ .op = VQA_OP_ADD, .id = 1, .num = 1, .avail = 2 },
		{ .op = VQA_OP_USED, .id = 1, .num = 1, .used = 0 },
	};
	struct incident i = on_ring(false, op, 4);
	struct slots s;

	(void)state;
	assert_places(&i, ".df...f.");
	i.e.id = 2;
	i.e.chain = 3;
	i.e.fields = VQA_F_ADDR;
	i.e.slot = 4;
	i.e.want = (struct vqa_desc){ .flags = 1, .next = 7 };
	assert_places(&i, ".dm.m.fm");
	assert_int_equal(slots__replay(&s, &i), 0);
	assert_int_equal(s.count[2], 3);
	assert_int_equal(s.first_mine, 2);
	slots__free(&s);
}

/* An id that is no head is nobody's buffer. */
static void no_head(void **state)
{
	struct incident i = on_ring(false, NULL, 0);

	(void)state;
	i.e.id = 3;
	i.e.chain = 1;
	i.e.fields = VQA_F_USED_ID;
	assert_places(&i, "........");
	i.e.fields = VQA_F_USED_LEN;
	assert_places(&i, "...m....");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_wraps),
		cmocka_unit_test(packed_mine),
		cmocka_unit_test(split),
		cmocka_unit_test(no_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
