/* SPDX-License-Identifier: GPL-2.0 */
/* Who may take a pinned audit over. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bpflog.h"
#include "facts.h"
#include "object.h"

static struct audit_opts like(void)
{
	return (struct audit_opts){ .tier = TIER_STOCK, .max_queues = 128, .rate = 10 };
}

static struct vqa_facts facts(const struct vq_audit_bpf *skel, const struct audit_opts *opts)
{
	struct vqa_facts ret;

	assert_int_equal(facts__of(&ret, skel->obj, opts), 0);
	return ret;
}

/* The same programs, however they read, and the same options. */
static void same(void **state)
{
	struct vq_audit_bpf *direct = object__open(true), *probe = object__open(false);
	struct audit_opts opts = like();
	struct vqa_facts a = facts(direct, &opts), b = facts(probe, &opts);

	(void)state;
	assert_int_equal(facts__same(&a, &b), 0);
	assert_true(a.layout != 0);
	vq_audit_bpf__destroy(direct);
	vq_audit_bpf__destroy(probe);
}

/* A map that is larger by option is none that is laid out otherwise; a larger entry is. */
static void layout(void **state)
{
	struct vq_audit_bpf *skel = object__open(true);
	struct audit_opts opts = like();
	struct vqa_facts before = facts(skel, &opts), after;

	(void)state;
	bpf_map__set_max_entries(skel->maps.queues, 7);
	after = facts(skel, &opts);
	assert_int_equal(facts__same(&before, &after), 0);
	bpf_map__set_value_size(skel->maps.windows, 8 + bpf_map__value_size(skel->maps.windows));
	after = facts(skel, &opts);
	assert_int_equal(facts__same(&before, &after), -EPROTO);
	after = before;
	after.abi++;
	assert_int_equal(facts__same(&before, &after), -EPROTO);
	vq_audit_bpf__destroy(skel);
}

static void options(void **state)
{
	struct vq_audit_bpf *skel = object__open(true);
	struct audit_opts opts = like();
	struct vqa_facts there = facts(skel, &opts), wanted;

	(void)state;
#define X(member, option) \
	wanted = there;   \
	wanted.member++;  \
	assert_int_equal(facts__same(&there, &wanted), -EEXIST);
	VQA_FIXED(X)
#undef X
	vq_audit_bpf__destroy(skel);
}

/* Every option ends up in the facts. */
static void windows(void **state)
{
	struct vq_audit_bpf *skel = object__open(true);
	struct device_windows device = { .bus = "0000:00:01.0" };
	struct vqa_facts none, one, other, offered;
	struct windows w = { .devices = &device, .n = 1 };
	struct audit_opts opts = like();

	(void)state;
	none = facts(skel, &opts);
	opts.windows = &w;
	device.windows.source = VQA_WINDOW_PCI_SWIOTLB; /* devices come and go */
	offered = facts(skel, &opts);
	assert_int_equal(windows__said(&w), 0);
	device.windows.source = VQA_WINDOW_OPERATOR;
	assert_int_equal(windows__said(&w), 1);
	one = facts(skel, &opts);
	device.bus[0] = '1';
	other = facts(skel, &opts);
	assert_int_equal(facts__same(&none, &offered), 0);
	assert_int_equal(facts__same(&none, &one), -EEXIST);
	assert_int_equal(facts__same(&one, &other), -EEXIST);
	vq_audit_bpf__destroy(skel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same),
		cmocka_unit_test(layout),
		cmocka_unit_test(options),
		cmocka_unit_test(windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
