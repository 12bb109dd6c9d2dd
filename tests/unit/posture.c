// SPDX-License-Identifier: GPL-2.0
/* What is said of a device, fact by fact: where a verdict changes, both sides of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "guest_memory.h"
#include "posture_read.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define E(exposure) POSTURE_BIT(POSTURE_EXPOSURE_##exposure)
#define ALWAYS (E(RINGS) | E(CONFIG))

/* A device at work of which the kernel told all. */
#define MAPPED(how, ops, bounces, pool)                                        \
	.driver = true, .access_platform = true, .iommu = POSTURE_IOMMU_##how, \
	.dma_api = FACT_YES, .own_ops = FACT_##ops, .bounce = FACT_##bounces,  \
	.restricted = FACT_##pool
/* The same without the DMA API. */
#define PHYSICAL(how, bounces)                                                                \
	.driver = true, .iommu = POSTURE_IOMMU_##how, .dma_api = FACT_NO, .own_ops = FACT_NO, \
	.bounce = FACT_##bounces, .restricted = FACT_NO
/* And one of which no queue was seen. */
#define UNSEEN(how) .driver = true, .access_platform = true, .iommu = POSTURE_IOMMU_##how

static const struct {
	const char *name;
	struct posture_facts f;
	enum posture_protection by;
	enum posture_tables tables;
	enum posture_verdict open, confidential; /* where the hypervisor is trusted, and not */
	unsigned int exposures; /* beside ALWAYS, in a confidential guest */
} cases[] = {
	{ "no DMA API",
	  { PHYSICAL(NONE, NO) },
	  POSTURE_BY_NONE,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNPROTECTED,
	  POSTURE_UNPROTECTED,
	  E(PHYSICAL) },
	{ "no DMA API, where bouncing is forced for those that have it",
	  { PHYSICAL(NONE, YES), .indirect = true },
	  POSTURE_BY_NONE,
	  POSTURE_TABLES_SHARED,
	  POSTURE_UNPROTECTED,
	  POSTURE_UNPROTECTED,
	  E(PHYSICAL) | E(TABLES) },
	{ "no DMA API, in a group that an IOMMU translates",
	  { PHYSICAL(DMA, NO) },
	  POSTURE_BY_NONE,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNPROTECTED,
	  POSTURE_UNPROTECTED,
	  E(PHYSICAL) },
	{ "no ACCESS_PLATFORM, and the DMA API all the same: Xen",
	  { .driver = true,
	    .iommu = POSTURE_IOMMU_NONE,
	    .dma_api = FACT_YES,
	    .own_ops = FACT_NO,
	    .bounce = FACT_YES },
	  POSTURE_BY_BOUNCE,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNPROTECTED,
	  POSTURE_PROTECTED,
	  E(SHARED_POOL) },
	{ "VDUSE, by operations of its own",
	  { UNSEEN(UNKNOWN), .indirect = true, .vduse = true, .own_ops = FACT_YES },
	  POSTURE_BY_DOMAIN,
	  POSTURE_TABLES_BOUNCED,
	  POSTURE_PROTECTED,
	  POSTURE_PROTECTED,
	  E(OWN_DOMAIN) | E(BOUNCED_TABLES) },
	{ "VDUSE without the DMA API",
	  { PHYSICAL(UNKNOWN, NO), .vduse = true },
	  POSTURE_BY_NONE,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNPROTECTED,
	  POSTURE_UNPROTECTED,
	  E(PHYSICAL) },
	{ "no ACCESS_PLATFORM, no queue seen",
	  { .driver = true, .iommu = POSTURE_IOMMU_NONE },
	  POSTURE_BY_NONE,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNPROTECTED,
	  POSTURE_UNPROTECTED,
	  E(PHYSICAL) },
	{ "ACCESS_PLATFORM, no queue seen",
	  { UNSEEN(NONE) },
	  POSTURE_BY_UNKNOWN,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNKNOWN,
	  POSTURE_UNKNOWN,
	  E(NOT_KNOWN) },
	{ "the same, indirect",
	  { UNSEEN(IDENTITY), .indirect = true },
	  POSTURE_BY_UNKNOWN,
	  POSTURE_TABLES_UNKNOWN,
	  POSTURE_UNKNOWN,
	  POSTURE_UNKNOWN,
	  E(NOT_KNOWN) },
	{ "ACCESS_PLATFORM behind an IOMMU, no queue seen",
	  { UNSEEN(DMA), .indirect = true },
	  POSTURE_BY_IOMMU,
	  POSTURE_TABLES_SHARED,
	  POSTURE_PROTECTED,
	  POSTURE_UNPROTECTED,
	  E(MAPPED_PAGES) | E(EMULATED_IOMMU) | E(TABLES) },
	{ "a queue was seen, but not how it is mapped",
	  { UNSEEN(NONE), .dma_api = FACT_YES },
	  POSTURE_BY_UNKNOWN,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNKNOWN,
	  POSTURE_UNKNOWN,
	  E(NOT_KNOWN) },
	{ "mapped one to one",
	  { MAPPED(NONE, NO, NO, NO), .indirect = true },
	  POSTURE_BY_NONE,
	  POSTURE_TABLES_SHARED,
	  POSTURE_UNPROTECTED,
	  POSTURE_UNPROTECTED,
	  E(ONE_TO_ONE) | E(TABLES) },
	{ "an IOMMU that passes through",
	  { MAPPED(IDENTITY, NO, NO, NO) },
	  POSTURE_BY_NONE,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNPROTECTED,
	  POSTURE_UNPROTECTED,
	  E(ONE_TO_ONE) },
	{ "an IOMMU that passes through, bounced",
	  { MAPPED(IDENTITY, NO, YES, NO) },
	  POSTURE_BY_BOUNCE,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNPROTECTED,
	  POSTURE_PROTECTED,
	  E(SHARED_POOL) },
	{ "an IOMMU that translates",
	  { MAPPED(DMA, NO, NO, NO) },
	  POSTURE_BY_IOMMU,
	  POSTURE_TABLES_NONE,
	  POSTURE_PROTECTED,
	  POSTURE_UNPROTECTED,
	  E(MAPPED_PAGES) | E(EMULATED_IOMMU) },
	{ "an IOMMU that takes back late, and bounces nothing although that is forced",
	  { MAPPED(DMA_FQ, NO, YES, NO), .indirect = true },
	  POSTURE_BY_IOMMU,
	  POSTURE_TABLES_SHARED,
	  POSTURE_PROTECTED,
	  POSTURE_UNPROTECTED,
	  E(MAPPED_PAGES) | E(EMULATED_IOMMU) | E(LATE_UNMAP) | E(TABLES) },
	{ "an IOMMU whose operations are the device's own: 6.1",
	  { MAPPED(DMA, YES, NO, NO) },
	  POSTURE_BY_IOMMU,
	  POSTURE_TABLES_NONE,
	  POSTURE_PROTECTED,
	  POSTURE_UNPROTECTED,
	  E(MAPPED_PAGES) | E(EMULATED_IOMMU) },
	{ "bounced",
	  { MAPPED(NONE, NO, YES, NO), .indirect = true },
	  POSTURE_BY_BOUNCE,
	  POSTURE_TABLES_BOUNCED,
	  POSTURE_UNPROTECTED,
	  POSTURE_PROTECTED,
	  E(SHARED_POOL) | E(BOUNCED_TABLES) },
	{ "bounced in its own pool",
	  { MAPPED(NONE, NO, YES, YES), .indirect = true },
	  POSTURE_BY_RESTRICTED,
	  POSTURE_TABLES_BOUNCED,
	  POSTURE_UNKNOWN,
	  POSTURE_PROTECTED,
	  E(OWN_POOL) | E(BOUNCED_TABLES) },
	{ "operations of its own",
	  { MAPPED(NONE, YES, YES, NO), .indirect = true },
	  POSTURE_BY_UNKNOWN,
	  POSTURE_TABLES_UNKNOWN,
	  POSTURE_UNKNOWN,
	  POSTURE_UNKNOWN,
	  E(OWN_OPS) },
	{ "which IOMMU is not known, bounced unless it translates",
	  { MAPPED(UNKNOWN, NO, YES, NO) },
	  POSTURE_BY_UNKNOWN,
	  POSTURE_TABLES_NONE,
	  POSTURE_UNKNOWN,
	  POSTURE_UNKNOWN,
	  E(IOMMU_UNKNOWN) },
};

