/* SPDX-License-Identifier: GPL-2.0 */
#include "on_break.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "virtio_dev.h"

struct on_break_row {
	char device[VIRTIO_DEV_NAME];
	enum on_break_action action;
};

static const char *const words[] = {
#define X(id, word) [ON_BREAK_##id] = word,
	ON_BREAKS(X)
#undef X
};

const char *on_break__name(enum on_break_action action)
{
	return words[action];
}

int on_break__word(const char *word)
{
	for (int i = 0; i < ON_BREAK_COUNT; i++)
		if (!strcmp(word, words[i]))
			return i;
	return -EINVAL;
}

static struct on_break_row *find_row(const struct on_break *o, const char *device)
{
	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->rows[i].device, device))
			return &o->rows[i];
	return NULL;
}

int on_break__set(struct on_break *o, const char *device, enum on_break_action action)
{
	struct on_break_row *row;

	if (!device) {
		o->other = action;
		return 0;
	}
	row = find_row(o, device);
	if (!row) {
		row = realloc(o->rows, (o->n + 1) * sizeof(*row));
		if (!row)
			return -ENOMEM;
		o->rows = row;
		row += o->n++;
		snprintf(row->device, sizeof(row->device), "%s", device);
	}
	row->action = action;
	return 0;
}

int on_break__parse(struct on_break *o, const char *text, char *why, size_t size)
{
	const char *equals = strrchr(text, '=');
	int action = on_break__word(equals ? equals + 1 : text);
	char device[VIRTIO_DEV_NAME];
	size_t len = equals ? equals - text : 0;

	if (action < 0) {
		snprintf(why, size, "\"%s\" is none of leave, recover, panic",
			 equals ? equals + 1 : text);
		return action;
	}
	if (!equals)
		return on_break__set(o, NULL, action);
	if (!len || len >= sizeof(device)) {
		snprintf(why, size, "\"%s\" names no device: virtio0=recover", text);
		return -EINVAL;
	}
	memcpy(device, text, len);
	device[len] = 0;
	return on_break__set(o, device, action);
}

enum on_break_action on_break__of(const struct on_break *o, const char *name, const char *bus)
{
	const struct on_break_row *row = find_row(o, bus) ?: find_row(o, name);

	return row ? row->action : o->other;
}

bool on_break__asks(const struct on_break *o, enum on_break_action action)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->rows[i].action == action)
			return true;
	return o->other == action;
}

/* Each row of one, in the other. */
static bool covers(const struct on_break *a, const struct on_break *b)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct on_break_row *row = find_row(b, a->rows[i].device);

		if (!row || row->action != a->rows[i].action)
			return false;
	}
	return true;
}

bool on_break__same(const struct on_break *a, const struct on_break *b)
{
	return a->other == b->other && covers(a, b) && covers(b, a);
}

void on_break__free(struct on_break *o)
{
	free(o->rows);
	*o = (struct on_break){ 0 };
}
