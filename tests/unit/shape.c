// SPDX-License-Identifier: GPL-2.0
/* The shape of chains and tables: for each fault one that has it, and one just without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vq_audit/shape.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define N VQA_DESC_F_NEXT
#define W VQA_DESC_F_WRITE
#define I VQA_DESC_F_INDIRECT
#define BIT VQA_KIND_BIT

#define LONGEST 3
#define DESC(l, f, n)                                 \
	{                                             \
		.len = (l), .flags = (f), .next = (n) \
	}

/** struct chain - descriptors up to the first of length 0, and what is wrong with them */
struct chain {
	const char *name;
	struct vqa_desc desc[LONGEST];
	__u32 writable;
	__u32 faults;
};

static const struct chain chains[] = {
	{ "one to read", { DESC(16, 0, 0) }, 0, 0 },
	{ "one to write", { DESC(16, W, 0) }, 16, 0 },
	{ "reads, then writes", { DESC(1, N, 1), DESC(2, N, 2), DESC(3, W, 3) }, 3, 0 },
	{ "writes, then reads", { DESC(1, N | W, 1), DESC(2, 0, 2) }, 1, BIT(VQA_KIND_ORDER) },
	{ "reads between writes",
	  { DESC(1, N | W, 1), DESC(2, N, 2), DESC(3, W, 0) },
	  4,
	  BIT(VQA_KIND_ORDER) },
	{ "2^32 - 1 bytes", { DESC(0xffffffff, 0, 0) }, 0, 0 },
	{ "2^32 bytes", { DESC(0xffffffff, N, 1), DESC(1, 0, 0) }, 0, BIT(VQA_KIND_BYTES) },
	{ "goes on", { DESC(1, N, 1), DESC(2, N | W, 0) }, 2, BIT(VQA_KIND_LOOP) },
	{ "a table", { DESC(32, I, 0) }, 0, 0 },
	{ "a table that goes on", { DESC(32, I | N, 1) }, 0, BIT(VQA_KIND_CHAINED) },
	{ "a table and more", { DESC(32, I | N, 1), DESC(1, 0, 0) }, 0, BIT(VQA_KIND_CHAINED) },
};

static __u32 length(const struct chain *c)
{
	__u32 n = 0;

	while (n < LONGEST && c->desc[n].len)
		n++;
	return n;
}

static void check(const struct chain *c, const struct vqa_shape *s, __u32 faults)
{
	if (faults != c->faults || s->writable != c->writable)
		fail_msg("%s: faults %#x, not %#x; writable %llu, not %u", c->name, faults,
			 c->faults, s->writable, c->writable);
}

static void ring_chains(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		__u32 n = length(&chains[i]);
		struct vqa_shape s = {};

		for (__u32 k = 0; k < n; k++)
			vqa_shape_add(&s, chains[i].desc[k]);
		vqa_shape_settle(&s);
		check(&chains[i], &s, vqa_shape_judge(&s));
	}
}

/* However often they are settled, sums of many descriptors say the same. */
static void settled(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		__u32 n = length(&chains[i]);
		struct vqa_shape s = {};

		for (__u32 k = 0; k < n; k++) {
			vqa_shape_add(&s, chains[i].desc[k]);
			vqa_shape_settle(&s);
		}
		check(&chains[i], &s, vqa_shape_judge(&s));
	}
}

static struct vqa_glance glance_at(const struct vqa_desc *desc, __u32 n)
{
	struct vqa_glance g = {};

	for (__u32 k = 0; k < n; k++)
		vqa_glance_add(&g, desc[k]);
	return g;
}

/* Chains of all flags, and of lengths about which sums go wrong. */
static struct vqa_desc some_desc(__u32 which)
{
	static const __u32 len[] = { 0, 1, 0x7fffffff, 0xffffffff };

	return (struct vqa_desc)DESC(len[which & 3], which >> 2 & 7, which >> 2 & 7);
}

