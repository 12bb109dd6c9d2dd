/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_LEDGER_H
#define VQA_USER_LEDGER_H

#include "audit.h"
#include "vq_audit/ledger.h"

/** struct ledger - the ledger of DMA mappings, as it was last read */
struct ledger {
	bool kept; /* at level dma */
	__u64 counts[VQA_LEDGER_COUNT];
	struct vqa_ledger_pass pass;
};

/**
 * ledger__read - pass over the ledger, which also finds what was left over, and read its counters
 *
 * Return: 0, also where none is kept, or -errno.
 */
int ledger__read(struct ledger *l, const struct audit *a);

const char *ledger__name(unsigned int count);

#endif
