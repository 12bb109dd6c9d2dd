/* SPDX-License-Identifier: GPL-2.0 */
/* What each tier cannot see, and why. */
#include "unseen.h"

#include "names.h"

#define STOCK TIER_BIT(TIER_STOCK)
#define PATCHED TIER_BIT(TIER_PATCHED)

static const struct unseen rows[] = {
	{ STOCK, UNSEEN_ALL_RULES, "packed rings",
	  "the hook is that of split rings, and the kernel keeps no complete copy of a packed "
	  "one" },
	{ STOCK, UNSEEN_ALL_RULES, "queues without the DMA API",
	  "the kernel's private copy of their descriptors is not complete" },
	{ STOCK, VQA_RULE_INDIRECT_TAMPER, NULL,
	  "the kernel keeps no copy of the entries of an indirect table" },
	{ STOCK, VQA_RULE_USED_LEN_OVER, "buffers with an indirect table",
	  "the bytes that the device may write stand only in the table" },
	{ STOCK, VQA_RULE_USED_WRAP, NULL, "it is about packed rings" },
	{ PATCHED, VQA_RULE_DESC_TAMPER, "the first descriptor of a buffer on a packed ring",
	  "the device rightly overwrites where it completes" },
	{ PATCHED, VQA_RULE_NEXT_FLIP, "the first descriptor of a buffer on a packed ring",
	  "the device rightly overwrites where it completes" },
	{ STOCK | PATCHED, UNSEEN_ALL_RULES, "changes that are undone before the buffer completes",
	  "descriptors are compared at completion" },
	{ PATCHED, VQA_RULE_INDIRECT_TAMPER, "tables that swiotlb bounces",
	  "the device edits a copy that nobody reads back: prevented, unseen" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct unseen *unseen__next(enum tier tier, const struct unseen *prev)
{
	for (const struct unseen *u = prev ? prev + 1 : rows; u < rows + ROWS; u++)
		if (u->tiers & TIER_BIT(tier))
			return u;
	return NULL;
}

const char *unseen__rule_name(const struct unseen *u)
{
	return u->rule == UNSEEN_ALL_RULES ? "all" : rule__name(u->rule);
}

bool unseen__wholly(enum tier tier, enum vqa_rule rule)
{
	const struct unseen *u = NULL;

	while ((u = unseen__next(tier, u)))
		if (!u->where && u->rule == (int)rule)
			return true;
	return tier == TIER_NONE;
}

const char *unseen__of_queue(enum tier tier, const struct vqa_queue_id *q, bool *ret_partly)
{
	*ret_partly = false;
	if (q->num > VQA_RING_MAX)
		return "ring too large";
	if (tier == TIER_STOCK && q->packed)
		return "packed ring";
	if (!q->shadow)
		return "no complete shadow";
	*ret_partly = true;
	if (tier == TIER_STOCK && q->indirect)
		return "not indirect tables";
	return NULL;
}
