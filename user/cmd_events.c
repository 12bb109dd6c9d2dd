/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit events: violations that were written down, from the journal or from files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "error.h"
#include "events.h"
#include "names.h"
#include "text.h"
#include "time_arg.h"

#define TIMELINE 6 /* operations under a violation, with --timeline */
#define MAX_QUEUE 65535

enum {
	KEY_RULE = ARGS_KEY_LONG,
	KEY_DEVICE,
	KEY_QUEUE,
	KEY_SINCE,
	KEY_UNTIL,
	KEY_DIRECTORY,
	KEY_TIMELINE,
};

static const struct argp_option options[] = {
	ARGS_JSON,
	{ "rule", KEY_RULE, "RULE", 0, "Of this rule; may be repeated", 1 },
	{ "device", KEY_DEVICE, "DEVICE", 0, "Of this device: virtio0, or 0000:00:02.0", 1 },
	{ "queue", KEY_QUEUE, "N", 0, "Of queue N of its device", 1 },
	{ "since", KEY_SINCE, "TIME", 0, "From TIME on: " TIME_ARG_FORMS, 1 },
	{ "until", KEY_UNTIL, "TIME", 0, "Before TIME", 1 },
	{ "timeline", KEY_TIMELINE, NULL, 0,
	  "Show the last operations of the queue under a violation", 2 },
	{ "directory", KEY_DIRECTORY, "DIR", 0, "Read the journal files in DIR", 2 },
	{ 0 },
};

struct events_opts {
	struct args_common common;
	struct events events;
	const char *directory;
	char **files; /* the rest of the arguments */
	int n_files;
};

static void add_rule(struct argp_state *state, struct events_filter *f, const char *name)
{
	int rule = rule__find(name);

	if (rule < 0)
		argp_error(state, "--rule: there is no rule \"%s\"; \"vq-audit rules\" lists them",
			   name);
	f->by_rule = true;
	f->rule[rule] = true;
}

static long long moment(struct argp_state *state, const char *option, const char *text)
{
	long long t = time_arg__parse(text, time(NULL));

	if (t < 0)
		argp_error(state, "%s: \"%s\" is none of " TIME_ARG_FORMS, option, text);
	return t ?: 1; /* 0 is "any" */
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct events_opts *o = state->input;
	struct events_filter *f = &o->events.filter;

	switch (key) {
	case KEY_RULE:
		add_rule(state, f, arg);
		return 0;
	case KEY_DEVICE:
		f->device = arg;
		return 0;
	case KEY_QUEUE:
		f->queue = args__number(state, "--queue", arg, 0, MAX_QUEUE);
		return 0;
	case KEY_SINCE:
		f->since_s = moment(state, "--since", arg);
		return 0;
	case KEY_UNTIL:
		f->until_s = moment(state, "--until", arg);
		return 0;
	case KEY_TIMELINE:
		o->events.timeline = TIMELINE;
		return 0;
	case KEY_DIRECTORY:
		o->directory = arg;
		return 0;
	case ARGP_KEY_ARGS:
		o->files = state->argv + state->next;
		o->n_files = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		if (o->directory && o->n_files)
			argp_error(state, "either --directory or FILEs");
		return 0;
	case 'j':
		return args__common(key, arg, state, &o->common);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILE...]",
	.doc = "Show violations that were written down: in the journal by \"run --sink journald\", "
	       "or in FILEs of JSON lines by \"run -j\", \"run --sink json:FILE\" or \"record\"."
	       "\vFILE may be - for standard input. With -j, each comes as the record that it is. "
	       "A "
	       "line that is no record is named on standard error, and the others are shown none "
	       "the less.\n\n"
	       "Exit:\n  0  all was good\n  1  there were lines that are no records\n  2  usage\n"
	       "  3  it cannot be read\n  4  output could not be written",
};

static int read_file(struct events *v, const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int err;

	err = f ? events__read_file(v, path, f) : -errno;
	if (f && f != stdin)
		fclose(f);
	if (err)
		err__print("%s: %s", path, err__str(err));
	return err;
}

/* All that can be read is shown. Return: 0, or the first failure. */
static int read_all(struct events_opts *o)
{
	int err = 0;

	if (!o->n_files) {
		err = events__read_journal(&o->events, o->directory);
		if (err)
			err__print("the journal%s%s: %s", o->directory ? " in " : "",
				   o->directory ?: "", err__str(err));
	}
	for (int i = 0; i < o->n_files; i++)
		err = read_file(&o->events, o->files[i]) ?: err;
	return err;
}

static void print_summary(const struct events *v)
{
	if (v->undated)
		err__print("%lu violation%s without a time of day: no start stands before",
			   v->undated, text__plural(v->undated));
	if (v->corrupt)
		err__print("%lu record%s could not be read", v->corrupt, text__plural(v->corrupt));
	if (!v->json)
		err__print("%lu violation%s shown, %lu left out", v->shown, text__plural(v->shown),
			   v->others);
}

int cmd_events(int argc, char **argv)
{
	struct out out;
	struct events_opts o = { .events = { .out = &out, .filter.queue = -1 } };
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	out__init(&out, STDOUT_FILENO, "standard output");
	o.events.json = o.common.json;
	o.events.color = isatty(STDOUT_FILENO);
	err = read_all(&o);
	print_summary(&o.events);
	if (err)
		return VQA_EXIT_CANNOT_RUN;
	return out__exit(&out, o.events.corrupt ? VQA_EXIT_DIVERGENCE : VQA_EXIT_CLEAN);
}
