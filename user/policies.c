/* SPDX-License-Identifier: GPL-2.0 */
/* A policy for all queues, and those of devices and queues that have their own. */
#include "policies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As the programs look it up: names are cut there, too, and nothing stands behind their end. */
static struct vqa_policy_key key_of(const char *bus, __u32 queue)
{
	struct vqa_policy_key key = { .queue = queue };

	snprintf(key.bus, sizeof(key.bus), "%s", bus);
	return key;
}

struct policy_of *policies__find(const struct policies *p, const char *bus, __u32 queue)
{
	struct vqa_policy_key key = key_of(bus, queue);

	for (size_t i = 0; i < p->n; i++)
		if (!memcmp(&p->own[i].key, &key, sizeof(key)))
			return &p->own[i];
	return NULL;
}

struct policy_of *policies__add(struct policies *p, const char *bus, __u32 queue)
{
	struct policy_of *more = realloc(p->own, (p->n + 1) * sizeof(*more));

	if (!more)
		return NULL;
	p->own = more;
	more = &p->own[p->n++];
	memset(more, 0, sizeof(*more));
	more->key = key_of(bus, queue);
	return more;
}

int policies__with(const struct policies *p, enum vqa_action action, const char **whose)
{
	int rule = policy__find(&p->all, action);

	*whose = NULL;
	for (size_t i = 0; rule < 0 && i < p->n; i++) {
		rule = policy__find(&p->own[i].policy, action);
		*whose = p->own[i].name;
	}
	return rule;
}

void policies__free(struct policies *p)
{
	free(p->own);
	p->own = NULL;
	p->n = 0;
}
