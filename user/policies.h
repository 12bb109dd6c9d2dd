/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_POLICIES_H
#define VQA_USER_POLICIES_H

#include <stddef.h>

#include "policy.h"
#include "vq_audit/policy.h"

#define POLICY_NAME 64

/** struct policy_of - the policy of a device, or of one of its queues */
struct policy_of {
	struct vqa_policy_key key;
	char name[POLICY_NAME]; /* as the user calls it: virtio0, or virtio0:1 */
	struct policy policy;
};

/** struct policies - what is done about violations, on each queue */
struct policies {
	struct policy all; /* of each queue that has no other */
	struct policy_of *own; /* @n of them */
	size_t n;
};

/**
 * policies__add - one more, of whom there is none yet
 *
 * Return: the one to be filled in, of which the key alone is; NULL without memory.
 */
struct policy_of *policies__add(struct policies *p, const char *bus, __u32 queue);

/** policies__find - that of exactly this device (queue VQA_POLICY_ANY) or queue, or NULL */
struct policy_of *policies__find(const struct policies *p, const char *bus, __u32 queue);

/**
 * policies__with - the first rule with that action on some queue, or -ENOENT
 * @whose: gets the name of the device or queue; NULL if it is so on every queue
 */
int policies__with(const struct policies *p, enum vqa_action action, const char **whose);

void policies__free(struct policies *p);

#endif
