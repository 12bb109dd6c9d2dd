/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_NAMES_H
#define VQA_USER_NAMES_H

#include <stddef.h>

#include "vq_audit/abi.h"

/** struct rule_info - a row of the table of rules */
struct rule_info {
	const char *name;
	enum vqa_severity severity;
	enum vqa_blame blame;
	const char *spec; /* sections of the virtio specification 1.4 */
	const char *text; /* what holds as long as the rule is kept */
};

/** rule__info - the row of @rule, or NULL if there is no such rule */
const struct rule_info *rule__info(unsigned int rule);

/** rule__name - the name of @rule, or "?" */
const char *rule__name(unsigned int rule);

/** rule__find - the rule of that name, or -ENOENT */
int rule__find(const char *name);

/** action__name - what users type and see, or "?" */
const char *action__name(unsigned int action);

/** action__find - the action of that name, or -ENOENT */
int action__find(const char *name);

const char *severity__name(unsigned int severity);
const char *blame__name(unsigned int blame);

/** kind__name - in which way a rule is violated: a word for programs, "none" if there is one way */
const char *kind__name(unsigned int kind);

/** kind__text - the same as a clause for people */
const char *kind__text(unsigned int kind);

/** window_source__name - who says where a device may reach */
const char *window_source__name(unsigned int source);

/** point__name - where a violation was found */
const char *point__name(unsigned int point);

/** point__text - the same as a clause for people */
const char *point__text(unsigned int point);

/** shadow__name - how much of a queue's descriptors the kernel keeps privately */
const char *shadow__name(unsigned int shadow);

const char *skip__name(unsigned int skip);
const char *loss__name(unsigned int loss);
const char *loss__text(unsigned int loss);

/** field__name - name of the field of bit @bit of an enum vqa_field mask; field__noun: in words */
const char *field__name(unsigned int bit);
const char *field__noun(unsigned int bit);

/**
 * device_type__format - the driver's name for a virtio device id
 * @buf: holds "type-N" for an id that is not known; must have 16 bytes
 *
 * Return: the name; points into @buf or to static memory.
 */
const char *device_type__format(unsigned int device, char *buf, size_t size);

#endif
