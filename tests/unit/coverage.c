// SPDX-License-Identifier: GPL-2.0
/* Which indices of the driver agree with what was accounted for, and what comes behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "coverage.h"

#define NUM 16
#define WRAP 0x8000

static const struct {
	const char *name;
	int packed;
	__u16 base, now;
	__u64 positions;
	int holds;
} indices[] = {
	{ "split: none", 0, 7, 7, 0, 1 },
	{ "split: some", 0, 7, 9, 2, 1 },
	{ "split: past the end of its numbers", 0, 65535, 1, 2, 1 },
	{ "split: time and again around", 0, 7, 9, 5 * 65536 + 2, 1 },
	{ "split: one too few", 0, 7, 9, 1, 0 },
	{ "split: one too many", 0, 7, 9, 3, 0 },
	{ "packed: some", 1, WRAP | 3, WRAP | 6, 3, 1 },
	{ "packed: into the next lap", 1, WRAP | 14, 2, 4, 1 },
	{ "packed: two laps", 1, WRAP | 3, WRAP | 3, 2 * NUM, 1 },
	{ "packed: one lap", 1, WRAP | 3, WRAP | 3, NUM, 0 },
	{ "packed: outside the ring", 1, WRAP | 3, WRAP | NUM, 13, 0 },
};

static void holding(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
		struct vqa_queue_id id = { .packed = indices[i].packed, .num = NUM };

		if (coverage__holds(&id, indices[i].base, indices[i].now, indices[i].positions) !=
		    indices[i].holds)
			fail_msg("%s", indices[i].name);
	}
}

/* Base 0, or 0 in the first lap; @next with @positions is as far as hooks saw. */
static const struct {
	const char *name;
	int packed;
	__u16 next, now;
	__u64 positions;
	int found;
	struct coverage_tail tail;
} tails[] = {
	{ "split: none", 0, 9, 9, 9, 0, { 0, 0 } },
	{ "split: one", 0, 9, 10, 9, 1, { 1, 1 } },
	{ "split: all that there can be", 0, 9, 9 + NUM, 9, 1, { NUM, NUM } },
	{ "split: more than that", 0, 9, 10 + NUM, 9, 0, { 0, 0 } },
	{ "split: the index is behind", 0, 9, 8, 9, 0, { 0, 0 } },
	{ "split: something else is not accounted for", 0, 9, 10, 8, 0, { 0, 0 } },
	{ "packed: none", 1, WRAP | 5, WRAP | 5, 5, 0, { 0, 0 } },
	{ "packed: a chain", 1, WRAP | 5, WRAP | 8, 5, 1, { 1, 3 } },
	{ "packed: a chain and one that was never recorded",
	  1,
	  WRAP | 5,
	  WRAP | 9,
	  5,
	  1,
	  { 2, 4 } },
	{ "packed: less than was recorded", 1, WRAP | 5, WRAP | 7, 5, 1, { 1, 2 } },
	{ "packed: into the next lap", 1, WRAP | 14, 1, 14, 1, { 2, 3 } },
	{ "packed: outside the ring", 1, WRAP | 5, WRAP | NUM, 5, 0, { 0, 0 } },
	{ "packed: something else is not accounted for", 1, WRAP | 5, WRAP | 8, 4, 0, { 0, 0 } },
};

static void trailing(void **state)
{
	static struct vqa_queue q;

	(void)state;
	q.slot[5].next = 7;
	q.head[7].n = 3;
	q.slot[14].next = 2;
	q.head[2].n = 2;
	q.slot[0].next = 1;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		struct coverage_tail tail = { 0 };

		q.id = (struct vqa_queue_id){ .packed = tails[i].packed, .num = NUM };
		q.base_used = tails[i].packed ? WRAP : 0;
		q.next_used = tails[i].next;
		q.c.positions = tails[i].positions;
		if (coverage__tail(&q, tails[i].now, &tail) != tails[i].found ||
		    tail.completions != tails[i].tail.completions ||
		    tail.steps != tails[i].tail.steps)
			fail_msg("%s: %llu in %u steps", tails[i].name, tail.completions,
				 tail.steps);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holding),
		cmocka_unit_test(trailing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
