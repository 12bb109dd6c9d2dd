// SPDX-License-Identifier: GPL-2.0
/* Progress: for each thing that a look can find one queue that has it, and one just right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "describe_progress.h"
#include "sweep.h"
#include "vq_audit/progress.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT(id) (1u << VQA_LOOK_##id)

struct vector {
	const char *name;
	struct vqa_look l;
	__u32 faults;
};

/* Ten were published, seven taken back: three are in flight. */
#define SPLIT .num = 8, .last_used = 7, .used_idx = 7, .next_avail = 10, .avail_idx = 10
#define EVENT SPLIT, .event = 1
/* The last three slots of a lap are in flight; the driver publishes next at the start of another.
 */
#define PACKED .num = 8, .packed = 1, .last_used = 0x8005, .next_avail = 0
#define OFFSET PACKED, .event = 1, .device_flags = 2, .driver_shadow = 2
#define FLIGHT .in_flight = 3

static const struct vector kicks[] = {
	{ "published and not kicked", { .w = { SPLIT }, FLIGHT, .added = 1 }, BIT(KICK_NONE) },
	{ "NO_NOTIFY", { .w = { SPLIT, .device_flags = 1 }, FLIGHT, .added = 1 }, 0 },
	{ "kicked", { .w = { SPLIT }, FLIGHT }, 0 },
	{ "asked for the one that was added",
	  { .w = { EVENT, .device_event = 9 }, FLIGHT, .added = 1 },
	  BIT(KICK_NONE) },
	{ "asked for the first of two",
	  { .w = { EVENT, .device_event = 8 }, FLIGHT, .added = 2 },
	  BIT(KICK_NONE) },
	{ "asked for the one before",
	  { .w = { EVENT, .device_event = 8 }, FLIGHT, .added = 1 },
	  0 },
	{ "asked for the next one", { .w = { EVENT, .device_event = 10 }, FLIGHT, .added = 1 }, 0 },
	{ "owed", { .w = { SPLIT }, FLIGHT, .owed = 1 }, BIT(KICK_LOST) },
	{ "owed, and asked to wait", { .w = { SPLIT, .device_flags = 1 }, FLIGHT, .owed = 1 }, 0 },
	{ "owed, and all came back unread",
	  { .w = { SPLIT }, FLIGHT, .owed = 1, .unread = 3, .interrupted = 1 },
	  0 },
	{ "owed of an index",
	  { .w = { EVENT, .device_event = 9 }, FLIGHT, .owed = 1 },
	  BIT(KICK_LOST) },
	{ "owed, and the device went on by itself",
	  { .w = { EVENT, .device_event = 10 }, FLIGHT, .owed = 1 },
	  0 },
	{ "before DRIVER_OK", { .w = { SPLIT }, FLIGHT, .added = 1, .quiet = VQA_QUIET_EARLY }, 0 },
	{ "packed", { .w = { PACKED }, FLIGHT, .added = 1 }, BIT(KICK_NONE) },
	{ "packed: disabled", { .w = { PACKED, .device_flags = 1 }, FLIGHT, .added = 1 }, 0 },
	{ "packed: asked for the slot, a lap ago",
	  { .w = { OFFSET, .device_event = 0x8007 }, FLIGHT, .added = 1 },
	  BIT(KICK_NONE) },
	{ "packed: asked for the next slot",
	  { .w = { OFFSET, .device_event = 0 }, FLIGHT, .added = 1 },
	  0 },
	{ "packed: the same slot, a lap ahead",
	  { .w = { OFFSET, .device_event = 7 }, FLIGHT, .added = 1 },
	  0 },
	{ "packed: owed",
	  { .w = { OFFSET, .device_event = 0x8007 }, FLIGHT, .owed = 1 },
	  BIT(KICK_LOST) },
	{ "packed: owed, disabled",
	  { .w = { PACKED, .event = 1, .device_flags = 1 }, FLIGHT, .owed = 1 },
	  0 },
	{ "packed: owed, went on by itself",
	  { .w = { OFFSET, .device_event = 0 }, FLIGHT, .owed = 1 },
	  0 },
};

