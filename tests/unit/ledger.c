// SPDX-License-Identifier: GPL-2.0
/* Mappings, and what does not fit them: for each fault one that is wrong, and one just right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vq_audit/ledger.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define W VQA_DESC_F_WRITE
#define TO VQA_DMA_TO_DEVICE
#define FROM VQA_DMA_FROM_DEVICE
#define BOTH VQA_DMA_BIDIRECTIONAL

static const struct {
	const char *name;
	__u32 live, size, dir, mixed;
	__u64 offset;
	__u32 len, flags, fault;
} published[] = {
	{ "all of it", 1, 4096, FROM, 0, 0, 4096, W, VQA_KIND_NONE },
	{ "its end", 1, 4096, FROM, 0, 4095, 1, W, VQA_KIND_NONE },
	{ "a byte more", 1, 4096, FROM, 0, 0, 4097, W, VQA_KIND_MAP_BEYOND },
	{ "beyond its end", 1, 4096, FROM, 0, 4095, 2, W, VQA_KIND_MAP_BEYOND },
	{ "nearly 2^32 bytes", 1, 4096, FROM, 0, 4095, ~0u, W, VQA_KIND_MAP_BEYOND },
	{ "unmapped", 0, 4096, FROM, 0, 0, 4096, W, VQA_KIND_MAP_ENDED },
	{ "mapped twice", 2, 4096, FROM, 0, 0, 4096, W, VQA_KIND_NONE },
	{ "written, mapped to be read", 1, 4096, TO, 0, 0, 16, W, VQA_KIND_MAP_DIRECTION },
	{ "read, mapped to be written", 1, 4096, FROM, 0, 0, 16, 0, VQA_KIND_MAP_DIRECTION },
	{ "read, mapped so", 1, 4096, TO, 0, 0, 16, 0, VQA_KIND_NONE },
	{ "written, mapped for both", 1, 4096, BOTH, 0, 0, 16, W, VQA_KIND_NONE },
	{ "read, mapped for both", 1, 4096, BOTH, 0, 0, 16, 0, VQA_KIND_NONE },
	{ "mapped twice, each way", 2, 4096, TO, 1, 0, 16, W, VQA_KIND_NONE },
	{ "mapped twice, not so far", 2, 4096, TO, 1, 4096, 16, W, VQA_KIND_MAP_BEYOND },
};

static void publication(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(published); i++) {
		struct vqa_mapping m = {
			.size = published[i].size,
			.dir = published[i].dir,
			.mixed = published[i].mixed,
		};
		struct vqa_desc d = { .len = published[i].len, .flags = published[i].flags };
		__u32 fault = vqa_mapping_fault(&m, published[i].live, published[i].offset, d);

		if (fault != published[i].fault)
			fail_msg("%s: %u, not %u", published[i].name, fault, published[i].fault);
	}
}

static const struct {
	const char *name;
	__u64 offset;
	__u32 len, flags;
	__u64 more_offset;
	__u32 more_len, more_flags, fault;
} shared[] = {
	{ "all of it", 0, 64, W, 0, 64, W, VQA_KIND_MAP_SHARED },
	{ "its last byte", 64, 64, W, 127, 64, W, VQA_KIND_MAP_SHARED },
	{ "from behind it on", 64, 64, W, 128, 64, W, VQA_KIND_NONE },
	{ "its first byte", 64, 64, W, 1, 64, W, VQA_KIND_MAP_SHARED },
	{ "up to it", 64, 64, W, 0, 64, W, VQA_KIND_NONE },
	{ "what is in the middle of it", 64, 64, W, 80, 1, W, VQA_KIND_MAP_SHARED },
	{ "all around it", 64, 64, W, 0, 4096, W, VQA_KIND_MAP_SHARED },
	{ "nothing", 64, 64, W, 80, 0, W, VQA_KIND_NONE },
	{ "read where it is written", 0, 64, W, 0, 64, 0, VQA_KIND_NONE },
	{ "written where it is read", 64, 64, 0, 0, 4096, W, VQA_KIND_NONE },
	{ "nearly 2^32 bytes before it", 4095, ~0u, W, 0, 64, W, VQA_KIND_NONE },
	{ "nearly 2^32 bytes, into it", 4095, 1, W, 0, ~0u, W, VQA_KIND_MAP_SHARED },
};

/* A descriptor where another one was published. */
static void overlapping(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++) {
		struct vqa_mapping m = { .size = 4096, .dir = BOTH };
		struct vqa_desc one = { .len = shared[i].len, .flags = shared[i].flags };
		struct vqa_desc more = { .len = shared[i].more_len, .flags = shared[i].more_flags };
		__u32 fault;

		vqa_mapping_publish(&m, shared[i].offset, one);
		fault = vqa_overlap_fault(&m, shared[i].more_offset, more);
		if (fault != shared[i].fault)
			fail_msg("%s: %u, not %u", shared[i].name, fault, shared[i].fault);
	}
}

