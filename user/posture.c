/* SPDX-License-Identifier: GPL-2.0 */
/* The judgement alone: no I/O. */
#include "posture.h"

#include <stddef.h>

static bool translates(const struct posture_facts *f)
{
	return f->iommu == POSTURE_IOMMU_DMA || f->iommu == POSTURE_IOMMU_DMA_FQ;
}

/*
 * A device that has not accepted ACCESS_PLATFORM addresses guest-physical memory
 * (virtio 1.2, 6.1). Whether it is mapped for all the same, as Xen guests do,
 * the kernel tells.
 */
static bool physical(const struct posture_facts *f)
{
	return f->dma_api == FACT_NO || (f->dma_api == FACT_UNKNOWN && !f->access_platform);
}

/* Behind an IOMMU that translates, Linux does not bounce, forced or not. */
static enum posture_protection protection(const struct posture_facts *f)
{
	if (!f->driver)
		return POSTURE_BY_UNUSED;
	if (physical(f))
		return POSTURE_BY_NONE;
	if (f->vduse)
		return POSTURE_BY_DOMAIN;
	if (translates(f))
		return POSTURE_BY_IOMMU;
	if (f->own_ops != FACT_NO || f->iommu == POSTURE_IOMMU_UNKNOWN)
		return POSTURE_BY_UNKNOWN;
	if (f->restricted == FACT_YES)
		return POSTURE_BY_RESTRICTED;
	if (f->bounce == FACT_UNKNOWN)
		return POSTURE_BY_UNKNOWN;
	return f->bounce == FACT_YES ? POSTURE_BY_BOUNCE : POSTURE_BY_NONE;
}

static enum posture_tables tables(const struct posture_facts *f, enum posture_protection by)
{
	if (!f->indirect || by == POSTURE_BY_UNUSED)
		return POSTURE_TABLES_NONE;
	switch (by) {
	case POSTURE_BY_NONE:
	case POSTURE_BY_IOMMU:
		return POSTURE_TABLES_SHARED;
	case POSTURE_BY_BOUNCE:
	case POSTURE_BY_RESTRICTED:
	case POSTURE_BY_DOMAIN:
		return POSTURE_TABLES_BOUNCED;
	default:
		return POSTURE_TABLES_UNKNOWN;
	}
}

/*
 * The hypervisor has the IOMMU in its hand, and bouncing says only what the device
 * is given: that it cannot reach more is due to memory encryption. A pool of its
 * own may be fenced by the platform, which cannot be seen from here.
 */
static enum posture_verdict verdict(enum posture_protection by, bool confidential)
{
	switch (by) {
	case POSTURE_BY_NONE:
		return POSTURE_UNPROTECTED;
	case POSTURE_BY_IOMMU:
		return confidential ? POSTURE_UNPROTECTED : POSTURE_PROTECTED;
	case POSTURE_BY_BOUNCE:
		return confidential ? POSTURE_PROTECTED : POSTURE_UNPROTECTED;
	case POSTURE_BY_RESTRICTED:
		return confidential ? POSTURE_PROTECTED : POSTURE_UNKNOWN;
	case POSTURE_BY_DOMAIN: /* which the kernel keeps, not the hypervisor */
	case POSTURE_BY_UNUSED:
		return POSTURE_PROTECTED;
	default:
		return POSTURE_UNKNOWN;
	}
}

#define BIT(exposure) POSTURE_BIT(POSTURE_EXPOSURE_##exposure)

static unsigned int why_unknown(const struct posture_facts *f)
{
	if (f->own_ops == FACT_YES)
		return BIT(OWN_OPS);
	if (f->own_ops == FACT_NO && f->iommu == POSTURE_IOMMU_UNKNOWN)
		return BIT(IOMMU_UNKNOWN);
	return BIT(NOT_KNOWN);
}

