/* SPDX-License-Identifier: GPL-2.0 */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct argp_option *settings__option(const struct argp_option *options, const char *name)
{
	for (; options->name; options++)
		if (!strcmp(options->name, name))
			return options;
	return NULL;
}

const struct argp_option *settings__option_of(const struct argp_option *options, int key)
{
	for (; options->name; options++)
		if (options->key == key)
			return options;
	return NULL;
}

bool settings__adds_up(const struct argp_option *option)
{
	static const char *const names[] = { "action", "sink", "window", "on-break" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], option->name))
			return true;
	return false;
}

int settings__append(struct settings *s, const struct setting *setting)
{
	struct setting *more = realloc(s->list, (s->n + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	s->list = more;
	s->list[s->n++] = *setting;
	return 0;
}

void settings__drop(struct settings *s, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->list[i].option->name, name))
			s->list[n++] = s->list[i];
	s->n = n;
}

const struct setting *settings__find(const struct settings *s, const char *name)
{
	for (size_t i = s->n; i-- > 0;)
		if (!strcmp(s->list[i].option->name, name))
			return &s->list[i];
	return NULL;
}

/* The one of that option at or behind place @i; the number of them all, if there is none. */
static size_t next(const struct settings *s, const char *name, size_t i)
{
	while (i < s->n && strcmp(s->list[i].option->name, name))
		i++;
	return i;
}

bool settings__same(const struct settings *a, const struct settings *b, const char *name)
{
	size_t i = next(a, name, 0), k = next(b, name, 0);

	while (i < a->n && k < b->n) {
		if (strcmp(a->list[i].value ?: "", b->list[k].value ?: ""))
			return false;
		i = next(a, name, i + 1);
		k = next(b, name, k + 1);
	}
	return i == a->n && k == b->n;
}

void settings__free(struct settings *s)
{
	free(s->list);
	*s = (struct settings){ 0 };
}
