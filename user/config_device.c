/* SPDX-License-Identifier: GPL-2.0 */
/* The sections [device NAME] and [queue DEVICE:N] of the configuration. */
#include "config_device.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "error.h"

#define WHY 1024
#define DEVICE_NAME 48

/** struct scope - a section, and whose it is */
struct scope {
	const struct config_section *section;
	char device[DEVICE_NAME]; /* as it is called there */
	char bus[POSTURE_NAME];
	__u32 queue; /* or VQA_POLICY_ANY */
	bool missing_ok;
	int on_break; /* enum on_break_action; -1: not said */
	struct policy_of *own; /* what is set */
};

/* Return: 0, or -errno with a reason, and what would be good, in @why. */
typedef int (*set_fn)(struct scope *s, const char *value, char *why, size_t size);

static int set_action(struct scope *s, const char *value, char *why, size_t size)
{
	return policy__parse(&s->own->policy, value, why, size);
}

static int set_missing_ok(struct scope *s, const char *value, char *why, size_t size)
{
	int yes = config__bool(value);

	if (yes >= 0) {
		s->missing_ok = yes;
		return 0;
	}
	snprintf(why, size, "\"%s\" is neither yes nor no", value);
	return -EINVAL;
}

static int set_on_break(struct scope *s, const char *value, char *why, size_t size)
{
	int action = on_break__word(value);

	if (action >= 0 && s->queue == VQA_POLICY_ANY) {
		s->on_break = action;
		return 0;
	}
	if (action < 0)
		snprintf(why, size, "\"%s\" is none of leave, recover, panic", value);
	else
		snprintf(why, size,
			 "a device recovers, or is left, with all of its queues: "
			 "[device NAME] has this key");
	return -EINVAL;
}

/* A new key is a line here; what it sets is a member of struct policy_of, or of the section. */
static const struct scope_key {
	const char *name, *value;
	set_fn set;
	const char *text;
} keys[] = {
	{ "action", "RULE=ACTION,...", set_action,
	  "what to do there about a violation, where that is not as everywhere else; may be "
	  "repeated" },
	{ "on-break", "leave|recover|panic", set_on_break,
	  "what to do about the device once a queue of it is broken; in [device NAME] alone" },
	{ "missing-ok", "yes|no", set_missing_ok,
	  "it is no error if the device is not there now: it may come later" },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static bool is_queue(const struct config_section *section)
{
	return !strncmp(section->name, "queue ", 6);
}

bool config_device__is(const struct config_section *section)
{
	return is_queue(section) || !strncmp(section->name, "device ", 7);
}

static void set_key(struct config *c, struct scope *s, const struct config_line *l, bool tell)
{
	char why[WHY], names[128] = "";
	size_t len = 0;

	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, l->key)) {
			len += snprintf(names + len, sizeof(names) - len, " %s", keys[i].name);
			continue;
		}
		if (keys[i].set(s, l->value, why, sizeof(why)) && tell)
			config__error(c, l->at, "%s: %s", l->key, why);
		return;
	}
	if (tell)
		config__error(c, l->at, "[%s] has no key \"%s\"; its keys are:%s", s->section->name,
			      l->key, names);
}

static void set_keys(struct config *c, struct scope *s, struct policy_of *own, bool tell)
{
	s->own = own;
	for (size_t i = 0; i < c->n_lines; i++)
		if (&c->sections[c->lines[i].section] == s->section)
			set_key(c, s, &c->lines[i], tell);
}

/* Whose section it is, by its heading. */
static bool parse_name(struct config *c, struct scope *s)
{
	const char *name = strchr(s->section->name, ' ') + 1, *colon = strrchr(name, ':');
	size_t len;
	char *end;

	name += strspn(name, " \t");
	len = strlen(name);
	s->queue = VQA_POLICY_ANY;
	if (is_queue(s->section)) {
		s->queue = colon && isdigit((unsigned char)colon[1]) ? strtoul(colon + 1, &end, 10)
								     : VQA_POLICY_ANY;
		if (s->queue > 0xffff || *end) {
			config__error(c, s->section->at,
				      "[%s] is not [queue DEVICE:N], say [queue virtio0:1] or "
				      "[queue 0000:00:03.0:1]",
				      s->section->name);
			return false;
		}
		len = colon - name;
	}
	if (len >= sizeof(s->device) || !len) {
		config__error(c, s->section->at,
			      "[%s] names no device: it is virtioN or a bus id, as \"vq-audit "
			      "list\" has them",
			      s->section->name);
		return false;
	}
	snprintf(s->device, sizeof(s->device), "%.*s", (int)len, name);
	return true;
}