/* What it reaches of memory. */
static unsigned int reach(const struct posture_facts *f, enum posture_protection by,
			  bool confidential)
{
	unsigned int beyond = confidential ? 0 : BIT(NOT_ENFORCED);

	switch (by) {
	case POSTURE_BY_NONE:
		return physical(f) ? BIT(PHYSICAL) : BIT(ONE_TO_ONE);
	case POSTURE_BY_IOMMU:
		return BIT(MAPPED_PAGES) | BIT(EMULATED_IOMMU) |
		       (f->iommu == POSTURE_IOMMU_DMA_FQ ? BIT(LATE_UNMAP) : 0);
	case POSTURE_BY_BOUNCE:
		return BIT(SHARED_POOL) | beyond;
	case POSTURE_BY_RESTRICTED:
		return BIT(OWN_POOL) | beyond;
	case POSTURE_BY_DOMAIN:
		return BIT(OWN_DOMAIN);
	default:
		return why_unknown(f);
	}
}

static unsigned int exposures(const struct posture_facts *f, const struct posture *p,
			      bool confidential)
{
	unsigned int bits;

	if (p->protection == POSTURE_BY_UNUSED)
		return BIT(NO_DRIVER);
	bits = reach(f, p->protection, confidential) | BIT(RINGS) | BIT(CONFIG);
	if (p->tables == POSTURE_TABLES_SHARED)
		bits |= BIT(TABLES);
	if (p->tables == POSTURE_TABLES_BOUNCED)
		bits |= BIT(BOUNCED_TABLES);
	return bits;
}

struct posture posture__judge(const struct posture_facts *f, bool confidential)
{
	struct posture p = { .protection = protection(f) };

	p.tables = tables(f, p.protection);
	p.verdict = verdict(p.protection, confidential);
	p.exposures = exposures(f, &p, confidential);
	return p;
}

/* --- names ------------------------------------------------------------------ */

static const char *name(const char *const *names, size_t count, unsigned int i)
{
	return i < count ? names[i] : "?";
}

/* As /sys/kernel/iommu_groups has them. */
const char *posture__iommu_name(enum posture_iommu iommu)
{
	static const char *const names[POSTURE_IOMMU_COUNT] = {
		[POSTURE_IOMMU_UNKNOWN] = "unknown",   [POSTURE_IOMMU_NONE] = "none",
		[POSTURE_IOMMU_IDENTITY] = "identity", [POSTURE_IOMMU_DMA] = "DMA",
		[POSTURE_IOMMU_DMA_FQ] = "DMA-FQ",
	};

	return name(names, POSTURE_IOMMU_COUNT, iommu);
}

const char *posture__protection_name(enum posture_protection protection)
{
#define X(id, name) name,
	static const char *const names[] = { POSTURE_PROTECTIONS(X) };
#undef X

	return name(names, POSTURE_PROTECTION_COUNT, protection);
}

const char *posture__tables_name(enum posture_tables tables)
{
	static const char *const names[POSTURE_TABLES_COUNT] = {
		[POSTURE_TABLES_UNKNOWN] = "unknown",
		[POSTURE_TABLES_NONE] = "none",
		[POSTURE_TABLES_SHARED] = "shared",
		[POSTURE_TABLES_BOUNCED] = "bounced",
	};

	return name(names, POSTURE_TABLES_COUNT, tables);
}

const char *posture__verdict_name(enum posture_verdict verdict)
{
	static const char *const names[POSTURE_VERDICT_COUNT] = {
		[POSTURE_UNKNOWN] = "unknown",
		[POSTURE_PROTECTED] = "protected",
		[POSTURE_UNPROTECTED] = "unprotected",
	};

	return name(names, POSTURE_VERDICT_COUNT, verdict);
}

const char *posture__exposure_name(enum posture_exposure exposure)
{
#define X(id, name, text) name,
	static const char *const names[] = { POSTURE_EXPOSURES(X) };
#undef X

	return name(names, POSTURE_EXPOSURE_COUNT, exposure);
}

const char *posture__exposure_text(enum posture_exposure exposure)
{
#define X(id, name, text) text,
	static const char *const texts[] = { POSTURE_EXPOSURES(X) };
#undef X

	return name(texts, POSTURE_EXPOSURE_COUNT, exposure);
}
