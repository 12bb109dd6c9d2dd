/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_TIER_H
#define VQA_USER_TIER_H

/* What the running kernel lets the auditor do; the best that works is used. */
enum tier {
	TIER_NONE,
	TIER_STOCK, /* fentry and fexit on functions that any kernel has */
	TIER_MODULE, /* the same, and a module's kfunc that breaks a queue */
	TIER_PATCHED, /* tracepoints and the verdict of the kernel series */
	TIER_COUNT,
};

#define TIER_BIT(tier) (1u << (tier))

/* The tiers that see the driver's functions from outside. */
#define TIERS_OUTSIDE (TIER_BIT(TIER_STOCK) | TIER_BIT(TIER_MODULE))
#define TIERS_ALL (TIERS_OUTSIDE | TIER_BIT(TIER_PATCHED))

const char *tier__name(enum tier tier);

/** tier__text - one line on what the tier does, for people */
const char *tier__text(enum tier tier);

#endif
