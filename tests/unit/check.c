// SPDX-License-Identifier: GPL-2.0
/* The pure checks, by tables of vectors: for each one that violates, one just legal beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <linux/virtio_ids.h>

#include "vq_audit/check.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define N VQA_DESC_F_NEXT
#define W VQA_DESC_F_WRITE
#define I VQA_DESC_F_INDIRECT
#define A VQA_DESC_F_AVAIL
#define U VQA_DESC_F_USED

#define DESC(a, l, f, n)                                           \
	{                                                          \
		.addr = (a), .len = (l), .flags = (f), .next = (n) \
	}

#define TAMPER VQA_RULE_BIT(VQA_RULE_DESC_TAMPER)
#define FLIP VQA_RULE_BIT(VQA_RULE_NEXT_FLIP)
#define WRAP VQA_RULE_BIT(VQA_RULE_USED_WRAP)

static const struct {
	const char *name;
	struct vqa_desc seen, want;
	__u32 mask, fields, rules;
} descs[] = {
	{ "the same", DESC(0x1000, 512, N | W, 7), DESC(0x1000, 512, N | W, 7), VQA_FIELDS_SPLIT, 0,
	  0 },
	{ "lowest address bit", DESC(0x1001, 512, 0, 7), DESC(0x1000, 512, 0, 7), VQA_FIELDS_SPLIT,
	  VQA_F_ADDR, TAMPER },
	{ "highest address bit", DESC(1ULL << 63, 1, 0, 0), DESC(0, 1, 0, 0), VQA_FIELDS_SPLIT,
	  VQA_F_ADDR, TAMPER },
	{ "length by one", DESC(0, 513, 0, 7), DESC(0, 512, 0, 7), VQA_FIELDS_SPLIT, VQA_F_LEN,
	  TAMPER },
	{ "length, highest bit", DESC(0, 1u << 31, 0, 0), DESC(0, 0, 0, 0), VQA_FIELDS_SPLIT,
	  VQA_F_LEN, TAMPER },
	{ "NEXT set", DESC(0, 1, W | N, 7), DESC(0, 1, W, 7), VQA_FIELDS_SPLIT, VQA_F_NEXT_FLAG,
	  FLIP },
	{ "NEXT cleared", DESC(0, 1, 0, 7), DESC(0, 1, N, 7), VQA_FIELDS_SPLIT, VQA_F_NEXT_FLAG,
	  FLIP },
	{ "WRITE set", DESC(0, 1, W, 7), DESC(0, 1, 0, 7), VQA_FIELDS_SPLIT, VQA_F_WRITE, TAMPER },
	{ "INDIRECT set", DESC(0, 1, I, 7), DESC(0, 1, 0, 7), VQA_FIELDS_SPLIT, VQA_F_INDIRECT,
	  TAMPER },
	{ "undefined flag", DESC(0, 1, 1 << 3, 7), DESC(0, 1, 0, 7), VQA_FIELDS_SPLIT, VQA_F_FLAGS,
	  TAMPER },
	{ "next field", DESC(0, 1, N, 8), DESC(0, 1, N, 7), VQA_FIELDS_SPLIT, VQA_F_NEXT, TAMPER },
	{ "all of it", DESC(1, 1, N | W, 1), DESC(0, 0, 0, 0), VQA_FIELDS_SPLIT,
	  VQA_F_ADDR | VQA_F_LEN | VQA_F_NEXT_FLAG | VQA_F_WRITE | VQA_F_NEXT, TAMPER | FLIP },
	{ "packed, the same", DESC(0, 1, A | W, 3), DESC(0, 1, A | W, 3), VQA_FIELDS_PACKED, 0, 0 },
	{ "packed, id", DESC(0, 1, A, 4), DESC(0, 1, A, 3), VQA_FIELDS_PACKED, VQA_F_ID, TAMPER },
	{ "packed, marked used", DESC(0, 1, A | U, 3), DESC(0, 1, A, 3), VQA_FIELDS_PACKED,
	  VQA_F_AVAIL_USED, WRAP },
	{ "packed, other lap", DESC(0, 1, U, 3), DESC(0, 1, A, 3), VQA_FIELDS_PACKED,
	  VQA_F_AVAIL_USED, WRAP },
	{ "packed table, id is not ours", DESC(0, 1, W, 9), DESC(0, 1, W, 0),
	  VQA_FIELDS_TABLE_PACKED, 0, 0 },
	{ "packed table, length", DESC(0, 2, W, 9), DESC(0, 1, W, 0), VQA_FIELDS_TABLE_PACKED,
	  VQA_F_LEN, TAMPER },
	{ "split table, next", DESC(0, 1, N, 9), DESC(0, 1, N, 1), VQA_FIELDS_TABLE_SPLIT,
	  VQA_F_NEXT, TAMPER },
};

/* The walk finds a divergence exactly when the fields differ, and names the first one. */
static void descriptors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(descs); i++) {
		struct vqa_divergence d = {};
		__u32 fields = vqa_desc_diff(descs[i].seen, descs[i].want, descs[i].mask);

		if (fields != descs[i].fields)
			fail_msg("%s: fields %#x, not %#x", descs[i].name, fields, descs[i].fields);
		assert_int_equal(vqa_ring_rules(fields), descs[i].rules);
		assert_int_equal(!!vqa_table_rules(fields), !!fields);

		vqa_compare(&d, descs[i].want, descs[i].want, descs[i].mask, 0);
		assert_int_equal(d.found, 0);
		vqa_compare(&d, descs[i].seen, descs[i].want, descs[i].mask, 1);
		vqa_compare(&d, descs[i].seen, descs[i].want, descs[i].mask, 2);
		assert_int_equal(d.found, !!fields);
		assert_int_equal(d.at, fields ? 1 : 0);
		assert_int_equal(vqa_divergence_fields(&d, descs[i].mask), fields);
	}
}

