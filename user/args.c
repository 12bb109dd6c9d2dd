/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands' option parsers share. */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void args__error(struct argp_state *state, const char *fmt, ...)
{
	struct args_listener *listener = state->hook;
	char what[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (listener)
		listener->tell(listener, what);
	else
		argp_error(state, "%s", what);
}

unsigned int args__number(struct argp_state *state, const char *name, const char *text,
			  unsigned int min, unsigned int max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || value < min || value > max)
		args__error(state, "%s: \"%s\" is not a number from %u to %u", name, text, min,
			    max);
	return value;
}

unsigned int args__word(struct argp_state *state, const char *name, const char *text,
			const char *const *words)
{
	char list[128] = "";
	size_t len = 0;

	for (unsigned int i = 0; words[i]; i++) {
		if (!strcmp(text, words[i]))
			return i;
		len += snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", words[i]);
	}
	args__error(state, "%s: \"%s\" is none of %s", name, text, list);
	return 0;
}

error_t args__common(int key, char *arg, struct argp_state *state, struct args_common *ret)
{
	switch (key) {
	case 'j':
		ret->json = true;
		return 0;
	case 'v':
		ret->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument \"%s\"; a command comes before its options",
			   arg);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

error_t args__file(int key, char *arg, struct argp_state *state, const char **ret)
{
	switch (key) {
	case ARGP_KEY_ARG:
		if (*ret)
			argp_error(state, "one FILE, not \"%s\" as well", arg);
		*ret = arg;
		return 0;
	case ARGP_KEY_END:
		if (!*ret)
			argp_error(state, "which FILE?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