static const struct {
	const char *name;
	__u32 live, mixed, size, dir, fault;
} unmapped[] = {
	{ "as it was mapped", 1, 0, 4096, FROM, VQA_KIND_NONE },
	{ "again", 0, 0, 4096, FROM, VQA_KIND_UNMAP_TWICE },
	{ "one of two", 2, 0, 4096, FROM, VQA_KIND_NONE },
	{ "less of it", 1, 0, 4095, FROM, VQA_KIND_UNMAP_SIZE },
	{ "more than it", 1, 0, 4097, FROM, VQA_KIND_UNMAP_SIZE },
	{ "in the other direction", 1, 0, 4096, TO, VQA_KIND_UNMAP_DIRECTION },
	{ "in both directions", 1, 0, 4096, BOTH, VQA_KIND_UNMAP_DIRECTION },
	{ "one of two that differ", 2, 1, 512, TO, VQA_KIND_NONE },
	{ "again, after two that differed", 0, 1, 512, TO, VQA_KIND_UNMAP_TWICE },
};

static void unmapping(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unmapped); i++) {
		struct vqa_mapping m = { .size = 4096, .dir = FROM, .mixed = unmapped[i].mixed };
		__u32 fault =
			vqa_unmap_fault(&m, unmapped[i].live, unmapped[i].size, unmapped[i].dir);

		if (fault != unmapped[i].fault)
			fail_msg("%s: %u, not %u", unmapped[i].name, fault, unmapped[i].fault);
	}
}

static void add(struct vqa_mapping *m, __u32 before, __u32 size, __u32 dir)
{
	struct vqa_mapping one = { .size = size, .dir = dir, .made = 7, .task = 8, .cpu = 9 };

	vqa_mapping_add(m, before, &one);
}

/* What lives under one address adds up; once nothing does, it is as new. */
static void adding(void **state)
{
	struct vqa_mapping m = { .vq = 1, .mixed = 1, .told = 1, .passes = 3 };

	(void)state;
	add(&m, 0, 512, TO);
	assert_int_equal(m.size, 512);
	assert_int_equal(m.dir, TO);
	assert_false(m.vq || m.mixed || m.told || m.passes);
	assert_true(m.made == 7 && m.task == 8 && m.cpu == 9);
	m.vq = 1;
	m.made = 6;
	add(&m, 1, 512, TO);
	assert_false(m.mixed);
	assert_true(m.vq);
	assert_int_equal(m.made, 6); /* the first one's */
	add(&m, 2, 256, TO);
	assert_true(m.mixed);
	assert_int_equal(m.size, 512);
	add(&m, 3, 4096, TO);
	assert_int_equal(m.size, 4096);
	add(&m, 0, 64, FROM);
	assert_false(m.mixed);
	add(&m, 1, 64, TO);
	assert_true(m.mixed);
}

/* After a mapping was missed, what ended before is doubted, and nothing that ended later. */
static void doubts(void **state)
{
	struct vqa_mapping m = { .since = 1000 };

	(void)state;
	assert_false(vqa_mapping_doubted(&m, 0, 0, 0));
	assert_false(vqa_mapping_doubted(&m, 0, 999, 0));
	assert_true(vqa_mapping_doubted(&m, 0, 1000, 0));
	assert_true(vqa_mapping_doubted(&m, 0, 2000, 0));
	assert_false(vqa_mapping_doubted(&m, 1, 2000, 0)); /* it is mapped */
}

/* What was not seen for a while: of what is older nothing is known, and what may be is doubted. */
static void unseen(void **state)
{
	const __u64 not_yet = 1ULL << 63; /* TRACED_NOT */
	struct vqa_mapping m = { .since = 5000, .live = 1 };

	(void)state;
	assert_false(vqa_mapping_old(&m, 0) || vqa_mapping_unknown(&m, 0));
	assert_false(vqa_mapping_old(&m, 5000) || vqa_mapping_unknown(&m, 5000));
	assert_true(vqa_mapping_old(&m, 5001) && vqa_mapping_unknown(&m, 5001));
	assert_true(vqa_mapping_old(&m, not_yet) && vqa_mapping_unknown(&m, not_yet));
	m.live = VQA_MAPPING_FILLED;
	assert_false(vqa_mapping_old(&m, 5001)); /* there is nothing to be undone */
	assert_true(vqa_mapping_unknown(&m, 5001));
	assert_false(vqa_mapping_doubted(&m, 0, 0, 4999 - VQA_UNSEEN_GRACE));
	assert_true(vqa_mapping_doubted(&m, 0, 0, 5000 - VQA_UNSEEN_GRACE));
	assert_false(vqa_mapping_doubted(&m, 1, 0, 5000)); /* it is mapped */
	assert_false(vqa_fill_doubted(&m, 0, 4999 - VQA_UNSEEN_GRACE));
	assert_true(vqa_fill_doubted(&m, 0, 5000 - VQA_UNSEEN_GRACE));
}