/* What is beyond a pool is out of reach for encrypted memory alone. */
static unsigned int beyond(enum posture_protection by)
{
	return by == POSTURE_BY_BOUNCE || by == POSTURE_BY_RESTRICTED ? E(NOT_ENFORCED) : 0;
}

static void check(size_t i, bool confidential)
{
	struct posture p = posture__judge(&cases[i].f, confidential);
	enum posture_verdict verdict = confidential ? cases[i].confidential : cases[i].open;
	unsigned int exposures =
		cases[i].exposures | ALWAYS | (confidential ? 0 : beyond(cases[i].by));

	if (p.protection != cases[i].by || p.tables != cases[i].tables)
		fail_msg("%s: protected by %s, tables %s", cases[i].name,
			 posture__protection_name(p.protection), posture__tables_name(p.tables));
	if (p.verdict != verdict)
		fail_msg("%s, %sconfidential: %s", cases[i].name, confidential ? "" : "not ",
			 posture__verdict_name(p.verdict));
	if (p.exposures != exposures)
		fail_msg("%s: exposures 0x%x, not 0x%x", cases[i].name, p.exposures, exposures);
}

static void judging(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check(i, false);
		check(i, true);
	}
}

static void without_a_driver(void **state)
{
	struct posture_facts f = { .indirect = true, .iommu = POSTURE_IOMMU_NONE };
	struct posture p = posture__judge(&f, true);

	(void)state;
	assert_int_equal(p.verdict, POSTURE_PROTECTED);
	assert_int_equal(p.protection, POSTURE_BY_UNUSED);
	assert_int_equal(p.tables, POSTURE_TABLES_NONE);
	assert_int_equal(p.exposures, E(NO_DRIVER));
}