/* Every differing field belongs to exactly one of the rules that it violates. */
static void fields_of_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(descs); i++) {
		__u32 fields = descs[i].fields, sum = 0;

		for (__u32 rule = 0; rule < VQA_RULES_MASKED; rule++) {
			__u32 own = vqa_rule_fields(rule, fields);

			if (!(vqa_ring_rules(fields) & VQA_RULE_BIT(rule)))
				continue;
			assert_int_not_equal(own, 0);
			assert_int_equal(sum & own, 0);
			sum |= own;
		}
		assert_int_equal(sum, fields);
	}
}

/* Bits that differ in several descriptors add up, the first one is kept. */
static void divergences_add_up(void **state)
{
	struct vqa_desc want = DESC(0x1000, 512, N, 1), seen = want, other = want;
	struct vqa_divergence d = {};

	(void)state;
	seen.len++;
	other.flags ^= N;
	vqa_compare(&d, seen, want, VQA_FIELDS_SPLIT, 5);
	vqa_compare(&d, other, want, VQA_FIELDS_SPLIT, 6);
	assert_int_equal(d.at, 5);
	assert_int_equal(d.seen.len, seen.len);
	assert_int_equal(vqa_divergence_fields(&d, VQA_FIELDS_SPLIT), VQA_F_LEN | VQA_F_NEXT_FLAG);
}

enum { BLOCK = 2, SCSI = 8 };

static const struct {
	__u32 device, len;
	__u64 writable;
	int version_1, over, quirk;
} lengths[] = {
	{ BLOCK, 0, 0, 1, 0, 1 },	  { BLOCK, 1, 0, 1, 1, 1 },
	{ BLOCK, 4096, 4096, 1, 0, 0 },	  { BLOCK, 4097, 4096, 1, 1, 0 },
	{ BLOCK, 4097, 4096, 0, 1, 1 },	  { BLOCK, ~0u, ~0u, 1, 0, 0 },
	{ BLOCK, ~0u, ~0u - 1, 1, 1, 0 }, { BLOCK, ~0u, 1ULL << 32, 1, 0, 0 },
	{ SCSI, 65644, 108, 1, 1, 1 },
};

static void used_lengths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		assert_int_equal(vqa_used_len_over(lengths[i].len, lengths[i].writable),
				 lengths[i].over);
		assert_int_equal(vqa_used_len_quirk(lengths[i].device, lengths[i].writable,
						    lengths[i].version_1),
				 lengths[i].quirk);
	}
}

static void writable_bytes(void **state)
{
	(void)state;
	assert_int_equal(vqa_desc_writable((struct vqa_desc)DESC(0, 512, W | N, 0)), 512);
	assert_int_equal(vqa_desc_writable((struct vqa_desc)DESC(0, 512, N | I, 0)), 0);
}

static void kinds_of_not_head(void **state)
{
	(void)state;
	assert_int_equal(vqa_not_head_kind(0, VQA_HEAD_NEVER), VQA_KIND_MID_CHAIN);
	assert_int_equal(vqa_not_head_kind(0, VQA_HEAD_DONE), VQA_KIND_MID_CHAIN);
	assert_int_equal(vqa_not_head_kind(1, VQA_HEAD_NEVER), VQA_KIND_NEVER);
	assert_int_equal(vqa_not_head_kind(1, VQA_HEAD_DONE), VQA_KIND_REPLAYED);
}

#define WRAPPED (1 << VQA_WRAP_BIT)

