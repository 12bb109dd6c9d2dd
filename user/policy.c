/* SPDX-License-Identifier: GPL-2.0 */
/* Which action each rule has. */
#include "policy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "names.h"

#define SEE_RULES " (\"vq-audit rules\" explains them)"

enum vqa_action policy__default_action(enum vqa_rule rule, bool hard)
{
	const struct rule_info *info = rule__info(rule);

	if (info && info->blame == VQA_BLAME_USER)
		return VQA_ACT_IGNORE;
	if (!info || info->severity < VQA_SEV_HIGH)
		return VQA_ACT_LOG;
	return hard && info->severity == VQA_SEV_CRITICAL ? VQA_ACT_BREAK : VQA_ACT_ALERT;
}

void policy__init(struct policy *p, bool hard)
{
	for (unsigned int i = 0; i < VQA_RULE_COUNT; i++)
		p->action[i] = policy__default_action(i, hard);
}

void policy__silence(struct policy *p)
{
	memset(p->action, VQA_ACT_IGNORE, sizeof(p->action));
}

/* Append to the string in @buf; what does not fit is cut off. */
static void append(char *buf, size_t size, const char *text)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s", text);
}

static void explain_rules(const char *name, char *why, size_t size)
{
	snprintf(why, size, "no rule is named \"%s\"; rules are:", name);
	for (unsigned int i = 0; i < VQA_RULE_COUNT; i++) {
		append(why, size, " ");
		append(why, size, rule__name(i));
	}
	append(why, size, ", or all" SEE_RULES);
}

static void explain_actions(const char *name, char *why, size_t size)
{
	snprintf(why, size, "no action is named \"%s\"; actions are:", name);
	for (unsigned int i = 0; i < VQA_ACT_COUNT; i++) {
		append(why, size, " ");
		append(why, size, action__name(i));
	}
	append(why, size, SEE_RULES);
}

/* "RULE=ACTION" */
static int parse_one(struct policy *p, const char *text, char *why, size_t size)
{
	const char *equals = strchr(text, '=');
	char name[64];
	int rule, action;

	if (!equals || equals == text || !equals[1] || (size_t)(equals - text) >= sizeof(name)) {
		snprintf(why, size, "\"%s\" is not of the form RULE=ACTION" SEE_RULES, text);
		return -EINVAL;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);

	rule = rule__find(name);
	if (rule < 0 && strcmp(name, "all")) {
		explain_rules(name, why, size);
		return -ENOENT;
	}
	action = action__find(equals + 1);
	if (action < 0) {
		explain_actions(equals + 1, why, size);
		return -ENOENT;
	}

	if (rule < 0)
		memset(p->action, action, sizeof(p->action));
	else
		p->action[rule] = action;
	return 0;
}

/* Without the blanks at the end of it. */
static size_t trimmed(const char *text, size_t len)
{
	while (len && isblank((unsigned char)text[len - 1]))
		len--;
	return len;
}

int policy__parse(struct policy *p, const char *text, char *why, size_t size)
{
	struct policy all = *p;
	char one[128];
	int err;

	for (;; text++) {
		size_t len;

		text += strspn(text, " \t");
		len = strcspn(text, ",");
		snprintf(one, sizeof(one), "%.*s", (int)trimmed(text, len), text);
		err = parse_one(&all, one, why, size);
		if (err)
			return err;
		text += len;
		if (!*text)
			break;
	}
	*p = all;
	return 0;
}

int policy__find(const struct policy *p, enum vqa_action action)
{
	for (unsigned int i = 0; i < VQA_RULE_COUNT; i++)
		if (p->action[i] == action)
			return i;
	return -ENOENT;
}