/* Each is provoked by some case, and is a sentence. */
static void every_exposure(void **state)
{
	unsigned int seen = E(NO_DRIVER) | E(NOT_ENFORCED) | ALWAYS;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		seen |= cases[i].exposures;
	assert_int_equal(seen, POSTURE_BIT(POSTURE_EXPOSURE_COUNT) - 1);
	for (enum posture_exposure e = 0; e < POSTURE_EXPOSURE_COUNT; e++) {
		const char *text = posture__exposure_text(e);

		assert_int_equal(text[strlen(text) - 1], '.');
	}
}

/* --- what is read ----------------------------------------------------------- */

#define ZEROS_28 "0000000000000000000000000000"
#define ZEROS_30 "000000000000000000000000000000"

static const struct {
	const char *text;
	int err;
	bool indirect, access_platform;
} features[] = {
	{ ZEROS_28 "000000" ZEROS_30, 0, false, false },
	{ ZEROS_28 "100000" ZEROS_30, 0, true, false },
	{ ZEROS_28 "000001" ZEROS_30, 0, false, true },
	{ ZEROS_28 "011110" ZEROS_30, 0, false, false },
	{ ZEROS_28 "100001" ZEROS_30 ZEROS_30 ZEROS_30, 0, true, true },
	{ ZEROS_28 "100001", 0, true, true },
	{ ZEROS_28 "10000", -EINVAL, false, false },
	{ ZEROS_28 "100001x", -EINVAL, false, false },
	{ "", -EINVAL, false, false },
};

static void reading_features(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		struct posture_facts f = { 0 };

		assert_int_equal(posture_read__features(features[i].text, &f), features[i].err);
		assert_int_equal(f.indirect, features[i].indirect);
		assert_int_equal(f.access_platform, features[i].access_platform);
	}
}