/* Which one that is. One that is to come can have no name but that of its place. */
static bool find_device(struct config *c, struct scope *s)
{
	if (bus__find(s->device, strlen(s->device), s->bus))
		return true;
	if (!s->missing_ok && c->elsewhere) {
		err__print("%s:%u: warning: no virtio device \"%s\" is here; that is an error on "
			   "the machine that this is for",
			   s->section->at.file, s->section->at.line, s->device);
		return false;
	}
	if (!s->missing_ok) {
		config__error(
			c, s->section->at,
			"there is no virtio device \"%s\"; \"vq-audit check --posture\" lists "
			"them, and missing-ok = yes is for one that comes later",
			s->device);
		return false;
	}
	if (!strncmp(s->device, "virtio", 6)) {
		config__error(c, s->section->at,
			      "%s is not there, and what comes later may have another number: name "
			      "it by its bus id, say 0000:00:03.0",
			      s->device);
		return false;
	}
	snprintf(s->bus, sizeof(s->bus), "%s", s->device);
	return true;
}

/* What a policy stands on: that of the device, if it is a queue's, or of all. */
static struct policy ground(const struct policies *p, const struct scope *s)
{
	const struct policy_of *device = policies__find(p, s->bus, VQA_POLICY_ANY);

	return device ? device->policy : p->all;
}

/* Two sections, in two files, may be of the same device. */
static struct policy_of *own_policy(struct config *c, struct policies *p, const struct scope *s)
{
	struct policy_of *own = policies__find(p, s->bus, s->queue);
	struct policy on = ground(p, s);

	if (own)
		return own;
	if (p->n == VQA_POLICIES_MAX - 1) {
		config__error(c, s->section->at, "that is more than %d devices and queues",
			      VQA_POLICIES_MAX - 1);
		return NULL;
	}
	own = policies__add(p, s->bus, s->queue);
	if (!own)
		return NULL;
	own->policy = on;
	if (s->queue == VQA_POLICY_ANY)
		snprintf(own->name, sizeof(own->name), "%s", s->device);
	else
		snprintf(own->name, sizeof(own->name), "%s:%u", s->device, s->queue);
	return own;
}

static void apply(struct config *c, struct policies *p, struct on_break *on_break,
		  const struct config_section *section)
{
	struct scope s = { .section = section, .on_break = -1 };
	struct policy_of scratch = { .policy = p->all };
	struct policy_of *own;
	bool named = parse_name(c, &s);

	set_keys(c, &s, &scratch, true);
	own = named && find_device(c, &s) ? own_policy(c, p, &s) : NULL;
	if (own)
		set_keys(c, &s, own, false);
	if (own && s.on_break >= 0 && on_break__set(on_break, s.bus, s.on_break))
		config__error(c, section->at, "%s", err__str(ENOMEM));
}

void config_device__apply(struct config *c, struct policies *p, struct on_break *on_break)
{
	for (int queues = 0; queues < 2; queues++)
		for (size_t i = 0; i < c->n_sections; i++)
			if (config_device__is(&c->sections[i]) &&
			    is_queue(&c->sections[i]) == queues)
				apply(c, p, on_break, &c->sections[i]);
}

char *config_device__help(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f, "Keys of [device NAME] and [queue DEVICE:N]:\n\n");
	for (size_t i = 0; i < KEYS; i++)
		fprintf(f, "  %s = %s\n      %s\n", keys[i].name, keys[i].value, keys[i].text);
	fclose(f);
	return text;
}
