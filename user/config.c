/* SPDX-License-Identifier: GPL-2.0 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "error.h"

#define MAX_LINE 4096

/* A file that is parsed. */
struct reader {
	struct config *c;
	FILE *f;
	const char *name;
	unsigned int line; /* that was read last */
	bool *bad; /* by line: it cannot be parsed */
};

/* Room for one more of @size bytes behind @n, or the end: a configuration is small. */
static void *grow(void *array, size_t n, size_t size)
{
	array = reallocarray(array, n + 1, size);
	if (!array) {
		err__print("the configuration: %s", err__str(ENOMEM));
		abort();
	}
	return array;
}

static char *copy(const char *text)
{
	return strcpy(grow(NULL, strlen(text), 1), text);
}

void config__error(struct config *c, struct config_place at, const char *fmt, ...)
{
	struct config_error *e;
	va_list ap;

	c->errors = grow(c->errors, c->n_errors, sizeof(*c->errors));
	e = &c->errors[c->n_errors++];
	e->at = at;
	va_start(ap, fmt);
	if (vasprintf(&e->text, fmt, ap) < 0)
		e->text = NULL;
	va_end(ap);
}

static void add_section(struct config *c, struct config_place at, const char *name)
{
	c->sections = grow(c->sections, c->n_sections, sizeof(*c->sections));
	c->sections[c->n_sections++] = (struct config_section){ at, copy(name) };
}

/* inih calls this as it meets a key: its section is the one of which a heading was read last. */
static int on_key(void *user, const char *section, const char *key, const char *value)
{
	struct reader *r = user;
	struct config *c = r->c;

	(void)section;
	c->lines = grow(c->lines, c->n_lines, sizeof(*c->lines));
	c->lines[c->n_lines++] = (struct config_line){
		.at = { r->name, r->line },
		.section = c->n_sections - 1,
		.key = copy(key),
		.value = copy(value),
	};
	return 1;
}

/* A heading, whether there is a key below it or not. */
static void note_section(struct reader *r, const char *text)
{
	const char *end = strchr(text, ']');
	char name[MAX_LINE];

	if (*text != '[' || !end)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(end - text - 1), text + 1);
	add_section(r->c, (struct config_place){ r->name, r->line }, name);
}

/* The file's next line, as inih asks for it; one that it cannot take is an empty one to it. */
static char *next_line(char *buf, int size, void *stream)
{
	struct reader *r = stream;
	char line[MAX_LINE], *text = line;
	size_t len;

	if (!fgets(line, sizeof(line), r->f))
		return NULL;
	r->line++;
	len = strlen(line);
	if (len == sizeof(line) - 1 && line[len - 1] != '\n')
		for (int ch = 0; ch != '\n' && ch != EOF;)
			ch = getc(r->f);
	if (r->line == 1 && !strncmp(text, "\xef\xbb\xbf", 3)) /* a mark of some editors */
		text += 3;
	while (isblank((unsigned char)*text)) /* else it would go on with the value before */
		text++;
	len = strlen(text);
	if (len >= (size_t)size && !r->bad[r->line]) {
		config__error(r->c, (struct config_place){ r->name, r->line },
			      "the line is longer than %d bytes: a key that takes several values "
			      "may be repeated",
			      size - 2);
		r->bad[r->line] = true;
	}
	snprintf(buf, size, "%s", r->bad[r->line] ? "\n" : text);
	note_section(r, buf);
	return buf;
}

/* Back to what there was before a file. */
static void forget(struct config *c, size_t n_sections, size_t n_lines)
{
	while (c->n_sections > n_sections)
		free(c->sections[--c->n_sections].name);
	while (c->n_lines > n_lines) {
		struct config_line *l = &c->lines[--c->n_lines];

		free(l->key);
		free(l->value);
	}
}

static unsigned int count_lines(FILE *f)
{
	unsigned int n = 2; /* one that does not end, and line 0 */

	for (int ch; (ch = getc(f)) != EOF;)
		n += ch == '\n';
	return n;
}

/* inih tells of the first line that it does not understand: without that, of the next one. */
static void parse(struct reader *r)
{
	size_t n_sections = r->c->n_sections, n_lines = r->c->n_lines;
	int line;

	r->bad = calloc(count_lines(r->f) + 1, sizeof(*r->bad));
	if (!r->bad)
		return;
	do {
		forget(r->c, n_sections, n_lines);
		rewind(r->f);
		r->line = 0;
		add_section(r->c, (struct config_place){ r->name, 0 }, "");
		line = ini_parse_stream(next_line, r, on_key, r);
		if (line > 0) {
			config__error(r->c, (struct config_place){ r->name, line },
				      "this is neither [SECTION] nor KEY = VALUE; a comment begins "
				      "with #");
			r->bad[line] = true;
		}
	} while (line > 0);
	if (line < 0)
		config__error(r->c, (struct config_place){ r->name, 0 }, "%s", err__str(ENOMEM));
	free(r->bad);
}

static void read_file(struct config *c, const char *path, bool required)
{
	struct reader r = { .c = c, .f = fopen(path, "re") };

	if (!r.f && errno == ENOENT && !required)
		return;
	c->files = grow(c->files, c->n_files, sizeof(*c->files));
	r.name = c->files[c->n_files++] = copy(path);
	if (!r.f) {
		config__error(c, (struct config_place){ r.name, 0 }, "%s", err__str(errno));
		return;
	}
	parse(&r);
	if (ferror(r.f))
		config__error(c, (struct config_place){ r.name, 0 }, "%s", err__str(errno));
	fclose(r.f);
}

void config__read(struct config *c, const char *path, bool required)
{
	char pattern[PATH_MAX];
	glob_t found;

	read_file(c, path, required);
	snprintf(pattern, sizeof(pattern), "%s.d/*.conf", path);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_file(c, found.gl_pathv[i], true);
	globfree(&found);
}

static size_t order_of(const struct config *c, const struct config_error *e)
{
	size_t i = 0;

	while (i < c->n_files && c->files[i] != e->at.file)
		i++;
	return i;
}

static int by_place(const void *a, const void *b, void *config)
{
	const struct config_error *x = a, *y = b;
	size_t i = order_of(config, x), k = order_of(config, y);

	if (i != k)
		return i < k ? -1 : 1;
	return x->at.line < y->at.line ? -1 : x->at.line > y->at.line;
}

bool config__failed(struct config *c)
{
	if (c->n_errors)
		qsort_r(c->errors, c->n_errors, sizeof(*c->errors), by_place, c);
	for (size_t i = 0; i < c->n_errors; i++) {
		const struct config_error *e = &c->errors[i];

		if (e->at.line)
			err__print("%s:%u: %s", e->at.file, e->at.line, e->text);
		else if (e->at.file)
			err__print("%s: %s", e->at.file, e->text);
		else
			err__print("%s", e->text);
	}
	return c->n_errors;
}

int config__bool(const char *value)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on" };

	for (int i = 0; i < 6; i++)
		if (!strcmp(words[i], value))
			return i % 2;
	return -1;
}

void config__free(struct config *c)
{
	forget(c, 0, 0);
	for (size_t i = 0; i < c->n_errors; i++)
		free(c->errors[i].text);
	for (size_t i = 0; i < c->n_files; i++)
		free(c->files[i]);
	free(c->files);
	free(c->sections);
	free(c->lines);
	free(c->errors);
	*c = (struct config){ 0 };
}