static void reading_iommu(void **state)
{
	(void)state;
	assert_int_equal(posture_read__iommu("DMA"), POSTURE_IOMMU_DMA);
	assert_int_equal(posture_read__iommu("DMA-FQ"), POSTURE_IOMMU_DMA_FQ);
	assert_int_equal(posture_read__iommu("identity"), POSTURE_IOMMU_IDENTITY);
	assert_int_equal(posture_read__iommu("unmanaged"), POSTURE_IOMMU_UNKNOWN);
	assert_int_equal(posture_read__iommu(""), POSTURE_IOMMU_UNKNOWN);
}

static void add(struct posture_facts *f, bool dma_api, __u8 dma)
{
	struct queue_view v = {
		.id.dma_api = dma_api,
		.survey = { .found = 1, .dma = dma },
	};

	posture_read__queue(f, &v);
}

/* What protects must be so of each queue, and what is not known of one changes nothing. */
static void reading_queues(void **state)
{
	struct posture_facts f = { 0 };

	(void)state;
	add(&f, true, 0);
	assert_int_equal(f.dma_api, FACT_YES);
	assert_int_equal(f.bounce, FACT_UNKNOWN);
	add(&f, true, VQA_DMA_KNOWN | VQA_DMA_FORCE_BOUNCE | VQA_DMA_RESTRICTED);
	assert_int_equal(f.bounce, FACT_YES);
	assert_int_equal(f.restricted, FACT_YES);
	assert_int_equal(f.own_ops, FACT_NO);
	add(&f, false, VQA_DMA_KNOWN | VQA_DMA_OWN_OPS);
	add(&f, true, VQA_DMA_KNOWN | VQA_DMA_FORCE_BOUNCE | VQA_DMA_RESTRICTED);
	assert_int_equal(f.dma_api, FACT_NO);
	assert_int_equal(f.bounce, FACT_NO);
	assert_int_equal(f.restricted, FACT_NO);
	assert_int_equal(f.own_ops, FACT_YES);
}

static const struct {
	const char *name;
	struct guest_cpu cpu;
	enum guest_memory want;
} machines[] = {
	{ "a guest", { .hypervisor = true }, GUEST_MEMORY_NONE },
	{ "TDX", { .hypervisor = true, .tdx = "IntelTDX    " }, GUEST_MEMORY_TDX },
	{ "another signature", { .hypervisor = true, .tdx = "IntelTDX   " }, GUEST_MEMORY_NONE },
	{ "SME alone",
	  { .hypervisor = true, .amd = 1, .msr_known = true, .msr = 7 },
	  GUEST_MEMORY_NONE },
	{ "SEV off", { .hypervisor = true, .amd = 2, .msr_known = true }, GUEST_MEMORY_NONE },
	{ "SEV", { .hypervisor = true, .amd = 2, .msr_known = true, .msr = 1 }, GUEST_MEMORY_SEV },
	{ "SEV-ES",
	  { .hypervisor = true, .amd = 2, .msr_known = true, .msr = 3 },
	  GUEST_MEMORY_SEV_ES },
	{ "SEV-SNP",
	  { .hypervisor = true, .amd = 2, .msr_known = true, .msr = 7 },
	  GUEST_MEMORY_SEV_SNP },
	{ "an MSR that cannot be read", { .hypervisor = true, .amd = 2 }, GUEST_MEMORY_UNKNOWN },
	{ "a host with SEV", { .amd = 2, .msr_known = true, .msr = 7 }, GUEST_MEMORY_NONE },
};

static void guest_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		enum guest_memory got = guest_memory__judge(&machines[i].cpu);

		if (got != machines[i].want)
			fail_msg("%s: %s", machines[i].name, guest_memory__name(got));
		assert_int_equal(guest_memory__confidential(got),
				 got != GUEST_MEMORY_NONE && got != GUEST_MEMORY_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judging),	  cmocka_unit_test(without_a_driver),
		cmocka_unit_test(every_exposure), cmocka_unit_test(reading_features),
		cmocka_unit_test(reading_iommu),  cmocka_unit_test(reading_queues),
		cmocka_unit_test(guest_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