/* What filled a bounce buffer may have been the missed one, up to a while before it was mapped. */
static void doubted_fills(void **state)
{
	struct vqa_mapping m = { .since = 5000 };

	(void)state;
	assert_false(vqa_fill_doubted(&m, 0, 0));
	assert_true(vqa_fill_doubted(&m, 6000, 0));
	assert_true(vqa_fill_doubted(&m, 5000 - VQA_UNSEEN_GRACE, 0));
	assert_false(vqa_fill_doubted(&m, 4999 - VQA_UNSEEN_GRACE, 0));
}

/* Entries without a mapping are forgotten, what was filled and may yet be mapped later. */
static void forgetting(void **state)
{
	struct vqa_mapping m = { .passes = VQA_LEDGER_PASSES };

	(void)state;
	assert_true(vqa_mapping_lasts(&m));
	m.passes++;
	assert_false(vqa_mapping_lasts(&m));
	m.live = VQA_MAPPING_FILLED;
	assert_true(vqa_mapping_lasts(&m));
	m.passes = VQA_FILL_PASSES;
	assert_true(vqa_mapping_lasts(&m));
	m.passes++;
	assert_false(vqa_mapping_lasts(&m));
}

static const struct {
	const char *name;
	__u64 addr, size, mapped;
	__u32 fault;
} copies[] = {
	{ "all of it", 0x8000, 64, 64, VQA_KIND_NONE },
	{ "a byte more", 0x8000, 65, 64, VQA_KIND_COPY_BEYOND },
	{ "its last byte", 0x803f, 1, 64, VQA_KIND_NONE },
	{ "over its last byte", 0x803f, 2, 64, VQA_KIND_COPY_BEYOND },
	{ "from behind it on", 0x8064, 1, 64, VQA_KIND_COPY_BEYOND },
	{ "the rest, from its second slot on", 0x8800, 952, 952, VQA_KIND_NONE },
	{ "more than that", 0x8800, 953, 952, VQA_KIND_COPY_BEYOND },
};

static void copying(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(copies); i++)
		if (vqa_copy_fault(copies[i].addr, copies[i].size, copies[i].mapped) !=
		    copies[i].fault)
			fail_msg("%s", copies[i].name);
}

static const struct {
	const char *name;
	__u32 dir, mixed, live, fault;
} slots[] = {
	{ "to be written, and not filled", FROM, 0, 1, VQA_KIND_SLOT_STALE },
	{ "filled", FROM, 0, 1 | VQA_MAPPING_FILLED, VQA_KIND_NONE },
	{ "to be read", TO, 0, 1, VQA_KIND_NONE },
	{ "one of two that differ", FROM, 1, 2, VQA_KIND_NONE },
};

static void filling(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(slots); i++) {
		struct vqa_mapping m = { .dir = slots[i].dir,
					 .mixed = slots[i].mixed,
					 .live = slots[i].live };

		if (vqa_slot_fault(&m) != slots[i].fault)
			fail_msg("%s", slots[i].name);
	}
}

static void counting(void **state)
{
	(void)state;
	assert_int_equal(vqa_mapping_live(0), 0);
	assert_int_equal(vqa_mapping_live(3), 3);
	assert_int_equal(vqa_mapping_live(3 | VQA_MAPPING_FILLED), 3);
	assert_int_equal(vqa_mapping_live(VQA_MAPPING_FILLED | VQA_MAPPING_GOING), 0);
}

static const struct {
	const char *name;
	__u32 from, to, made, task, cpu;
	int of;
} errors[] = {
	{ "the first after its beginning", 10, 20, 11, 8, 1, 1 },
	{ "the last before its end", 10, 20, 20, 8, 1, 1 },
	{ "made before", 10, 20, 10, 8, 1, 0 },
	{ "made after", 10, 20, 21, 8, 1, 0 },
	{ "of another task", 10, 20, 15, 9, 1, 0 },
	{ "on another CPU", 10, 20, 15, 8, 2, 0 },
	{ "nothing was mapped for it", 10, 10, 10, 8, 1, 0 },
	{ "over the end of the count", ~0U - 1, 2, 0, 8, 1, 1 },
	{ "before, over the end of the count", ~0U - 1, 2, ~0U - 1, 8, 1, 0 },
};

static void failing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct vqa_mapping m = { .made = errors[i].made,
					 .task = errors[i].task,
					 .cpu = errors[i].cpu };
		struct vqa_map_error e = {
			.vq = 1, .from = errors[i].from, .to = errors[i].to, .task = 8, .cpu = 1
		};

		if (vqa_mapping_of_error(&m, &e) != errors[i].of)
			fail_msg("%s", errors[i].name);
		e.vq = 0;
		assert_false(vqa_mapping_of_error(&m, &e));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(publication), cmocka_unit_test(overlapping),
		cmocka_unit_test(unmapping),   cmocka_unit_test(adding),
		cmocka_unit_test(doubts),      cmocka_unit_test(doubted_fills),
		cmocka_unit_test(unseen),      cmocka_unit_test(forgetting),
		cmocka_unit_test(copying),     cmocka_unit_test(filling),
		cmocka_unit_test(counting),    cmocka_unit_test(failing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
