// SPDX-License-Identifier: GPL-2.0
/* Kernels of another version of the series are told apart by their type information. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <bpf/btf.h>

#include "series.h"

/* typedef void (*btf_trace_NAME)(void *, ...), as a tracepoint has it */
static void add_event(struct btf *btf, const char *name, int arguments)
{
	char typedef_name[64];
	int proto, pointer;

	snprintf(typedef_name, sizeof(typedef_name), "btf_trace_%s", name);
	proto = btf__add_func_proto(btf, 0);
	for (int i = 0; i < 1 + arguments; i++)
		assert_int_equal(btf__add_func_param(btf, "", 0), 0);
	pointer = btf__add_ptr(btf, proto);
	assert_true(btf__add_typedef(btf, typedef_name, pointer) > 0);
}

/* The series without the event @absent, and @odd with @more arguments than it has. */
static struct kbtf kernel(const char *absent, const char *odd, int more)
{
	struct kbtf k = { .vmlinux = btf__new_empty() };

	assert_non_null(k.vmlinux);
	for (int i = 0; i < SERIES_EVENTS; i++) {
		const struct series_event *e = &series__events[i];

		if (strcmp(e->name, absent))
			add_event(k.vmlinux, e->name,
				  e->arguments + (strcmp(e->name, odd) ? 0 : more));
	}
	return k;
}

static void this_version(void **state)
{
	struct kbtf k = kernel("", "", 0);

	(void)state;
	assert_true(series__traces(&k));
	assert_true(series__is_known(&k));
	kbtf__close(&k);
}

static void an_event_is_missing(void **state)
{
	(void)state;
	for (int i = 0; i < SERIES_EVENTS; i++) {
		struct kbtf k = kernel(series__events[i].name, "", 0);

		assert_false(series__traces(&k));
		assert_true(series__is_known(&k));
		kbtf__close(&k);
	}
}

static void other_arguments(void **state)
{
	(void)state;
	for (int i = 0; i < SERIES_EVENTS; i++)
		for (int more = -1; more <= 1; more += 2) {
			struct kbtf k = kernel("", series__events[i].name, more);

			assert_true(series__traces(&k));
			assert_false(series__is_known(&k));
			kbtf__close(&k);
		}
}

static void no_series(void **state)
{
	struct kbtf k = { .vmlinux = btf__new_empty() };

	(void)state;
	assert_false(series__traces(&k));
	assert_true(series__is_known(&k));
	kbtf__close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_version),
		cmocka_unit_test(an_event_is_missing),
		cmocka_unit_test(other_arguments),
		cmocka_unit_test(no_series),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
