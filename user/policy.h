/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_POLICY_H
#define VQA_USER_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "vq_audit/rules.h"

/** struct policy - what is done about a violation of each rule: enum vqa_action */
struct policy {
	unsigned char action[VQA_RULE_COUNT];
};

/** policy__default_action - what is done about @rule unless somebody says otherwise */
enum vqa_action policy__default_action(enum vqa_rule rule, bool hard);

/**
 * policy__init - every rule gets the default action of its severity
 * @hard: the profile that fails closed: critical rules break the queue
 */
void policy__init(struct policy *p, bool hard);

/** policy__silence - every rule gets the action ignore */
void policy__silence(struct policy *p);

/**
 * policy__parse - apply "RULE=ACTION,...", where RULE may be "all"; the last one wins
 * @why: gets a message for the user on failure
 *
 * Return: 0; -EINVAL if it has another form, -ENOENT if there is no such rule
 * or action. @p is unchanged on failure.
 */
int policy__parse(struct policy *p, const char *text, char *why, size_t size);

/** policy__find - the first rule with that action, or -ENOENT */
int policy__find(const struct policy *p, enum vqa_action action);

#endif
