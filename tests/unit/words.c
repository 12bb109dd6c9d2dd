// SPDX-License-Identifier: GPL-2.0
/* The words of a ring: for each way in which one can be wrong one that is, and one just right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vq_audit/words.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT VQA_WORD_BIT

/** struct look - words of a ring of 8, what was there before, and what is wrong */
struct look {
	const char *name;
	struct vqa_words w;
	struct vqa_words_past past;
	__u32 faults;
};

/* Ten were published, seven taken back: three are in flight. */
#define SPLIT .num = 8, .last_used = 7, .used_idx = 7, .next_avail = 10, .avail_idx = 10
#define SPLIT_BUT_AVAIL .num = 8, .last_used = 7, .used_idx = 7, .next_avail = 10
#define SPLIT_BUT_USED .num = 8, .last_used = 7, .next_avail = 10, .avail_idx = 10
#define PACKED .num = 8, .packed = 1, .last_used = 7, .next_avail = 2
#define PAST .valid = 1, .last_used = 5, .used_idx = 6, .device_event = 5

static const struct look looks[] = {
	{ "as it should be", { SPLIT }, { 0 }, 0 },
	{ "all of it, seen before", { SPLIT, .device_event = 5 }, { PAST }, 0 },
	{ "avail.idx ahead", { SPLIT_BUT_AVAIL, .avail_idx = 11 }, { 0 }, BIT(AVAIL_IDX) },
	{ "avail.idx two behind", { SPLIT_BUT_AVAIL, .avail_idx = 8 }, { 0 }, BIT(AVAIL_IDX) },
	{ "avail.idx yet to be written",
	  { SPLIT_BUT_AVAIL, .avail_idx = 9 },
	  { 0 },
	  BIT(AVAIL_IDX_LATE) },
	{ "used.idx up to avail.idx", { SPLIT_BUT_USED, .used_idx = 10 }, { 0 }, 0 },
	{ "used.idx beyond", { SPLIT_BUT_USED, .used_idx = 11 }, { 0 }, BIT(USED_AHEAD) },
	{ "used.idx where something was",
	  { SPLIT_BUT_USED, .used_idx = 12, .taken_back = 2 },
	  { 0 },
	  0 },
	{ "and beyond",
	  { SPLIT_BUT_USED, .used_idx = 13, .taken_back = 2 },
	  { 0 },
	  BIT(USED_AHEAD) },
	{ "used.idx behind the driver",
	  { SPLIT_BUT_USED, .used_idx = 6 },
	  { 0 },
	  BIT(USED_BEHIND) },
	{ "used.idx back to the driver's",
	  { SPLIT },
	  { .valid = 1, .last_used = 7, .used_idx = 9 },
	  BIT(USED_BACK) },
	{ "used.idx back, of which nothing is known",
	  { SPLIT },
	  { .valid = 0, .last_used = 7, .used_idx = 9 },
	  0 },
	{ "used.idx as before", { SPLIT }, { .valid = 1, .last_used = 7, .used_idx = 7 }, 0 },
	{ "interrupts off", { SPLIT, .driver_flags = 1, .driver_shadow = 1 }, { 0 }, 0 },
	{ "interrupts off, on for the device",
	  { SPLIT, .driver_shadow = 1 },
	  { 0 },
	  BIT(DRIVER_FLAGS_STALE) },
	{ "the same with EVENT_IDX", { SPLIT, .driver_shadow = 1, .event = 1 }, { 0 }, 0 },
	{ "avail.flags undefined", { SPLIT, .driver_flags = 2 }, { 0 }, BIT(DRIVER_FLAGS) },
	{ "NO_NOTIFY", { SPLIT, .device_flags = 1 }, { 0 }, 0 },
	{ "used.flags undefined", { SPLIT, .device_flags = 2 }, { 0 }, BIT(USED_FLAGS) },
	{ "NO_NOTIFY with EVENT_IDX",
	  { SPLIT, .device_flags = 1, .event = 1 },
	  { 0 },
	  BIT(USED_FLAGS) },
	{ "avail_event unwritten for long",
	  { SPLIT, .event = 1, .device_event = 0x8000 },
	  { .valid = 1, .last_used = 7, .used_idx = 7, .device_event = 0x8000 },
	  0 },
	{ "avail_event a ring ahead", { SPLIT, .event = 1, .device_event = 18 }, { PAST }, 0 },
	{ "avail_event further ahead",
	  { SPLIT, .event = 1, .device_event = 19 },
	  { PAST },
	  BIT(AVAIL_EVENT) },
	{ "avail_event a ring behind",
	  { SPLIT, .event = 1, .device_event = (__u16)-3 },
	  { PAST },
	  0 },
	{ "avail_event further behind",
	  { SPLIT, .event = 1, .device_event = (__u16)-4 },
	  { PAST },
	  BIT(AVAIL_EVENT) },
	{ "packed", { PACKED }, { 0 }, 0 },
	{ "packed: disabled by both",
	  { PACKED, .driver_flags = 1, .driver_shadow = 1, .device_flags = 1 },
	  { 0 },
	  0 },
	{ "packed: driver's flags stale",
	  { PACKED, .driver_flags = 0, .driver_shadow = 1 },
	  { 0 },
	  BIT(DRIVER_FLAGS_STALE) },
	{ "packed: stale for good reason",
	  { PACKED, .driver_flags = 0, .driver_shadow = 1, .triggered = 1 },
	  { 0 },
	  0 },
	{ "packed: driver's flags reserved",
	  { PACKED, .driver_flags = 4, .triggered = 1 },
	  { 0 },
	  BIT(DRIVER_FLAGS) },
	{ "packed: an offset, not negotiated",
	  { PACKED, .device_flags = 2 },
	  { 0 },
	  BIT(DEVICE_FLAGS) },
	{ "packed: the last offset",
	  { PACKED, .device_flags = 2, .event = 1, .device_event = 0x8007 },
	  { 0 },
	  0 },
	{ "packed: an offset beyond the ring",
	  { PACKED, .device_flags = 2, .event = 1, .device_event = 8 },
	  { 0 },
	  BIT(DEVICE_OFF) },
	{ "packed: an offset beyond, not asked for",
	  { PACKED, .device_flags = 0, .event = 1, .device_event = 8 },
	  { 0 },
	  0 },
	{ "packed: device's flags reserved",
	  { PACKED, .device_flags = 3, .event = 1 },
	  { 0 },
	  BIT(DEVICE_FLAGS) },
};

