/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_TIER_H
#define VQA_USER_TIER_H

/* What the running kernel lets the auditor do; the best that works is used. */
enum tier {
	TIER_NONE,
	TIER_STOCK, /* fentry and fexit on functions that any kernel has */
	TIER_PATCHED, /* tracepoints and the verdict of the kernel series */
	TIER_COUNT,
};

#define TIER_BIT(tier) (1u << (tier))

const char *tier__name(enum tier tier);

/** tier__text - one line on what the tier does, for people */
const char *tier__text(enum tier tier);

#endif
