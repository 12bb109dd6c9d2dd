/* SPDX-License-Identifier: GPL-2.0 */
#include "json_lines.h"

#include <errno.h>
#include <stdlib.h>

#include "text.h"

#define MAX_LINE (1 << 20) /* many times the longest record */
#define REASON 256

static void corrupt(struct json_lines *l, const char *fault)
{
	char reason[REASON];

	l->corrupt(l, text__escape(reason, sizeof(reason), fault));
}

/* A whole line of @size bytes, its end included. */
static void read_line(struct json_lines *l, const char *line, size_t size)
{
	char reason[REASON];
	json_error_t err;
	const char *fault;
	json_t *object;

	l->lines++;
	if (size > MAX_LINE || line[size - 1] != '\n') {
		corrupt(l, size > MAX_LINE ? "longer than any record" : "cut off: it has no end");
		return;
	}
	object = json_loadb(line, size, JSON_REJECT_DUPLICATES, &err);
	if (!object) {
		snprintf(reason, sizeof(reason), "no JSON at column %d: %s", err.column, err.text);
		corrupt(l, reason);
		return;
	}
	fault = l->record(l, object);
	if (fault)
		corrupt(l, fault);
	json_decref(object);
}

int json_lines__read(struct json_lines *l, FILE *f)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t size;
	int err;

	errno = 0;
	while ((size = getline(&line, &room, f)) > 0)
		read_line(l, line, size);
	err = ferror(f) || errno == ENOMEM ? -errno : 0;
	free(line);
	return err;
}
