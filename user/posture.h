/* SPDX-License-Identifier: GPL-2.0 */
/* What protects the guest's memory from a virtio device, judged by facts alone. */
#ifndef VQA_USER_POSTURE_H
#define VQA_USER_POSTURE_H

#include <stdbool.h>

/* What can be known, or not (yet). */
enum fact {
	FACT_UNKNOWN,
	FACT_NO,
	FACT_YES,
};

/* What the IOMMU does with what the device addresses. */
enum posture_iommu {
	POSTURE_IOMMU_UNKNOWN,
	POSTURE_IOMMU_NONE, /* there is none */
	POSTURE_IOMMU_IDENTITY, /* passes it through */
	POSTURE_IOMMU_DMA, /* translates; an unmapped buffer is out of reach at once */
	POSTURE_IOMMU_DMA_FQ, /* translates; an unmapped buffer is out of reach later */
	POSTURE_IOMMU_COUNT,
};

/** struct posture_facts - of one device */
struct posture_facts {
	bool driver; /* one is bound */
	bool access_platform; /* VIRTIO_F_ACCESS_PLATFORM was negotiated */
	bool indirect; /* VIRTIO_F_INDIRECT_DESC was */
	bool swiotlb; /* VIRTIO_F_SWIOTLB was: proposed, see user/pci_window.h */
	bool vduse; /* it is a process of this guest */
	enum posture_iommu iommu;
	/* By the kernel, once a queue of the device is known. */
	enum fact dma_api; /* buffers go through it */
	enum fact own_ops; /* to operations that are the device's own */
	enum fact bounce; /* swiotlb bounces all that no IOMMU translates */
	enum fact restricted; /* in a pool of the device's own */
};

/* What limits the device: X(ID, name). */
#define POSTURE_PROTECTIONS(X)           \
	X(UNKNOWN, "unknown")            \
	X(NONE, "none")                  \
	X(IOMMU, "iommu")                \
	X(BOUNCE, "bounce")              \
	X(RESTRICTED, "restricted-pool") \
	X(DOMAIN, "vduse-domain")        \
	X(UNUSED, "no-driver")

enum posture_protection {
#define X(id, name) POSTURE_BY_##id,
	POSTURE_PROTECTIONS(X)
#undef X
		POSTURE_PROTECTION_COUNT,
};

/* How the device has indirect tables. */
enum posture_tables {
	POSTURE_TABLES_UNKNOWN,
	POSTURE_TABLES_NONE,
	POSTURE_TABLES_SHARED,
	POSTURE_TABLES_BOUNCED,
	POSTURE_TABLES_COUNT,
};

enum posture_verdict {
	POSTURE_UNKNOWN,
	POSTURE_PROTECTED,
	POSTURE_UNPROTECTED,
	POSTURE_VERDICT_COUNT,
};

/* What a hostile device could still do: X(ID, name, text). */
#define POSTURE_EXPOSURES(X)                                                                      \
	X(PHYSICAL, "guest-physical",                                                             \
	  "It is given guest-physical addresses, and nothing limits what it reads and writes.")   \
	X(ONE_TO_ONE, "one-to-one",                                                               \
	  "The DMA API neither translates nor bounces for it: what it is given are "              \
	  "guest-physical addresses, and nothing limits what it reads and writes.")               \
	X(MAPPED_PAGES, "mapped-pages",                                                           \
	  "It reaches all that is mapped for it, in whole pages: what lies beside a buffer, "     \
	  "too.")                                                                                 \
	X(LATE_UNMAP, "late-unmap",                                                               \
	  "The IOMMU takes back late what was unmapped (DMA-FQ): until then it still reaches "    \
	  "buffers that are the driver's again.")                                                 \
	X(EMULATED_IOMMU, "emulated-iommu",                                                       \
	  "An IOMMU that the hypervisor emulates is no protection from the hypervisor.")          \
	X(SHARED_POOL, "shared-pool",                                                             \
	  "It reaches the bounce pool, which it shares with every other device that is bounced.") \
	X(OWN_POOL, "own-pool", "It reaches a bounce pool that is its own alone.")                \
	X(OWN_DOMAIN, "own-domain",                                                               \
	  "It is a process of this guest, and reaches its rings and the bounce pages of its own " \
	  "domain alone.")                                                                        \
	X(NOT_ENFORCED, "not-enforced",                                                           \
	  "It is given no other address, but where memory is not encrypted nothing in the guest " \
	  "keeps it from the rest.")                                                              \
	X(OWN_OPS, "own-operations",                                                              \
	  "Its buffers are mapped by operations of its own (vDPA, Xen grants): what it reaches "  \
	  "is theirs to limit, and not known here.")                                              \
	X(IOMMU_UNKNOWN, "iommu-unknown", "Whether an IOMMU limits it is not known here.")        \
	X(NOT_KNOWN, "not-known", "What limits it is not known until its queues are used.")       \
	X(TABLES, "indirect-tables",                                                              \
	  "It can change indirect tables in place, while their buffers are in flight.")           \
	X(BOUNCED_TABLES, "bounced-tables",                                                       \
	  "It can change its copy of an indirect table, which the driver never reads back: "      \
	  "prevented, unseen.")                                                                   \
	X(RINGS, "rings",                                                                         \
	  "It can write anything to the rings, used lengths among it, at any time: that is "      \
	  "what vq-audit audits.")                                                                \
	X(CONFIG, "config-space",                                                                 \
	  "It can change its config space at any time, at which no rule looks.")                  \
	X(NO_DRIVER, "no-driver", "No driver uses it: it was given no memory.")

enum posture_exposure {
#define X(id, name, text) POSTURE_EXPOSURE_##id,
	POSTURE_EXPOSURES(X)
#undef X
		POSTURE_EXPOSURE_COUNT,
};

#define POSTURE_BIT(exposure) (1u << (exposure))

/** struct posture - the judgement of one device */
struct posture {
	enum posture_protection protection;
	enum posture_tables tables;
	enum posture_verdict verdict;
	unsigned int exposures; /* a POSTURE_BIT each */
};

/**
 * posture__judge - what a device can do, and whether that is too much
 * @confidential: the guest is to be protected from its hypervisor as well
 *
 * What is not known is never taken for protected.
 */
struct posture posture__judge(const struct posture_facts *f, bool confidential);

const char *posture__iommu_name(enum posture_iommu iommu);
const char *posture__protection_name(enum posture_protection protection);
const char *posture__tables_name(enum posture_tables tables);
const char *posture__verdict_name(enum posture_verdict verdict);
const char *posture__exposure_name(enum posture_exposure exposure);

/** posture__exposure_text - a sentence of which the device is the subject */
const char *posture__exposure_text(enum posture_exposure exposure);

#endif
