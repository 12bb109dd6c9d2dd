/* SPDX-License-Identifier: GPL-2.0 */
/* The columns, from the one that is needed most to the one that is left out first. */
#include "top_text.h"

#include <stdio.h>
#include <string.h>

#include "names.h"
#include "text.h"

static void put_device(const struct top_row *row, char *buf)
{
	snprintf(buf, TOP_LINE, "virtio%u", row->id.vdev_index);
}

static void put_queue(const struct top_row *row, char *buf)
{
	char name[TEXT_NAME_SIZE];

	snprintf(buf, TOP_LINE, "%u %s", row->id.index,
		 text__escape(name, sizeof(name), row->id.name));
}

static void put_violations(const struct top_row *row, char *buf)
{
	top_number__count(row->violations, 5, buf);
}

static void put_audited(const struct top_row *row, char *buf)
{
	top_number__share(row->audited, row->completions, buf);
}

static void put_depth(const struct top_row *row, char *buf)
{
	char n[TOP_NUMBER];

	snprintf(buf, TOP_LINE, "%s/%u", top_number__count(row->in_flight, 5, n), row->id.num);
}

static void put_rate(const struct top_row *row, char *buf)
{
	top_number__count(row->rate, 6, buf);
}

static void put_p50(const struct top_row *row, char *buf)
{
	top_number__time(row->p50_ns, buf);
}

static void put_p99(const struct top_row *row, char *buf)
{
	top_number__time(row->p99_ns, buf);
}

static void put_oldest(const struct top_row *row, char *buf)
{
	top_number__time(row->oldest_ns, buf);
}

static void put_state(const struct top_row *row, char *buf)
{
	if (row->broken)
		strcpy(buf, "broken");
	else if (row->unaccounted)
		strcpy(buf, "gap");
	else if (row->id.generation)
		snprintf(buf, TOP_LINE, "reset %u", row->id.generation);
	else
		strcpy(buf, "ok");
}

static void put_type(const struct top_row *row, char *buf)
{
	char type[16];

	snprintf(buf, TOP_LINE, "%s", device_type__format(row->id.device, type, sizeof(type)));
}

static void put_bus(const struct top_row *row, char *buf)
{
	text__escape(buf, TOP_LINE, row->id.bus);
}

static void put_rule(const struct top_row *row, char *buf)
{
	strcpy(buf, row->rule < 0 ? "" : rule__name(row->rule));
}

static const struct column {
	const char *title;
	unsigned int width;
	bool is_text; /* to the left; numbers to the right */
	void (*put)(const struct top_row *row, char *buf); /* of TOP_LINE bytes */
} columns[] = {
	{ "DEVICE", 8, true, put_device },    { "QUEUE", 11, true, put_queue },
	{ "VIOL", 5, false, put_violations }, { "AUDIT%", 6, false, put_audited },
	{ "DEPTH", 9, false, put_depth },     { "RATE", 6, false, put_rate },
	{ "P50", 5, false, put_p50 },	      { "P99", 5, false, put_p99 },
	{ "OLDEST", 6, false, put_oldest },   { "STATE", 8, true, put_state },
	{ "TYPE", 8, true, put_type },	      { "BUS", 12, true, put_bus },
	{ "RULE", 17, true, put_rule },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* Appends a cell, cut to its width; what was cut ends in a tilde. */
static void append_cell(char *line, const struct column *c, const char *text)
{
	char cell[TOP_LINE];
	int width = c->width;

	snprintf(cell, sizeof(cell), "%s", text);
	if (strlen(cell) > c->width)
		strcpy(cell + c->width - 1, "~");
	line += strlen(line);
	snprintf(line, TOP_LINE / 2, " %*s", c->is_text ? -width : width, cell);
}

/* The first @row is that of the titles, NULL. */
static void make_row(char mark, const struct top_row *row, unsigned int width, char *line)
{
	char text[TOP_LINE];
	size_t end;

	snprintf(line, TOP_LINE, "%c", mark);
	for (size_t i = 0; i < COLUMNS; i++) {
		const struct column *c = &columns[i];

		if (strlen(line) + 1 + c->width > width)
			break;
		if (row)
			c->put(row, text);
		append_cell(line, c, row ? text : c->title);
	}
	for (end = strlen(line); end && line[end - 1] == ' '; end--)
		line[end - 1] = 0;
}

void top_text__titles(const struct top_how *how, char buf[TOP_LINE])
{
	make_row(' ', NULL, how->width, buf);
}

bool top_text__row(const struct top_row *row, const struct top_how *how, char buf[TOP_LINE])
{
	char mark = row->broken ? 'X' : row->violations ? '!' : row->unaccounted ? '?' : ' ';

	make_row(mark, row, how->width, buf);
	return mark != ' ';
}
