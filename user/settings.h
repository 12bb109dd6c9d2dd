/* SPDX-License-Identifier: GPL-2.0 */
/* Options of "run" with their values, whether they are from the command line or from a file. */
#ifndef VQA_USER_SETTINGS_H
#define VQA_USER_SETTINGS_H

#include <argp.h>

#include "config.h"

/** struct setting - an option, and what it is set to */
struct setting {
	const struct argp_option *option;
	const char *value; /* NULL: the option takes none */
	struct config_place at;
};

struct settings {
	struct setting *list;
	size_t n;
};

/** settings__option - the option of that long name, or of that key; NULL if there is none */
const struct argp_option *settings__option(const struct argp_option *options, const char *name);
const struct argp_option *settings__option_of(const struct argp_option *options, int key);

/** settings__adds_up - whether an option that is given again adds to what was given before */
bool settings__adds_up(const struct argp_option *option);

/** settings__append - one more, behind the others; 0 or -ENOMEM */
int settings__append(struct settings *s, const struct setting *setting);

/** settings__drop - those of an option */
void settings__drop(struct settings *s, const char *name);

/** settings__find - the last one of an option, or NULL */
const struct setting *settings__find(const struct settings *s, const char *name);

/** settings__same - whether an option is set to the same */
bool settings__same(const struct settings *a, const struct settings *b, const char *name);

void settings__free(struct settings *s);

#endif
