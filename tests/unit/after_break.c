// SPDX-License-Identifier: GPL-2.0
/* What is done about a broken queue, how often, and who is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "after_break.h"
#include "attempts.h"
#include "clock.h"
#include "fake_sysfs.h"

#define HOUR 3600000LL
#define UNBIND "sys/" VIRTIO "/drivers/virtio_net/unbind"

/* --- what users type ------------------------------------------------------------ */

static void words(void **state)
{
	(void)state;
	assert_int_equal(on_break__word("leave"), ON_BREAK_LEAVE);
	assert_int_equal(on_break__word("recover"), ON_BREAK_RECOVER);
	assert_int_equal(on_break__word("panic"), ON_BREAK_PANIC);
	assert_int_equal(on_break__word("Recover"), -EINVAL);
	assert_int_equal(on_break__word(""), -EINVAL);
}

static void parse(struct on_break *o, const char *text, int want)
{
	char why[256] = "";

	assert_int_equal(on_break__parse(o, text, why, sizeof(why)), want);
	assert_int_equal(!!why[0], !!want);
}

static void the_last_word_counts(void **state)
{
	struct on_break o = { 0 };

	(void)state;
	assert_int_equal(on_break__of(&o, "virtio0", "0000:00:01.0"), ON_BREAK_LEAVE);
	assert_false(on_break__asks(&o, ON_BREAK_RECOVER));
	parse(&o, "virtio0=panic", 0);
	parse(&o, "recover", 0);
	parse(&o, "0000:00:03.0=leave", 0);
	parse(&o, "explode", -EINVAL);
	parse(&o, "virtio0=explode", -EINVAL);
	parse(&o, "=recover", -EINVAL);
	assert_int_equal(on_break__of(&o, "virtio0", "0000:00:01.0"), ON_BREAK_PANIC);
	assert_int_equal(on_break__of(&o, "virtio1", "0000:00:02.0"), ON_BREAK_RECOVER);
	assert_int_equal(on_break__of(&o, "virtio2", "0000:00:03.0"), ON_BREAK_LEAVE);
	assert_true(on_break__asks(&o, ON_BREAK_PANIC));
	parse(&o, "virtio0=leave", 0);
	assert_false(on_break__asks(&o, ON_BREAK_PANIC));
	on_break__free(&o);
	assert_int_equal(on_break__of(&o, "virtio1", "0000:00:02.0"), ON_BREAK_LEAVE);
}

/* --- how often ------------------------------------------------------------------- */

static void so_many_an_hour(void **state)
{
	struct attempts a = { 0 };

	(void)state;
	assert_int_equal(attempts__take(&a, 2, 1000), 1);
	assert_int_equal(attempts__take(&a, 2, 2000), 2);
	assert_int_equal(attempts__take(&a, 2, 3000), 0);
	assert_int_equal(attempts__take(&a, 2, 999 + HOUR), 0);
	assert_int_equal(attempts__take(&a, 2, 1000 + HOUR), 2);
	assert_int_equal(attempts__take(&a, 2, 1001 + HOUR), 0);
	assert_int_equal(attempts__take(&a, 2, 9 * HOUR), 1);
}

static void so_many_as_there_is_room_for(void **state)
{
	struct attempts a = { 0 };

	(void)state;
	for (unsigned int i = 1; i <= ATTEMPTS_MAX; i++)
		assert_int_equal(attempts__take(&a, 99, i), i);
	assert_int_equal(attempts__take(&a, 99, 100), 0);
}

/* --- the thread ------------------------------------------------------------------- */

static struct fake fake;
static struct recoverer *recoverer;

static int start(void **state)
{
	struct recoverer_opts opts = { .attempts = 2 };

	(void)state;
	fake__new(&fake, "virtio_net", "0x0001\n");
	opts.how = (struct recover_opts){ .sysfs = fake.sys, .proc = fake.proc };
	return recoverer__start(&recoverer, &opts);
}

static int stop(void **state)
{
	(void)state;
	recoverer__stop(recoverer);
	recoverer__free(recoverer);
	fake__free(&fake);
	return 0;
}

static struct recovery outcome(void)
{
	struct recovery r;

	while (!recoverer__next(recoverer, &r))
		usleep(1000);
	return r;
}

/* Broken at this very moment: later than what was done about it before. */
static void ask(void)
{
	usleep(2000);
	recoverer__ask(recoverer, 1, clock__now_ms());
}

