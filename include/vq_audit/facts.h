/* SPDX-License-Identifier: GPL-2.0 */
/* What is known of an audit that outlives its daemon: kept in the map "facts", pinned with it. */
#ifndef VQ_AUDIT_FACTS_H
#define VQ_AUDIT_FACTS_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define VQA_VERSION_LEN 24

/* What is fixed when the programs are loaded: X(member, option of "run"). */
#define VQA_FIXED(X)                                 \
	X(rate, "--rate")                            \
	X(max_queues, "--max-queues")                \
	X(recorder, "--recorder")                    \
	X(ring_bytes, "--ring-kib")                  \
	X(stall_ms, "--stall-ms")                    \
	X(max_mappings, "--level or --max-mappings") \
	X(thins, "--sample or --budget")             \
	X(latency, "--latency-sample")               \
	X(windows, "--window")                       \
	X(tier, "the tier of this kernel")

/** struct vqa_facts - of the audit whose map this is; all zero until every program hangs */
struct vqa_facts {
	__u32 abi; /* VQA_ABI_VERSION; stays first, whatever comes */
	__u32 whole; /* 1 once every program is attached and pinned */
	__u64 layout; /* digest of the maps and global variables: user/facts.c */
	char version[VQA_VERSION_LEN]; /* of the vq-audit that loaded the programs */
#define X(member, option) __u32 member;
	VQA_FIXED(X)
#undef X
};

#endif
