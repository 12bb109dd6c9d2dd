/* SPDX-License-Identifier: GPL-2.0 */
/* --sink: the kinds of sinks, and how each is opened. */
#include "sink_spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "listen_at.h"
#include "seal.h"
#include "sink_exec.h"
#include "sink_journal.h"
#include "sink_metrics.h"
#include "sink_stream.h"
#include "sink_syslog.h"

/* Where "KIND:WHERE" leads; NULL for "KIND". Says what is wrong in @why. */
typedef int (*check_fn)(const char *where, char *why, size_t size);
typedef int (*open_fn)(struct sink **ret, const struct sink *like, const char *where);

static int check_none(const char *where, char *why, size_t size)
{
	if (!where)
		return 0;
	snprintf(why, size, "there is one place for it, and \":%s\" means nothing", where);
	return -EINVAL;
}

static int check_path(const char *where, char *why, size_t size)
{
	if (!where || *where)
		return 0;
	snprintf(why, size, "there is no PATH behind the colon");
	return -EINVAL;
}

static int check_program(const char *where, char *why, size_t size)
{
	if (where && *where == '/')
		return 0;
	snprintf(why, size, "it takes the full path of a program, as in exec:/usr/local/bin/alert");
	return -EINVAL;
}

static int check_listen(const char *where, char *why, size_t size)
{
	return where ? listen_at__check(where, why, size) : 0;
}

static int open_stream(struct sink **ret, const struct sink *like, const char *where)
{
	if (where)
		return sink_stream__file(ret, like, where);
	*ret = sink_stream__standard(like);
	return *ret ? 0 : -ENOMEM;
}

static int open_text(struct sink **ret, const struct sink *like, const char *where)
{
	struct sink text = *like;

	text.ops = &sink_text;
	text.color = like->color && !where;
	return open_stream(ret, &text, where);
}

static int open_json(struct sink **ret, const struct sink *like, const char *where)
{
	struct sink json = *like;

	json.ops = &sink_json;
	return open_stream(ret, &json, where);
}

static int open_journal(struct sink **ret, const struct sink *like, const char *where)
{
	(void)where;
	return sink_journal__new(ret, like);
}

static const struct kind {
	const char *name;
	const char *where; /* for --help; NULL: nothing can follow */
	bool standard; /* without WHERE, it is standard output */
	check_fn check;
	open_fn open;
	struct outlet_opts opts;
	const char *text;
} kinds[] = {
	{ "text", "[:PATH]", true, check_path, open_text, { 0 }, "for people; the default" },
	{ "json",
	  "[:PATH]",
	  true,
	  check_path,
	  open_json,
	  { 0 },
	  "JSON lines, as -j. PATH may be a FIFO that somebody reads" },
	{ "journald",
	  NULL,
	  false,
	  check_none,
	  open_journal,
	  { 0 },
	  "systemd's journal, with a MESSAGE_ID for each kind of entry, and fields" },
	{ "syslog",
	  "[:PATH]",
	  false,
	  check_path,
	  sink_syslog__new,
	  { 0 },
	  "lines for the syslog daemon at /dev/log, or at the socket PATH" },
	{ "prometheus",
	  "[:PORT|:ADDRESS:PORT|:unix:PATH]",
	  false,
	  check_listen,
	  sink_metrics__new,
	  { 0 },
	  "serve /metrics, at 127.0.0.1:" SINK_METRICS_WHERE
	  " or there; what: \"vq-audit metrics\"" },
	{ "exec",
	  ":PROGRAM",
	  false,
	  check_program,
	  sink_exec__new,
	  { .threads = SINK_EXEC_AT_ONCE, .queue = SINK_EXEC_WAITING },
	  "run PROGRAM for each violation, with the JSON on its standard input" },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* What stands behind the kind's name; NULL if nothing does. */
static const char *where_of(const char *spec)
{
	const char *colon = strchr(spec, ':');

	return colon ? colon + 1 : NULL;
}

static const struct kind *kind_of(const char *spec)
{
	size_t len = strcspn(spec, ":");

	for (size_t i = 0; i < KINDS; i++)
		if (strlen(kinds[i].name) == len && !strncmp(kinds[i].name, spec, len))
			return &kinds[i];
	return NULL;
}

static bool is_standard(const char *spec)
{
	return kind_of(spec)->standard && !where_of(spec);
}

static int list_kinds(const char *spec, char *why, size_t size)
{
	size_t n = snprintf(why, size, "\"%s\" is none of", spec);

	for (size_t i = 0; i < KINDS && n < size; i++)
		n += snprintf(why + n, size - n, "%s %s%s", i ? "," : "", kinds[i].name,
			      kinds[i].where ?: "");
	return -EINVAL;
}

static int check_others(const struct sink_specs *s, const char *spec, char *why, size_t size)
{
	if (s->n == STATS_SINKS - 1) { /* and a record's file */
		snprintf(why, size, "%s: that is more than %d sinks", spec, STATS_SINKS - 1);
		return -EINVAL;
	}
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->spec[i], spec)) {
			snprintf(why, size, "%s: is asked for twice", spec);
			return -EINVAL;
		}
		if (is_standard(s->spec[i]) && is_standard(spec)) {
			snprintf(why, size, "%s: standard output is that of %s; %s:PATH has a file",
				 spec, s->spec[i], spec);
			return -EINVAL;
		}
	}
	return 0;
}

