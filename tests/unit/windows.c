// SPDX-License-Identifier: GPL-2.0
/*
 * Where a device may reach: on both sides of each edge; and what devices offer. No
 * device has these capabilities yet: the configuration spaces are synthetic, built by
 * hand from the proposals that user/pci_window.h names.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>

#include "pci_window.h"
#include "windows.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct vqa_windows two = {
	.window = { { 0x1000, 0x1fff }, { 0x8000, 0xffff } },
	.n = 2,
	.source = VQA_WINDOW_OPERATOR,
};

static const struct {
	const char *name;
	__u64 addr;
	__u32 len;
	int held;
} places[] = {
	{ "all of a window", 0x1000, 0x1000, 1 },
	{ "its first byte", 0x1000, 1, 1 },
	{ "its last byte", 0x1fff, 1, 1 },
	{ "nothing, at its end", 0x1fff, 0, 1 },
	{ "nothing, behind its end", 0x2000, 0, 0 },
	{ "a byte before it", 0xfff, 1, 0 },
	{ "from a byte before it on", 0xfff, 2, 0 },
	{ "a byte behind it", 0x2000, 1, 0 },
	{ "to a byte behind it", 0x1fff, 2, 0 },
	{ "from one into the other", 0x1000, 0x8000, 0 },
	{ "the other", 0x8000, 0x8000, 1 },
	{ "around the end of all addresses", ~0ULL, 0x1002, 0 },
};

static void test_hold(void **state)
{
	struct vqa_windows none = two, all = { .window = { { 0, ~0ULL } }, .n = 1 };
	struct vqa_windows xen = { .window = { { VQA_XEN_GRANT, ~0ULL } }, .n = 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (vqa_windows_hold(&two, places[i].addr, places[i].len) != places[i].held)
			fail_msg("%s", places[i].name);
	none.n = 0;
	assert_false(vqa_windows_hold(&none, 0x1000, 1));
	assert_true(vqa_windows_hold(&all, 0, ~0U));
	assert_true(vqa_windows_hold(&all, ~0ULL, 1));
	assert_false(vqa_windows_hold(&all, ~0ULL, 2));
	/* Simulated, never Xen: an address with the grant bit, and one without. */
	assert_true(vqa_windows_hold(&xen, VQA_XEN_GRANT | 5 << 12, 4096));
	assert_false(vqa_windows_hold(&xen, 5 << 12, 4096));
}

/** struct space - a configuration space with BAR 4 at 4 GiB, 64 KiB of it */
struct space {
	__u8 config[256];
	struct pci_window_device d;
};

static void put_le32(__u8 *p, __u32 v)
{
	for (int i = 0; i < 4; i++)
		p[i] = v >> 8 * i;
}

/* A virtio capability at @at; of 64 bits if @len says so. */
static void put_cap(struct space *s, __u8 at, __u8 next, __u8 len, __u8 type, __u8 id, __u64 offset,
		    __u64 length)
{
	__u8 *cap = s->config + at;

	cap[0] = PCI_CAP_ID_VNDR;
	cap[1] = next;
	cap[2] = len;
	cap[3] = type;
	cap[4] = 4;
	cap[5] = id;
	put_le32(cap + 8, offset);
	put_le32(cap + 12, length);
	if (len >= 24) {
		put_le32(cap + 16, offset >> 32);
		put_le32(cap + 20, length >> 32);
	}
}

/* MSI-X, the common configuration, two regions of shared memory, and a bounce buffer. */
static void space_init(struct space *s)
{
	memset(s, 0, sizeof(*s));
	s->d.config = s->config;
	s->d.size = sizeof(s->config);
	s->d.bar[4] = (struct pci_window_bar){ 0x100000000, 0x10000 };
	s->config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	s->config[PCI_CAPABILITY_LIST] = 0x40;
	s->config[0x40] = PCI_CAP_ID_MSIX;
	s->config[0x41] = 0x50;
	put_cap(s, 0x50, 0x60, 16, VIRTIO_PCI_CAP_COMMON_CFG, 0, 0, 0x40);
	put_cap(s, 0x60, 0x80, 24, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, 1, 0x1000, 0x1000);
	put_cap(s, 0x80, 0xa0, 24, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, 9, 0x8000, 0x4000);
	put_cap(s, 0xa0, 0, 16, 10, 0, 0x2000, 0x3000);
}