static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		const struct look *l = &looks[i];
		__u32 found = 0;

		for (__u32 word = 0; word < VQA_WORD_COUNT; word++)
			if (vqa_word_fault(&l->w, &l->past, word))
				found |= 1u << word;
		if (found != l->faults)
			fail_msg("%s: faults %#x, not %#x", l->name, found, l->faults);
	}
}

/* Each of them is wrong somewhere in the table; what a walk finds is not there. */
static void all_of_them(void **state)
{
	__u32 met = BIT(AVAIL_RING);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++)
		met |= looks[i].faults;
	assert_int_equal(met, (1u << VQA_WORD_COUNT) - 1);
}

static void pairs(void **state)
{
	const struct vqa_words w = { SPLIT_BUT_USED, .used_idx = 3, .driver_flags = 5 };
	const struct vqa_words_past past = { PAST };
	__u64 seen, want;

	(void)state;
	vqa_word_pair(&w, &past, VQA_WORD_USED_BEHIND, &seen, &want);
	assert_int_equal(seen, 3);
	assert_int_equal(want, 7);
	vqa_word_pair(&w, &past, VQA_WORD_USED_BACK, &seen, &want);
	assert_int_equal(want, 6);
	vqa_word_pair(&w, &past, VQA_WORD_DRIVER_FLAGS, &seen, &want);
	assert_int_equal(seen, 5);
	assert_int_equal(want, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults),
		cmocka_unit_test(all_of_them),
		cmocka_unit_test(pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
