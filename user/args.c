/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands' option parsers share. */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

unsigned int args__number(struct argp_state *state, const char *name, const char *text,
			  unsigned int min, unsigned int max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || value < min || value > max)
		argp_error(state, "%s: \"%s\" is not a number from %u to %u", name, text, min, max);
	return value;
}

error_t args__none(struct argp_state *state, const char *arg)
{
	argp_error(state, "unexpected argument \"%s\"; a command comes before its options", arg);
	return EINVAL;
}
