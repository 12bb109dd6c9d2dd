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
	default:
		return "mapped";
	}
}

bool describe_dma(const struct vqa_event *e, char *buf, size_t size)
{
	if (!(e->fields & VQA_F_DMA))
		return false;
	snprintf(buf, size,
		 "memory of buffer %u: %u byte%s at 0x%llx, %s %s: %s; the mapping: %u byte%s %s",
		 e->id, e->seen.len, text__plural(e->seen.len), e->seen.addr, what(e),
		 dma_dir__name(e->seen.flags), kind__text(e->kind), e->want.len,
		 text__plural(e->want.len), dma_dir__name(e->want.flags));
	return true;
}