static void glance(const struct vqa_desc *desc, __u32 n)
{
	struct vqa_glance g = glance_at(desc, n);
	struct vqa_shape s = {};
	int odd = vqa_glance_is_odd(&g, n, desc[n - 1].flags);

	for (__u32 k = 0; k < n; k++)
		vqa_shape_add(&s, desc[k]);
	vqa_shape_settle(&s);
	if (!odd && vqa_shape_judge(&s))
		fail_msg("%u: faults %#x are not seen", n, vqa_shape_judge(&s));
	assert_int_equal((__u32)g.writable, (__u32)s.writable);
}

/* What a glance finds nothing odd about has no fault. */
static void glances(void **state)
{
	struct vqa_desc d[LONGEST];

	(void)state;
	for (__u32 i = 0; i < 1 << 15; i++) {
		for (__u32 k = 0; k < LONGEST; k++)
			d[k] = some_desc(i >> 5 * k & 31);
		for (__u32 n = 1; n <= LONGEST; n++)
			glance(d, n);
	}
}

/* And what drivers publish is not odd. */
static void not_odd(void **state)
{
	struct vqa_glance g;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		__u32 n = length(&chains[i]);

		g = glance_at(chains[i].desc, n);
		assert_int_equal(vqa_glance_is_odd(&g, n, chains[i].desc[n - 1].flags),
				 chains[i].faults != 0);
	}
}

static const struct chain tables[] = {
	{ "entries", { DESC(1, N, 1), DESC(2, N | W, 2), DESC(3, W, 0) }, 5, 0 },
	{ "last entry", { DESC(1, N, 2), DESC(2, N, 2), DESC(3, W, 9) }, 3, 0 },
	{ "out of the table", { DESC(1, N, 2), DESC(2, W, 0) }, 2, BIT(VQA_KIND_ENTRY) },
	{ "nested", { DESC(1, N, 1), DESC(16, I, 0) }, 0, BIT(VQA_KIND_NESTED) },
	{ "order", { DESC(1, N | W, 1), DESC(16, 0, 0) }, 1, BIT(VQA_KIND_ORDER) },
	{ "goes on", { DESC(1, N, 1), DESC(16, N, 0) }, 0, BIT(VQA_KIND_LOOP) },
};

static void split_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		__u32 n = length(&tables[i]);
		struct vqa_table_shape t = {};

		for (__u32 k = 0; k < n; k++)
			vqa_shape_add_entry(&t, tables[i].desc[k], N, n);
		vqa_shape_settle(&t.chain);
		check(&tables[i], &t.chain, vqa_table_judge(&t));
	}
}

/* In a packed ring's table neither NEXT nor next means anything. */
static void packed_tables(void **state)
{
	struct vqa_table_shape t = {};

	(void)state;
	vqa_shape_add_entry(&t, (struct vqa_desc)DESC(1, N, 99), 0, 1);
	assert_int_equal(vqa_table_judge(&t), 0);
	vqa_shape_add_entry(&t, (struct vqa_desc)DESC(1, I, 0), 0, 1);
	assert_int_equal(vqa_table_judge(&t), BIT(VQA_KIND_NESTED));
}

static void lengths(void **state)
{
	(void)state;
	assert_int_equal(vqa_table_faults(16), 0);
	assert_int_equal(vqa_table_faults(0), BIT(VQA_KIND_LENGTH));
	assert_int_equal(vqa_table_faults(24), BIT(VQA_KIND_LENGTH));
	assert_int_equal(vqa_length_faults(256, 256), 0);
	assert_int_equal(vqa_length_faults(257, 256), BIT(VQA_KIND_LONG));
}

/* Every kind of fault belongs to one of the two rules. */
static void rules_share_kinds(void **state)
{
	__u32 chain = vqa_shape_faults(VQA_RULE_CHAIN_SHAPE, ~0u);
	__u32 table = vqa_shape_faults(VQA_RULE_INDIRECT_SHAPE, ~0u);

	(void)state;
	assert_int_equal(chain & table, 0);
	assert_int_equal(chain | table, ~0u);
	assert_true(table & BIT(VQA_KIND_NESTED));
	assert_true(chain & BIT(VQA_KIND_ORDER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring_chains),	cmocka_unit_test(settled),
		cmocka_unit_test(glances),	cmocka_unit_test(not_odd),
		cmocka_unit_test(split_tables), cmocka_unit_test(packed_tables),
		cmocka_unit_test(lengths),	cmocka_unit_test(rules_share_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