static const struct {
	int packed;
	__u32 num;
	__u16 from, to;
	__u32 distance;
} advances[] = {
	{ 0, 256, 0, 0, 0 },
	{ 0, 256, 0, 1, 1 },
	{ 0, 256, 65535, 0, 1 },
	{ 0, 256, 1, 0, 65535 },
	{ 1, 256, WRAPPED, WRAPPED | 255, 255 },
	{ 1, 256, WRAPPED | 255, 0, 1 },
	{ 1, 256, 255, WRAPPED, 1 },
	{ 1, 256, WRAPPED, 0, 256 },
	{ 1, 256, 0, WRAPPED, 256 },
	{ 1, 256, WRAPPED | 1, WRAPPED, 511 },
	{ 1, 256, WRAPPED | 5, WRAPPED | 5, 0 },
	{ 1, 7, WRAPPED | 6, 3, 4 },
};

static void used_index(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(advances); i++) {
		int packed = advances[i].packed;
		__u32 num = advances[i].num, d = advances[i].distance;

		assert_int_equal(vqa_used_distance(packed, num, advances[i].from, advances[i].to),
				 d);
		if (packed && d <= num)
			assert_int_equal(vqa_packed_advance(advances[i].from, d, num),
					 advances[i].to);
	}
}

/* A disk that may write says at least that it wrote its status byte. */
static void short_lengths(void **state)
{
	(void)state;
	assert_true(vqa_used_len_short(VIRTIO_ID_BLOCK, 0, 1));
	assert_false(vqa_used_len_short(VIRTIO_ID_BLOCK, 1, 1));
	assert_false(vqa_used_len_short(VIRTIO_ID_BLOCK, 0, 0));
	assert_false(vqa_used_len_short(VIRTIO_ID_NET, 0, 1));
}

static void indices(void **state)
{
	(void)state;
	assert_false(vqa_used_idx_jump(10, 5, 10));
	assert_true(vqa_used_idx_jump(11, 5, 10));
	assert_false(vqa_used_idx_jump(2, 65530, 2));
	assert_true(vqa_used_idx_jump(3, 65530, 2));
	assert_true(vqa_used_idx_jump(4, 5, 5)); /* behind the driver: ahead by nearly all */
	assert_false(vqa_index_back(5, 5));
	assert_false(vqa_index_back(0, 65535));
	assert_true(vqa_index_back(65535, 0));
	assert_true(vqa_index_back(4, 5));
}

/* Offered to the device: AVAIL is the driver's wrap counter, and USED is not. */
static void packed_avail(void **state)
{
	(void)state;
	assert_true(vqa_packed_is_avail(A, 1));
	assert_true(vqa_packed_is_avail(U, 0));
	assert_false(vqa_packed_is_avail(A | U, 1));
	assert_false(vqa_packed_is_avail(0, 0));
	assert_false(vqa_packed_is_avail(U, 1));
	assert_false(vqa_packed_is_avail(A, 0));
}

/* Whatever differs in a descriptor, or its place in the chain, changes the digest. */
static void digests(void **state)
{
	const __u64 key = 0x9e3779b97f4a7c15ULL;
	struct vqa_desc d = DESC(0x1000, 512, N | W, 7), other;
	__u64 one = vqa_mix_desc(0, d, key);

	(void)state;
	assert_int_equal(vqa_mix_desc(0, d, key), one);
	assert_int_not_equal(vqa_mix_desc(0, d, key + 2), one);
	assert_int_not_equal(vqa_mix_desc(one, d, key), one);
	for (unsigned int bit = 0; bit < 8 * sizeof(d); bit++) {
		memcpy(&other, &d, sizeof(d));
		((unsigned char *)&other)[bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(vqa_mix_desc(0, other, key), one);
	}
}

static void stronger(void **state)
{
	(void)state;
	for (__u32 a = 0; a < VQA_ACT_COUNT; a++)
		for (__u32 b = 0; b < VQA_ACT_COUNT; b++)
			assert_int_equal(vqa_stronger(a, b), a > b ? a : b);
}

static void verdicts(void **state)
{
	(void)state;
	assert_int_equal(vqa_verdict(VQA_ACT_IGNORE), 0);
	assert_int_equal(vqa_verdict(VQA_ACT_LOG), 0);
	assert_int_equal(vqa_verdict(VQA_ACT_ALERT), 0);
	assert_int_equal(vqa_verdict(VQA_ACT_BREAK), 1);
	assert_int_equal(vqa_verdict(VQA_ACT_PANIC), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors),	      cmocka_unit_test(fields_of_rules),
		cmocka_unit_test(divergences_add_up), cmocka_unit_test(used_lengths),
		cmocka_unit_test(writable_bytes),     cmocka_unit_test(kinds_of_not_head),
		cmocka_unit_test(used_index),	      cmocka_unit_test(verdicts),
		cmocka_unit_test(short_lengths),      cmocka_unit_test(indices),
		cmocka_unit_test(packed_avail),	      cmocka_unit_test(digests),
		cmocka_unit_test(stronger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