static const struct vector notifications[] = {
	{ "unread", { .w = { SPLIT }, FLIGHT, .unread = 1 }, BIT(SILENT) },
	{ "unread, and an interrupt came",
	  { .w = { SPLIT }, FLIGHT, .unread = 1, .interrupted = 1 },
	  0 },
	{ "unread, not asked for", { .w = { SPLIT, .driver_shadow = 1 }, FLIGHT, .unread = 1 }, 0 },
	{ "asked for the one that is unread",
	  { .w = { EVENT }, FLIGHT, .unread = 1, .driver_event = 7 },
	  BIT(SILENT) },
	{ "asked for the one behind it",
	  { .w = { EVENT }, FLIGHT, .unread = 1, .driver_event = 8 },
	  0 },
	{ "asked for the second of two",
	  { .w = { EVENT }, FLIGHT, .unread = 2, .driver_event = 8 },
	  BIT(SILENT) },
	{ "EVENT_IDX, turned off",
	  { .w = { EVENT, .driver_shadow = 1 }, FLIGHT, .unread = 1, .driver_event = 7 },
	  0 },
	{ "the device is to be quiet",
	  { .w = { SPLIT }, FLIGHT, .unread = 1, .quiet = VQA_QUIET_RESET },
	  0 },
	{ "packed", { .w = { PACKED }, FLIGHT, .unread = 1 }, BIT(SILENT) },
	{ "packed: disabled", { .w = { PACKED, .driver_shadow = 1 }, FLIGHT, .unread = 1 }, 0 },
	{ "packed: asked for the slot",
	  { .w = { OFFSET }, FLIGHT, .unread = 1, .driver_event = 0x8005 },
	  BIT(SILENT) },
	{ "packed: asked for the slot behind it",
	  { .w = { OFFSET }, FLIGHT, .unread = 1, .driver_event = 0x8006 },
	  0 },
	{ "packed: asked for the last slot, and on to the next lap",
	  { .w = { OFFSET }, FLIGHT, .unread = 3, .driver_event = 0x8007 },
	  BIT(SILENT) },
	{ "as many as are let pass", { .w = { SPLIT }, FLIGHT, .storm = VQA_STORM_RATE }, 0 },
	{ "one more", { .w = { SPLIT }, FLIGHT, .storm = VQA_STORM_RATE + 1 }, BIT(STORM) },
};

static const struct vector queues[] = {
	{ "12 descriptors", { .w = { .num = 12 } }, BIT(SIZE_ODD) },
	{ "16 descriptors", { .w = { .num = 16 } }, 0 },
	{ "12 descriptors, packed", { .w = { .num = 12, .packed = 1 } }, 0 },
	{ "as many as there may be", { .w = { .num = 32768 } }, 0 },
	{ "twice as many", { .w = { .num = 65536 } }, BIT(SIZE_RANGE) },
	{ "one more, packed", { .w = { .num = 32769, .packed = 1 } }, BIT(SIZE_RANGE) },
	{ "none", { .w = { .num = 0 } }, BIT(SIZE_RANGE) },
	{ "used before DRIVER_OK",
	  { .w = { .num = 8 }, .quiet = VQA_QUIET_EARLY, .wrote = 1 },
	  BIT(EARLY_USED) },
	{ "used after a reset",
	  { .w = { .num = 8 }, .quiet = VQA_QUIET_RESET, .wrote = 1 },
	  BIT(RESET_USED) },
	{ "quiet, as it should be", { .w = { .num = 8 }, .quiet = VQA_QUIET_RESET }, 0 },
};

static __u32 faults_of(const struct vqa_look *l)
{
	__u32 found = 0;

	for (__u32 id = 0; id < VQA_LOOK_COUNT; id++)
		if (vqa_look_fault(l, id))
			found |= 1u << id;
	return found;
}

static __u32 judge(const struct vector *v, size_t n)
{
	__u32 met = 0;

	for (size_t i = 0; i < n; i++) {
		__u32 found = faults_of(&v[i].l);

		if (found != v[i].faults)
			fail_msg("%s: faults %#x, not %#x", v[i].name, found, v[i].faults);
		met |= found;
	}
	return met;
}

static void faults(void **state)
{
	__u32 met = 0;

	(void)state;
	met |= judge(kicks, ARRAY_SIZE(kicks));
	met |= judge(notifications, ARRAY_SIZE(notifications));
	met |= judge(queues, ARRAY_SIZE(queues));
	assert_int_equal(met, (1u << VQA_LOOK_COUNT) - 1);
}

/* What stands goes on standing whatever else the driver does, and begins anew with another. */
static void signs(void **state)
{
	struct vqa_look a = { .w = { SPLIT }, .storm = 200 }, b = a;

	(void)state;
	b.w.last_used++;
	assert_int_equal(vqa_look_sign(&a, VQA_LOOK_KICK_NONE),
			 vqa_look_sign(&b, VQA_LOOK_KICK_NONE));
	assert_int_not_equal(vqa_look_sign(&a, VQA_LOOK_SILENT),
			     vqa_look_sign(&b, VQA_LOOK_SILENT));
	b.storm = 300;
	assert_int_equal(vqa_look_sign(&a, VQA_LOOK_STORM), vqa_look_sign(&b, VQA_LOOK_STORM));
	b.w.next_avail++;
	assert_int_not_equal(vqa_look_sign(&a, VQA_LOOK_KICK_LOST),
			     vqa_look_sign(&b, VQA_LOOK_KICK_LOST));
	for (__u32 id = 0; id < VQA_LOOK_COUNT; id++)
		assert_int_not_equal(vqa_look_sign(&(struct vqa_look){ 0 }, id), 0);
}