static void expect(enum recovery_outcome want, unsigned int attempt)
{
	struct recovery r = outcome();

	if (r.outcome != want || r.attempt != attempt)
		fail_msg("%s, attempt %u: %s", recovery__name(r.outcome), r.attempt, r.text);
	assert_int_equal(r.attempts, 2);
	assert_string_equal(r.device.name, "virtio1");
}

/* Once the thread has looked at this one, it has seen all that was asked before. */
static void expect_nothing_but(unsigned int other)
{
	char name[24];

	usleep(2000);
	recoverer__ask(recoverer, other, clock__now_ms());
	snprintf(name, sizeof(name), "virtio%u", other);
	assert_string_equal(outcome().device.name, name);
}

static void it_gives_up(void **state)
{
	(void)state;
	ask();
	expect(RECOVERY_DONE, 1);
	assert_string_equal(fake__read(&fake, UNBIND), "virtio1");
	ask();
	expect(RECOVERY_DONE, 2);
	fake__write(&fake, UNBIND, "");
	ask();
	expect(RECOVERY_GIVEN_UP, 0);
	ask();
	ask();
	expect_nothing_but(7);
	assert_string_equal(fake__read(&fake, UNBIND), "");
}

static void what_was_mended_is_not_mended_again(void **state)
{
	long long before = clock__now_ms();

	(void)state;
	ask();
	expect(RECOVERY_DONE, 1);
	recoverer__ask(recoverer, 1, before);
	expect_nothing_but(7);
}

static void a_refusal_stands_until_it_breaks_anew(void **state)
{
	(void)state;
	fake__write(&fake, "sys/" HOME "/block/vda/inflight", "1 0\n");
	ask();
	expect(RECOVERY_REFUSED, 1);
	ask();
	expect_nothing_but(7);
	recoverer__well(recoverer, 1);
	fake__write(&fake, "sys/" HOME "/block/vda/inflight", "0 0\n");
	ask();
	expect(RECOVERY_DONE, 2);
}

static void a_failure_is_tried_again(void **state)
{
	(void)state;
	fake__write(&fake, "sys/" HOME "/status", "0x00000083\n");
	ask();
	expect(RECOVERY_FAILED, 1);
	expect(RECOVERY_FAILED, 2);
	expect(RECOVERY_GIVEN_UP, 0);
}

/* --- from counters ------------------------------------------------------------------ */

static struct queue_view queue(unsigned int device, unsigned int index, bool broken)
{
	struct queue_view v = { .broken = broken };

	v.id.vdev_index = device;
	v.id.index = index;
	snprintf(v.id.bus, sizeof(v.id.bus), "0000:00:%02x.0", device + 1);
	return v;
}

static void by_the_device_of_a_broken_queue(void **state)
{
	struct queue_view queues[] = { queue(0, 0, false), queue(1, 0, false), queue(1, 1, true),
				       queue(2, 0, true) };
	struct stats stats = { .queues = queues, .n = 4 };
	struct sinks sinks = { 0 };
	struct on_break o = { 0 };
	struct recovery r;
	char why[64];

	(void)state;
	assert_false(after_break__see_to(&o, NULL, &stats, clock__now_ms()));
	on_break__parse(&o, "0000:00:02.0=recover", why, sizeof(why));
	assert_false(after_break__see_to(&o, recoverer, &stats, clock__now_ms()));
	while (!stats.recoveries[RECOVERY_DONE])
		after_break__tell(recoverer, &stats, &sinks);
	assert_false(recoverer__next(recoverer, &r));

	on_break__parse(&o, "virtio0=panic", why, sizeof(why));
	assert_false(after_break__see_to(&o, recoverer, &stats, 0));
	on_break__parse(&o, "virtio2=panic", why, sizeof(why));
	assert_true(after_break__see_to(&o, recoverer, &stats, 0));
	on_break__free(&o);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(the_last_word_counts),
		cmocka_unit_test(so_many_an_hour),
		cmocka_unit_test(so_many_as_there_is_room_for),
		LIVE(it_gives_up),
		LIVE(what_was_mended_is_not_mended_again),
		LIVE(a_refusal_stands_until_it_breaks_anew),
		LIVE(a_failure_is_tried_again),
		LIVE(by_the_device_of_a_broken_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
