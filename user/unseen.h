/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_UNSEEN_H
#define VQA_USER_UNSEEN_H

#include <stdbool.h>
#include <stddef.h>

#include "tier.h"
#include "vq_audit/abi.h"

#define UNSEEN_ALL_RULES (-1)

/** struct unseen - something that a tier cannot see: never to be taken for passed */
struct unseen {
	unsigned int tiers; /* a TIER_BIT each */
	int rule; /* enum vqa_rule, or UNSEEN_ALL_RULES */
	const char *where; /* what it is limited to, or NULL: the rule is not seen at all */
	const char *why;
};

/** unseen__next - the tier's next row behind @prev, the first if that is NULL; NULL at the end */
const struct unseen *unseen__next(enum tier tier, const struct unseen *prev);

/** unseen__rule_name - the row's rule, or "all" */
const char *unseen__rule_name(const struct unseen *u);

/** unseen__wholly - whether the tier cannot see anything of @rule */
bool unseen__wholly(enum tier tier, enum vqa_rule rule);

/**
 * unseen__of_queue - what stands in the way of auditing a queue
 *
 * Return: NULL if all of it is audited, else a clause. *@ret_partly says
 * whether some of it is.
 */
const char *unseen__of_queue(enum tier tier, const struct vqa_queue_id *q, bool *ret_partly);

#endif
