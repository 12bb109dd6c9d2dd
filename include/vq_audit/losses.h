/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQ_AUDIT_LOSSES_H
#define VQ_AUDIT_LOSSES_H

/* Counters that belong to no queue: map "losses", an entry per CPU. */
#define VQA_LOSSES(X)                                                                              \
	X(EVENTS, "events", "event records lost because the ring buffer was full")                 \
	X(QUEUES_FULL, "queues-full", "queues not audited because the table of queues was full")   \
	X(LEDGER_FULL, "ledger-full",                                                              \
	  "DMA mappings left out because the ledger was full: raise --max-mappings")               \
	X(NO_QUEUE, "no-queue", "hook calls for a queue that is not registered")                   \
	X(BREAK_FAILED, "break-failed",                                                            \
	  "breaks that failed because a device was just coming or going: try again")               \
	X(READ_FAILED, "read-failed", "reads of kernel memory that failed")                        \
	X(UNTRACED, "untraced",                                                                    \
	  "times that kernel.ftrace_enabled was set to 0, and looks at the counters until it was " \
	  "not: nothing was seen then")

enum vqa_loss {
#define X(id, name, text) VQA_LOSS_##id,
	VQA_LOSSES(X)
#undef X
		VQA_LOSS_COUNT,
};

#endif
