/* SPDX-License-Identifier: GPL-2.0 */
#include "tier.h"

const char *tier__name(enum tier tier)
{
	static const char *const names[TIER_COUNT] = {
		[TIER_NONE] = "none",
		[TIER_STOCK] = "stock",
		[TIER_MODULE] = "module",
		[TIER_PATCHED] = "patched",
	};

	return tier < TIER_COUNT ? names[tier] : "?";
}

const char *tier__text(enum tier tier)
{
	switch (tier) {
	case TIER_PATCHED:
		return "values are judged as the driver read them, before it uses them";
	case TIER_MODULE:
		return "values are read again in the call that uses them, and a queue can be "
		       "broken before it does; queues appear at first use";
	case TIER_STOCK:
		return "values are read again in the call that uses them; queues appear at first "
		       "use; nothing can be broken in time";
	default:
		return "nothing can be audited on this kernel";
	}
}