static void test_offered(void **state)
{
	struct vqa_window w;
	const char *fault;
	struct space s;

	(void)state;
	space_init(&s);
	assert_int_equal(pci_window__swiotlb(&s.d, &w, &fault), 1);
	assert_int_equal(w.first, 0x100002000);
	assert_int_equal(w.last, 0x100004fff);
	assert_int_equal(pci_window__dmb(&s.d, 9, &w, &fault), 1);
	assert_int_equal(w.first, 1); /* 0 is no address there */
	assert_int_equal(w.last, 0x3fff);
	assert_int_equal(pci_window__dmb(&s.d, 2, &w, &fault), 0);

	/* All of the BAR, by 64 bits. */
	s.d.bar[4].size = 0x300000000;
	put_cap(&s, 0xa0, 0, 24, 10, 0, 0x100000000, 0x200000000);
	assert_int_equal(pci_window__swiotlb(&s.d, &w, &fault), 1);
	assert_int_equal(w.first, 0x200000000);
	assert_int_equal(w.last, 0x3ffffffff);

	/* Nothing is offered. */
	s.config[0x81] = 0;
	assert_int_equal(pci_window__swiotlb(&s.d, &w, &fault), 0);
	s.config[PCI_STATUS] = 0;
	assert_int_equal(pci_window__dmb(&s.d, 9, &w, &fault), 0);
	s.d.size = 0; /* not readable */
	assert_int_equal(pci_window__dmb(&s.d, 9, &w, &fault), 0);
}

static void endless_list(struct space *s)
{
	s->config[0x81] = 0x60;
}

static void list_out_of_space(struct space *s)
{
	s->config[0x81] = 0xfc;
	s->config[0xfd] = 0x04; /* into the header */
}

static void half_a_space(struct space *s)
{
	s->d.size = 64; /* what is readable without privilege */
}

static void short_cap(struct space *s)
{
	s->config[0xa2] = 15;
}

static void cap_out_of_space(struct space *s)
{
	s->config[0xa2] = 0x61;
}

static void no_such_bar(struct space *s)
{
	s->config[0xa4] = 6;
}

static void unused_bar(struct space *s)
{
	s->config[0xa4] = 2;
}

static void no_bytes(struct space *s)
{
	put_le32(s->config + 0xa0 + 12, 0);
}

static void behind_the_bar(struct space *s)
{
	put_le32(s->config + 0xa0 + 8, 0xd001);
}

static void around_the_end(struct space *s)
{
	put_cap(s, 0xa0, 0, 24, 10, 0, ~0ULL, 2);
}

static const struct {
	const char *name;
	void (*damage)(struct space *s);
	const char *fault;
} lies[] = {
	{ "endless list", endless_list, "does not end" },
	{ "list out of space", list_out_of_space, "leads out of the configuration space" },
	{ "half a space", half_a_space, "leads out of the configuration space" },
	{ "short capability", short_cap, "too short" },
	{ "capability out of space", cap_out_of_space, "leads out of the configuration space" },
	{ "no such BAR", no_such_bar, "that there is not" },
	{ "unused BAR", unused_bar, "out of its base address register" },
	{ "no bytes", no_bytes, "no bytes" },
	{ "a byte behind the BAR", behind_the_bar, "out of its base address register" },
	{ "around the end", around_the_end, "out of its base address register" },
};

static void test_lies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		const char *fault = NULL;
		struct vqa_window w;
		struct space s;

		space_init(&s);
		lies[i].damage(&s);
		if (pci_window__swiotlb(&s.d, &w, &fault) != -EBADMSG ||
		    !strstr(fault, lies[i].fault))
			fail_msg("%s: %s", lies[i].name, fault ?: "believed");
	}
}

static void test_dmb_lies(void **state)
{
	const char *fault = NULL;
	struct vqa_window w;
	struct space s;

	(void)state;
	space_init(&s);
	s.config[0x82] = 16; /* a region takes 64 bits */
	assert_int_equal(pci_window__dmb(&s.d, 9, &w, &fault), -EBADMSG);
	assert_non_null(strstr(fault, "too short"));
	space_init(&s);
	put_le32(s.config + 0x80 + 12, 1);
	assert_int_equal(pci_window__dmb(&s.d, 9, &w, &fault), -EBADMSG);
	assert_non_null(strstr(fault, "no bytes but the first"));
}

/* What the operator says wrongly; what is right takes a device: tests/matrix/ledger.t. */
static const char *const wrong[] = {
	"",
	"=0-1",
	"0000:00:03.0",
	"0000:00:03.0=",
	"0000:00:03.0=1",
	"0000:00:03.0=1-",
	"0000:00:03.0=-1",
	"0000:00:03.0=2-1",
	"0000:00:03.0=1-2x",
	"0000:00:03.0=1- 2",
	"0000:00:03.0= 1-2",
	"0000:00:03.0=0-0x10000000000000000",
	"no-such-device=1-2",
};

static void test_wrong(void **state)
{
	struct windows w = { 0 };
	char why[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		why[0] = 0;
		if (windows__parse(&w, wrong[i], why, sizeof(why)) != -EINVAL || !why[0])
			fail_msg("\"%s\": %s", wrong[i], why);
	}
	assert_int_equal(w.n, 0);
	windows__free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hold),  cmocka_unit_test(test_offered),
		cmocka_unit_test(test_lies),  cmocka_unit_test(test_dmb_lies),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
