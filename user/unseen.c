/* SPDX-License-Identifier: GPL-2.0 */
/* What each tier cannot see, and why. */
#include "unseen.h"

#include "names.h"

#define OUTSIDE TIERS_OUTSIDE
#define ALL TIERS_ALL

#define SWEEP_ONLY(rule)                                                           \
	{                                                                          \
		ALL, rule, "runs without --sweep-ms", "only the sweep looks there" \
	}

#define LEDGER_ONLY(rule)                                                             \
	{                                                                             \
		ALL, rule, "runs at level ring", "mappings are followed at level dma" \
	}

static const struct unseen rows[] = {
	SWEEP_ONLY(VQA_RULE_AVAIL_TAMPER),
	SWEEP_ONLY(VQA_RULE_EVENT_TAMPER),
	SWEEP_ONLY(VQA_RULE_USED_IDX_BACK),
	SWEEP_ONLY(VQA_RULE_USED_FLAGS),
	SWEEP_ONLY(VQA_RULE_DEVICE_EVENT),
	{ ALL, VQA_RULE_DESC_TAMPER, "the first descriptor of a buffer on a packed ring",
	  "the device rightly overwrites where it completes" },
	{ ALL, VQA_RULE_NEXT_FLIP, "the first descriptor of a buffer on a packed ring",
	  "the device rightly overwrites where it completes" },
	{ ALL, UNSEEN_ALL_RULES,
	  "changes that are undone before the buffer completes, and between two sweeps",
	  "descriptors are compared at completion, and each --sweep-ms" },
	{ ALL, VQA_RULE_EVENT_TAMPER, "used_event, and off_wrap of packed rings",
	  "the kernel keeps no private copy of them" },
	{ ALL, VQA_RULE_AVAIL_TAMPER, "entries of the available ring from before the audit began",
	  "there is no private copy: they count as they were at the first sweep" },
	{ ALL, VQA_RULE_INDIRECT_TAMPER, "tables that swiotlb bounces",
	  "the device edits a copy that nobody reads back: prevented, unseen" },
	{ ALL, VQA_RULE_STALL, "buffers that the device may only write to",
	  "it rightly keeps them until there is something to say: a frame, an event, a key" },
	{ ALL, VQA_RULE_STALL, "statistics of a balloon, sound, GPIO events, video",
	  "the device rightly keeps what it is given there" },
	{ ALL, VQA_RULE_KICK_MISSING,
	  "a notification that was found due and not sent: with --recorder 0, on other buses "
	  "than PCI, and before the first one",
	  "kicks are hooked for the recorder alone, and notifications on PCI alone" },
	{ ALL, VQA_RULE_NOTIFY_MISSING, "a used_event or off_wrap that the device rewrote",
	  "the kernel keeps no private copy of them" },
	{ ALL, VQA_RULE_NOTIFY_STORM,
	  "as many interrupts as the device's other queues have for a reason",
	  "queues may share a vector: then each of those is one for nothing here" },
	{ ALL, VQA_RULE_NOTIFY_STORM, "interrupts while the driver leaves something unread",
	  "each may stand for what was used behind it" },
	{ ALL, VQA_RULE_BEFORE_DRIVER_OK, "other buses than PCI, and legacy devices",
	  "a status cannot be read by a program; only PCI's function that writes it is looked at" },
	{ ALL, VQA_RULE_BEFORE_DRIVER_OK, "interrupts within 100 ms after the queue was registered",
	  "one that was under way may be late" },
	{ ALL, VQA_RULE_AFTER_RESET, "interrupts within 100 ms after the reset",
	  "one that was under way may be late" },
	{ ALL, VQA_RULE_AFTER_RESET, "packed rings on which something was unread at the reset",
	  "the next used descriptor is there already" },
	LEDGER_ONLY(VQA_RULE_DMA_UNMAPPED),
	LEDGER_ONLY(VQA_RULE_DMA_DIRECTION),
	LEDGER_ONLY(VQA_RULE_DMA_UNMAP_MISMATCH),
	LEDGER_ONLY(VQA_RULE_DMA_EARLY_UNMAP),
	LEDGER_ONLY(VQA_RULE_DMA_LEAK),
	LEDGER_ONLY(VQA_RULE_DMA_MAP_ERROR),
	LEDGER_ONLY(VQA_RULE_DMA_OVERLAP),
	LEDGER_ONLY(VQA_RULE_DMA_WINDOW),
	LEDGER_ONLY(VQA_RULE_SWIOTLB_SIZE),
	LEDGER_ONLY(VQA_RULE_SWIOTLB_LEAK),
	{ ALL, VQA_RULE_DMA_UNMAPPED,
	  "memory that was never mapped, or by dma_map_sg() or dma_alloc_coherent(), or before the "
	  "audit began, or that begins on a page behind its mapping's first",
	  "nothing is known of it: it is counted" },
	{ ALL, VQA_RULE_DMA_UNMAPPED,
	  "memory that was unmapped before some of several pages was mapped",
	  "it may lie in that, which the ledger finds by its first page alone: it is counted" },
	{ ALL, VQA_RULE_DMA_UNMAPPED,
	  "from 7.0 on, VDUSE's devices whose module was loaded after the audit began",
	  "its domain is not the DMA API's, and is looked for at the start; so for each rule of "
	  "the ledger" },
	{ ALL, VQA_RULE_DMA_DIRECTION, "memory that is mapped more than once at a time",
	  "which mapping is meant cannot be told" },
	{ ALL, VQA_RULE_DMA_UNMAP_MISMATCH, "memory that was never published",
	  "it belongs to no queue" },
	{ ALL, VQA_RULE_DMA_EARLY_UNMAP, "memory that several buffers in flight share",
	  "the ledger remembers the last one" },
	{ ALL, VQA_RULE_DMA_LEAK, "what the driver maps; on 7.x, entries of indirect tables",
	  "it is the driver's to unmap, and no private copy says that it is not" },
	{ ALL, VQA_RULE_DMA_OVERLAP,
	  "memory that is told to the device by several addresses: bounced, behind an IOMMU, or "
	  "VDUSE's",
	  "the ledger knows memory by the address that the device is told" },
	{ ALL, VQA_RULE_DMA_OVERLAP,
	  "mappings that begin at different addresses; of what is in flight in one mapping, all "
	  "but the last one published",
	  "the ledger finds a mapping by where it begins, and remembers one buffer of it" },
	{ ALL, VQA_RULE_DMA_WINDOW,
	  "devices of which neither the kernel, nor they, nor --window say where they may reach; "
	  "what is published in the moment after one was plugged in",
	  "a device is asked once a queue of it is known" },
	{ ALL, VQA_RULE_DMA_WINDOW,
	  "a swiotlb that grows (CONFIG_SWIOTLB_DYNAMIC), or behind an IOMMU",
	  "where all of it lies, by the addresses that the device is told, is not known" },
	{ ALL, VQA_RULE_DMA_MAP_ERROR, "more than eight such failures of a device in five seconds",
	  "eight are followed up at a time, and the others counted" },
	{ ALL, VQA_RULE_SWIOTLB_SIZE, "devices with a min_align_mask, which virtio has none of",
	  "a buffer does not begin with its first slot" },
	{ OUTSIDE, VQA_RULE_SWIOTLB_SIZE, "a swiotlb that grows",
	  "swiotlb's account of its slots is read where it is plain, and no event tells it" },
	{ ALL, VQA_RULE_SWIOTLB_LEAK, "a swiotlb that grows, or behind an IOMMU",
	  "a copy and a buffer are joined by the address that the device is told" },
	{ ALL, VQA_RULE_SWIOTLB_LEAK, "VDUSE's domain",
	  "it fills nothing that the device is to write: each received frame would be told of" },
	{ ALL, VQA_RULE_SWIOTLB_LEAK, "mappings from the first second of a device's audit",
	  "they may have been filled before" },
	{ OUTSIDE, VQA_RULE_BEFORE_DRIVER_OK, "queues on which nothing was published yet",
	  "queues appear at first use" },
	{ OUTSIDE, VQA_RULE_QUEUE_SIZE, "queues on which nothing was published yet",
	  "queues appear at first use" },
	{ OUTSIDE, UNSEEN_ALL_RULES, "packed rings without the DMA API",
	  "the kernel keeps no private copy: what the device changes before the driver's call "
	  "ends counts as published" },
	{ OUTSIDE, VQA_RULE_SHADOW_DAMAGE, "queues whose shadow is not \"whole\"",
	  "the kernel keeps no complete private copy" },
	{ OUTSIDE, VQA_RULE_CHAIN_SHAPE, "loops, on queues whose shadow is not \"whole\"",
	  "the private copy does not say where a chain ends" },
	{ OUTSIDE, VQA_RULE_PUBLISH_ORDER, "packed rings",
	  "the driver's calls are seen from outside, when all of a buffer is published" },
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
	if (tier == TIER_PATCHED || q->shadow == VQA_SHADOW_WHOLE)
		return NULL;
	*ret_partly = true;
	return q->shadow == VQA_SHADOW_RING ? "own record, from the ring" : "own record";
}
