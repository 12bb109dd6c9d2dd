/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SINK_SPEC_H
#define VQA_USER_SINK_SPEC_H

#include "sinks.h"

/**
 * struct sink_specs - the sinks that the user asks for, as given: KIND or KIND:WHERE
 *
 * Without any, text on standard output.
 */
struct sink_specs {
	const char *spec[STATS_SINKS];
	size_t n;
};

/**
 * sink_specs__add - one more, whose text must outlive all this
 *
 * Return: 0, or -EINVAL with the reason, and what would be good, in @why.
 */
int sink_specs__add(struct sink_specs *s, const char *spec, char *why, size_t size);

/**
 * sink_specs__open - open each that is not open yet, and have it fed
 * @like: tier, quiet, color and timeline for those that show them
 *
 * Return: 0, or -errno after having said on stderr what is wrong.
 */
int sink_specs__open(const struct sink_specs *s, struct sinks *sinks, const struct sink *like);

/** sink_specs__close_others - let go of those that were asked for before, and no longer are */
void sink_specs__close_others(const struct sink_specs *s, struct sinks *sinks);

/** sink_specs__help - the kinds, for --help; returns a text to be freed, or NULL */
char *sink_specs__help(void);

#endif
