/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_ARGS_H
#define VQA_USER_ARGS_H

#include <argp.h>
#include <stdbool.h>

/* Keys of options without a letter; each command's start at ARGS_KEY_LONG. */
#define ARGS_KEY_LONG 0x100

#define ARGS_JSON                                                          \
	{                                                                  \
		"json", 'j', NULL, 0, "Print JSON, one object per line", 0 \
	}
#define ARGS_VERBOSE                                                                    \
	{                                                                               \
		"verbose", 'v', NULL, 0, "Show all that libbpf and the verifier say", 0 \
	}

/** struct args_listener - who is told what is wrong instead of the user: a parser's state->hook */
struct args_listener {
	void (*tell)(struct args_listener *l, const char *what);
};

/**
 * args__error - a usage error, by which the program ends; or goes on, if somebody listens
 *
 * Names of options in it have their hyphens: --rate.
 */
void args__error(struct argp_state *state, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * args__number - the value of an option, a decimal number in a range
 * @name: the option, for the message
 *
 * A usage error (args__error()) if it is none.
 */
unsigned int args__number(struct argp_state *state, const char *name, const char *text,
			  unsigned int min, unsigned int max);

/**
 * args__word - the value of an option that is one of some words
 * @words: ends with NULL
 *
 * A usage error (args__error()) if it is none of them. Return: its index.
 */
unsigned int args__word(struct argp_state *state, const char *name, const char *text,
			const char *const *words);

/** struct args_common - what ARGS_JSON and ARGS_VERBOSE set */
struct args_common {
	bool json, verbose;
};

/**
 * args__common - the part of an argp parser that commands share
 *
 * An argument that is no option ends the program. Return: as an argp parser,
 * ARGP_ERR_UNKNOWN for a key that is the command's own.
 */
error_t args__common(int key, char *arg, struct argp_state *state, struct args_common *ret);

/**
 * args__file - the part of an argp parser of a command that takes exactly one FILE
 *
 * More or none ends the program. Return: as an argp parser.
 */
error_t args__file(int key, char *arg, struct argp_state *state, const char **ret);

#endif
