// SPDX-License-Identifier: GPL-2.0
/* Records as they come from the ring buffer: what is whole passes, what is not is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "decode.h"

static struct vqa_event good(void)
{
	struct vqa_event e = {
		.version = VQA_ABI_VERSION,
		.type = VQA_EV_VIOLATION,
		.rule = VQA_RULE_NEXT_FLIP,
		.action = VQA_ACT_ALERT,
		.queue = { .num = 256, .bus = "0000:00:01.0", .name = "req.0" },
	};

	return e;
}

static int decode(const void *data, size_t size)
{
	const char *fault = NULL;
	struct vqa_event out;
	int err = decode__event(data, size, &out, &fault);

	assert_true(!err == !fault);
	return err;
}

static void whole_record(void **state)
{
	struct vqa_event e = good();
	unsigned char unaligned[sizeof(e) + 1];

	(void)state;
	assert_int_equal(decode(&e, sizeof(e)), 0);
	memcpy(unaligned + 1, &e, sizeof(e));
	assert_int_equal(decode(unaligned + 1, sizeof(e)), 0);
}

static void every_truncation(void **state)
{
	struct vqa_event e = good();

	(void)state;
	for (size_t size = 0; size < sizeof(e); size++)
		assert_int_equal(decode(&e, size), -EBADMSG);
}

/* A value beyond the enum in each field that is one. */
static void values_out_of_range(void **state)
{
	struct vqa_event e;

	(void)state;
#define REFUSED(field, value)                                      \
	do {                                                       \
		e = good();                                        \
		e.field = value;                                   \
		assert_int_equal(decode(&e, sizeof(e)), -EBADMSG); \
	} while (0)
	REFUSED(version, VQA_ABI_VERSION + 1);
	REFUSED(type, 0);
	REFUSED(type, VQA_EV_BROKEN + 1);
	REFUSED(rule, VQA_RULE_COUNT);
	REFUSED(action, VQA_ACT_COUNT);
	REFUSED(kind, VQA_KIND_COUNT);
}

/* Names come from the hypervisor: one that fills its field must still end. */
static void names_end(void **state)
{
	struct vqa_event e = good(), out;
	const char *fault;
	int err;

	(void)state;
	memset(e.queue.bus, 'x', sizeof(e.queue.bus));
	err = decode__event(&e, sizeof(e), &out, &fault);
	if (!err)
		assert_in_range(strnlen(out.queue.bus, sizeof(out.queue.bus)), 0,
				sizeof(out.queue.bus) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_record),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(values_out_of_range),
		cmocka_unit_test(names_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