int sink_specs__add(struct sink_specs *s, const char *spec, char *why, size_t size)
{
	const struct kind *kind = kind_of(spec);
	char fault[192];

	if (!kind)
		return list_kinds(spec, why, size);
	if (kind->check(where_of(spec), fault, sizeof(fault))) {
		snprintf(why, size, "%s: %s", spec, fault);
		return -EINVAL;
	}
	if (check_others(s, spec, why, size))
		return -EINVAL;
	s->spec[s->n++] = spec;
	return 0;
}

static bool tells_people(const char *spec)
{
	return kind_of(spec)->open == open_text && is_standard(spec);
}

/* The sink's own copy of its line lives as long as it does: the configuration may not. */
static int open_spec(const char *spec, struct sinks *sinks, const struct sink *like)
{
	const struct kind *kind = kind_of(spec);
	struct outlet_opts opts = kind->opts;
	char *own = strdup(spec);
	struct sink *sink;
	int err = own ? kind->open(&sink, like, where_of(own)) : -ENOMEM;

	if (!err) {
		opts.patient = is_standard(spec);
		err = sinks__add(sinks, spec, sink, &opts);
	}
	if (!err) {
		sinks->spec[sinks->n - 1] = own;
		sinks->on_stderr |= tells_people(spec);
	} else {
		free(own);
	}
	if (err == -ENXIO && kind->standard)
		err__print("--sink %s: nobody reads it: start its reader first", spec);
	else if (err == -EPERM && seal__is_closed())
		err__print("--sink %s: no program can be started any more: restart vq-audit", spec);
	else if (err)
		err__print("--sink %s: %s", spec, err__str(err));
	return err;
}

static bool is_open(const struct sinks *sinks, const char *spec)
{
	for (size_t i = 0; i < sinks->n; i++)
		if (sinks->spec[i] && !strcmp(sinks->spec[i], spec))
			return true;
	return false;
}

/* What is asked for, or text if nothing is. */
static struct sink_specs wanted(const struct sink_specs *s)
{
	return s->n ? *s : (struct sink_specs){ .spec = { "text" }, .n = 1 };
}

static bool is_wanted(const struct sink_specs *s, const char *spec)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->spec[i], spec))
			return true;
	return false;
}

int sink_specs__open(const struct sink_specs *s, struct sinks *sinks, const struct sink *like)
{
	const struct sink_specs all = wanted(s);
	int err = 0;

	for (size_t i = 0; i < all.n && !err; i++)
		if (!is_open(sinks, all.spec[i]))
			err = open_spec(all.spec[i], sinks, like);
	return err;
}

void sink_specs__close_others(const struct sink_specs *s, struct sinks *sinks)
{
	const struct sink_specs all = wanted(s);
	size_t i = 0;

	sinks->on_stderr = false;
	while (i < sinks->n) {
		const char *spec = sinks->spec[i];

		if (spec && !is_wanted(&all, spec)) {
			sinks__retire(sinks, i);
			continue;
		}
		sinks->on_stderr |= spec && tells_people(spec);
		i++;
	}
}

char *sink_specs__help(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f, "Sinks, for --sink:\n\n");
	for (size_t i = 0; i < KINDS; i++)
		fprintf(f, "  %s%s\n      %s\n", kinds[i].name, kinds[i].where ?: "",
			kinds[i].text);
	fprintf(f, "\nA sink that is busy or fails delays nothing; what it loses is counted.");
	fclose(f);
	return text;
}
