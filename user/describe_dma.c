/* SPDX-License-Identifier: GPL-2.0 */
/* What the ledger of DMA mappings found, in words. */
#include "describe_dma.h"

#include <stdio.h>

#include "names.h"
#include "text.h"
#include "vq_audit/ledger.h"

const char *dma_dir__name(unsigned int dir)
{
	static const char *const names[] = {
		[VQA_DMA_BIDIRECTIONAL] = "BIDIRECTIONAL",
		[VQA_DMA_TO_DEVICE] = "TO_DEVICE",
		[VQA_DMA_FROM_DEVICE] = "FROM_DEVICE",
	};

	return dir < sizeof(names) / sizeof(names[0]) ? names[dir] : "?";
}

static const char *what(const struct vqa_event *e)
{
	switch (e->point) {
	case VQA_POINT_PUBLISH:
		return "published";
	case VQA_POINT_UNMAP:
		return "unmapped";
	case VQA_POINT_COPY:
		return "copied";
	default:
		return "mapped";
	}
}

/* What it should have been: a mapping, or where the device may reach. */
static void describe_want(const struct vqa_event *e, char *buf, size_t size)
{
	if (e->kind == VQA_KIND_OUTSIDE)
		snprintf(buf, size, "its window (%s) begins at 0x%llx",
			 window_source__name(e->want.flags), e->want.addr);
	else if (e->kind == VQA_KIND_MAP_SHARED)
		snprintf(buf, size, "the other one: %u byte%s at 0x%llx", e->want.len,
			 text__plural(e->want.len), e->want.addr);
	else
		snprintf(buf, size, "the mapping: %u byte%s %s", e->want.len,
			 text__plural(e->want.len), dma_dir__name(e->want.flags));
}

bool describe_dma(const struct vqa_event *e, char *buf, size_t size)
{
	char whose[32] = "memory", want[96];

	if (!(e->fields & VQA_F_DMA))
		return false;
	if (e->id != VQA_OP_NO_ID)
		snprintf(whose, sizeof(whose), "memory of buffer %u", e->id);
	describe_want(e, want, sizeof(want));
	snprintf(buf, size, "%s: %u byte%s at 0x%llx, %s %s: %s; %s", whose, e->seen.len,
		 text__plural(e->seen.len), e->seen.addr, what(e), dma_dir__name(e->seen.flags),
		 kind__text(e->kind), want);
	return true;
}
