/* SPDX-License-Identifier: GPL-2.0 */
/* A configuration file and its drop-ins, as they are written: what it means, others know. */
#ifndef VQA_USER_CONFIG_H
#define VQA_USER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_DEFAULT "/etc/vq-audit.conf"

/** struct config_place - where something stands */
struct config_place {
	const char *file; /* NULL: on the command line */
	unsigned int line; /* 0: in no line of it */
};

/** struct config_section - a heading; the first one of a file is none, and has no name */
struct config_section {
	struct config_place at;
	char *name; /* between the brackets */
};

/** struct config_line - a key and its value */
struct config_line {
	struct config_place at;
	size_t section; /* of struct config */
	char *key, *value;
};

/** struct config_error - what is wrong, why, and the way out */
struct config_error {
	struct config_place at;
	char *text;
};

struct config {
	bool elsewhere; /* this is not the machine that it is for: devices may be missing */
	char **files;
	size_t n_files;
	struct config_section *sections;
	size_t n_sections;
	struct config_line *lines;
	size_t n_lines;
	struct config_error *errors;
	size_t n_errors;
};

/**
 * config__read - @path, and the files *.conf of the directory @path.d, sorted by name
 * @required: it is an error if @path does not exist
 *
 * Errors of all files are kept: see config__failed().
 */
void config__read(struct config *c, const char *path, bool required);

/** config__error - one more error */
void config__error(struct config *c, struct config_place at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** config__failed - whether there were errors; says them on stderr, in the order of the files */
bool config__failed(struct config *c);

/** config__bool - 1 for yes, true or on; 0 for no, false or off; -1 for anything else */
int config__bool(const char *value);

void config__free(struct config *c);

#endif
