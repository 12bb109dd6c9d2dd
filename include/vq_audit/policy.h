/* SPDX-License-Identifier: GPL-2.0 */
/* What is done about a violation, by queue: shared by programs and daemon. */
#ifndef VQ_AUDIT_POLICY_H
#define VQ_AUDIT_POLICY_H

#include "vq_audit/abi.h"

#define VQA_POLICIES_MAX 1024 /* tables of actions, that of all queues among them */
#define VQA_POLICY_ANY (~0U)

/** struct vqa_policy_key - whose table it is. The closest one is a queue's own */
struct vqa_policy_key {
	char bus[VQA_NAME_LEN]; /* of the parent device; "": of every queue */
	__u32 queue; /* index in its device, or VQA_POLICY_ANY */
};

/** struct vqa_policy - a table of actions: value of map "policy" */
struct vqa_policy {
	__u8 action[VQA_RULE_MAX] __attribute__((aligned(8))); /* enum vqa_action, by rule */
};

/** struct vqa_adopt - context of program "adopt" */
struct vqa_adopt {
	__u32 queues; /* that have their table anew */
	__u32 pad;
};

#endif
