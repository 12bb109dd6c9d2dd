/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_CONFIG_DEVICE_H
#define VQA_USER_CONFIG_DEVICE_H

#include "config.h"
#include "on_break.h"
#include "policies.h"

/**
 * config_device__apply - what the sections [device NAME] and [queue DEVICE:N] say
 * @p: with the policy of all queues, on which theirs stand
 * @on_break: as the options say; a device's section goes before them
 *
 * Errors are added to @c; all lines of other sections are left alone.
 */
void config_device__apply(struct config *c, struct policies *p, struct on_break *on_break);

/** config_device__is - whether it is such a section */
bool config_device__is(const struct config_section *section);

/** config_device__help - their keys, for --help; returns a text to be freed, or NULL */
char *config_device__help(void);

#endif