static __u64 name_of(const char *text)
{
	__u64 name = 0;

	memcpy(&name, text, strnlen(text, sizeof(name)));
	return name;
}

static void classes(void **state)
{
	(void)state;
	assert_int_equal(vqa_queue_class(1, 2, name_of("control")), VQA_CLASS_CONTROL);
	assert_int_equal(vqa_queue_class(3, 3, name_of("control-o")), VQA_CLASS_CONTROL);
	assert_int_equal(vqa_queue_class(20, 1, name_of("controlq")), VQA_CLASS_CONTROL);
	assert_int_equal(vqa_queue_class(16, 0, name_of("control")), VQA_CLASS_REQUEST);
	assert_int_equal(vqa_queue_class(2, 0, name_of("req.0")), VQA_CLASS_REQUEST);
	assert_int_equal(vqa_queue_class(1, 1, name_of("contro")), VQA_CLASS_REQUEST);
	assert_int_equal(vqa_queue_class(5, 2, name_of("stats")), VQA_CLASS_KEPT);
	assert_int_equal(vqa_queue_class(5, 0, name_of("inflate")), VQA_CLASS_REQUEST);
	assert_int_equal(vqa_stall_limit(VQA_CLASS_KEPT, 30000), 0);
	assert_int_equal(vqa_stall_limit(VQA_CLASS_REQUEST, 30000), 30000);
	assert_int_equal(vqa_stall_limit(VQA_CLASS_CONTROL, 30000), 3000);
	assert_int_equal(vqa_stall_limit(VQA_CLASS_CONTROL, 1), 1);
	assert_int_equal(vqa_stall_limit(VQA_CLASS_CONTROL, 0), 0);
}

static void ages(void **state)
{
	(void)state;
	assert_int_equal(vqa_age(vqa_born(1000), 31000), 30000);
	assert_int_equal(vqa_age(vqa_born(1000) | VQA_BORN_TOLD, 31001), 30001);
	assert_int_equal(vqa_age(vqa_born(0x7fffffff), 0x80000010ULL), 0x11);
	assert_int_not_equal(vqa_born(0x80000000ULL), 0);
	assert_int_equal(vqa_born(~0ULL) & VQA_BORN_TOLD, 0);
}

static void storms(void **state)
{
	(void)state;
	assert_int_equal(vqa_storm_rate(150, 0, 1000), 150);
	assert_int_equal(vqa_storm_rate(150, 0, 1500), 100);
	assert_int_equal(vqa_storm_rate(150, 140, 1000), 10);
	assert_int_equal(vqa_storm_rate(150, 151, 1000), 0); /* a shared vector */
	assert_int_equal(vqa_storm_rate(~0u, 0, 1000), ~0u);
}

static void periods(void **state)
{
	(void)state;
	assert_int_equal(progress__period(30000), 1000);
	assert_int_equal(progress__period(5000), 250);
	assert_int_equal(progress__period(1), 50);
	assert_int_equal(progress__period(0), 1000);
}

static void words(void **state)
{
	const struct {
		struct vqa_event e;
		const char *text;
	} said[] = {
		{ { .rule = VQA_RULE_STALL,
		    .id = 3,
		    .chain = 2,
		    .seen.addr = 5100,
		    .want.addr = 5000 },
		  "buffer 3 (2 descriptors): the device has had it for 5100 ms or more; this queue "
		  "allows 5000" },
		{ { .rule = VQA_RULE_NOTIFY_STORM, .seen.addr = 700, .want.addr = 100 },
		  "700 interrupts a second for which nothing was used; more than 100" },
		{ { .rule = VQA_RULE_AFTER_RESET, .kind = VQA_KIND_QUIET_IRQ },
		  "the device interrupts although it was reset" },
		{ { .rule = VQA_RULE_BEFORE_DRIVER_OK, .kind = VQA_KIND_QUIET_USED },
		  "the device uses buffers before the driver has set DRIVER_OK" },
		{ { .rule = VQA_RULE_QUEUE_SIZE, .kind = VQA_KIND_SIZE_ODD, .seen.addr = 12 },
		  "a split ring's size is no power of two: 12" },
	};
	char buf[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		assert_true(describe_progress(&said[i].e, buf, sizeof(buf)));
		assert_string_equal(buf, said[i].text);
	}
	assert_false(describe_progress(&(struct vqa_event){ .rule = VQA_RULE_DESC_TAMPER }, buf,
				       sizeof(buf)));
}

static void habits(void **state)
{
	(void)state;
	assert_true(vqa_kick_quirk(23, 1));
	assert_false(vqa_kick_quirk(23, 0));
	assert_false(vqa_kick_quirk(2, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults), cmocka_unit_test(signs),  cmocka_unit_test(classes),
		cmocka_unit_test(ages),	  cmocka_unit_test(storms), cmocka_unit_test(periods),
		cmocka_unit_test(words),  cmocka_unit_test(habits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
