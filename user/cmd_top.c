/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit top: the queues, live. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "args.h"
#include "bpflog.h"
#include "clock.h"
#include "cmd.h"
#include "error.h"
#include "exit.h"
#include "jsonl.h"
#include "out.h"
#include "stop.h"
#include "top_json.h"
#include "top_rows.h"
#include "top_screen.h"
#include "top_source.h"
#include "top_text.h"
#include "virtio_dev.h"

#define MAX_INTERVAL_S 3600
#define MAX_ROUNDS 1000000000
#define MAX_QUEUES 16384
#define MAX_DEVICES 64

enum { KEY_NO_COLOR = ARGS_KEY_LONG, KEY_MAX_QUEUES };

struct options {
	struct args_common common;
	bool batch, no_color;
	unsigned int interval_s, rounds, max_queues;
	char *devices[MAX_DEVICES + 1];
	size_t n_devices;
};

static const struct argp_option options[] = {
	ARGS_JSON,
	{ "interval", 'i', "SECS", 0, "Read the counters every SECS (default 2)", 0 },
	{ "batch", 'b', NULL, 0, "Print plain text, all columns, for a file or another program",
	  0 },
	{ "iterations", 'n', "N", 0, "End after N intervals (default 0: when told to)", 0 },
	{ "no-color", KEY_NO_COLOR, NULL, 0,
	  "Do without color; so does NO_COLOR in the environment", 0 },
	{ "max-queues", KEY_MAX_QUEUES, "N", 0,
	  "Audit up to N queues, if nobody does already (default 128)", 0 },
	ARGS_VERBOSE,
	{ 0 },
};

static void add_device(struct argp_state *state, struct options *o, char *name)
{
	struct virtio_dev d;

	if (virtio_dev__find("/sys", name, &d))
		argp_error(state, "no virtio device \"%s\"; see \"vq-audit list\"", name);
	if (o->n_devices == MAX_DEVICES)
		argp_error(state, "more than %d devices", MAX_DEVICES);
	o->devices[o->n_devices++] = name;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'i':
		o->interval_s = args__number(state, "--interval", arg, 1, MAX_INTERVAL_S);
		return 0;
	case 'b':
		o->batch = true;
		return 0;
	case 'n':
		o->rounds = args__number(state, "--iterations", arg, 0, MAX_ROUNDS);
		return 0;
	case KEY_NO_COLOR:
		o->no_color = true;
		return 0;
	case KEY_MAX_QUEUES:
		o->max_queues = args__number(state, "--max-queues", arg, 1, MAX_QUEUES);
		return 0;
	case ARGP_KEY_ARG:
		add_device(state, o, arg);
		return 0;
	case ARGP_KEY_END:
		o->batch |= o->common.json;
		return 0;
	default:
		return args__common(key, arg, state, &o->common);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[DEVICE...]",
	.doc = "Show the queues live: violations, how much is audited, depth, rate and latency of "
	       "each. DEVICE is virtioN or a bus id.\v"
	       "It looks at the audit that is pinned (\"vq-audit run --pin\", the service), and "
	       "changes nothing about it. If none is, it begins one of its own, beside any that "
	       "is not pinned; that one counts violations and does nothing about them, and it ends "
	       "with top.\n\n" VQA_EXIT_HELP,
};

/** struct top - a session of it */
struct top {
	const struct options *o;
	struct top_source source;
	struct stats before, now;
	long long before_ms, now_ms; /* when they were read; 0: not yet */
	struct top_view view;
	struct top_how how;
	struct out out; /* of --batch */
	unsigned int rounds; /* shown so far */
	const char *ended; /* why it cannot go on, or NULL */
	bool stop;
};

static void note(struct top *t, const char *what, int err)
{
	snprintf(t->how.note, sizeof(t->how.note), "%s failed: %s", what, err__str(err));
}

static void print_text(struct top *t)
{
	FILE *f = out__begin(&t->out);
	char line[TOP_LINE];

	if (!f)
		return;
	for (int i = 0; i < TOP_HEAD; i++) {
		top_text__head(i, &t->view, &t->how, line);
		fprintf(f, "%s\n", line);
	}
	top_text__titles(&t->how, line);
	fprintf(f, "%s\n", line);
	for (size_t i = 0; i < t->view.n; i++) {
		top_text__row(&t->view.rows[i], &t->how, line);
		fprintf(f, "%s\n", line);
	}
	fprintf(f, "\n");
	out__end(&t->out);
}

static void draw(struct top *t)
{
	top_view__sort(&t->view, t->how.by);
	if (t->o->common.json)
		jsonl__write(&t->out, top_json__reading(&t->view, &t->how));
	else if (t->o->batch)
		print_text(t);
	else
		top_screen__draw(&t->view, &t->how);
}

static void set_clock(struct top_how *how)
{
	time_t now = time(NULL);
	struct tm tm;

	strftime(how->clock, sizeof(how->clock), "%T", localtime_r(&now, &tm));
}

/* The last reading becomes the one before. */
static int read_counters(struct top *t)
{
	struct stats old = t->before;

	t->before = t->now;
	t->before_ms = t->now_ms;
	stats__free(&old);
	if (stats__copy(&t->now, &t->before))
		return -ENOMEM;
	t->now_ms = clock__now_ms();
	return top_source__read(&t->source, &t->now);
}

static int look(struct top *t)
{
	int err = read_counters(t);

	if (err)
		note(t, "reading the counters", err);
	else if (t->now.survey_err)
		note(t, "reading the driver's indices", t->now.survey_err);
	set_clock(&t->how);
	top_view__free(&t->view);
	return top_view__make(&t->view, t->before_ms ? &t->before : NULL, &t->now,
			      t->now_ms - t->before_ms, t->o->devices);
}

/* A script that asks for one reading wants rates in it: the first is shown on a screen alone. */
static void round_of(struct top *t)
{
	bool first = !t->now_ms;
	int err;

	if (top_source__ended(&t->source)) {
		t->ended = "the audit that was pinned has ended";
		return;
	}
	err = look(t);
	if (err) {
		t->ended = err__str(err);
		return;
	}
	if (!first || !t->o->batch)
		draw(t);
	if (!first && ++t->rounds == t->o->rounds)
		t->stop = true;
}

static void on_key(struct top *t, enum top_key key)
{
	static const enum top_sort by[] = {
		[TOP_KEY_NAME] = TOP_BY_NAME,
		[TOP_KEY_RATE] = TOP_BY_RATE,
		[TOP_KEY_VIOLATIONS] = TOP_BY_VIOLATIONS,
		[TOP_KEY_LATENCY] = TOP_BY_P99,
	};

	if (key == TOP_KEY_QUIT)
		t->stop = true;
	else if (key == TOP_KEY_PAUSE)
		t->how.paused = !t->how.paused;
	else if (key != TOP_KEY_OTHER)
		t->how.by = by[key];
	draw(t);
}

/* Until there is a key, a signal, or something to do. */
static void wait_until(struct top *t, long long until)
{
	long long ms = top_source__due_ms(&t->source, until) - clock__now_ms();
	struct pollfd in = { .fd = t->o->batch ? -1 : STDIN_FILENO, .events = POLLIN };
	enum top_key key;

	poll(&in, 1, ms > 0 ? ms : 0);
	if (in.revents & (POLLHUP | POLLERR | POLLNVAL))
		t->stop = true;
	while (!t->o->batch && !t->stop && (key = top_screen__key()) != TOP_KEY_NONE)
		on_key(t, key);
}

static void show(struct top *t)
{
	long long next = clock__now_ms();

	while (!t->stop && !t->ended && !stop__signal() && !out__gone(&t->out)) {
		int err = top_source__work(&t->source);

		if (err)
			note(t, "sweeping", err);
		if (clock__now_ms() >= next) {
			if (!t->how.paused)
				round_of(t);
			next = clock__now_ms() + t->o->interval_s * 1000LL;
		}
		if (!t->stop && !t->ended)
			wait_until(t, next);
	}
}

static enum vqa_exit exit_code(const struct top *t)
{
	const struct vqa_counters *c = &t->view.sums.total;

	if (t->ended) {
		err__print("%s", t->ended);
		return VQA_EXIT_CANNOT_RUN;
	}
	return counters__violations(c) > c->ignored ? VQA_EXIT_DIVERGENCE : VQA_EXIT_CLEAN;
}

static enum vqa_exit top(struct top *t)
{
	const char *no_color = getenv("NO_COLOR");
	bool color = !t->o->no_color && !(no_color && *no_color);
	enum vqa_exit code = VQA_EXIT_CANNOT_RUN;

	if (top_source__open(&t->source, t->o->max_queues))
		return code;
	t->how.tier = t->source.tier;
	t->how.is_own = t->source.is_own;
	t->how.is_dma = t->source.is_dma;
	out__init(&t->out, STDOUT_FILENO, "standard output");
	stop__on_signals();
	if (t->o->batch || !top_screen__open(color)) {
		show(t);
		top_screen__close();
		code = out__exit(&t->out, exit_code(t));
	}
	top_view__free(&t->view);
	stats__free(&t->before);
	stats__free(&t->now);
	top_source__close(&t->source);
	return code;
}

int cmd_top(int argc, char **argv)
{
	struct options o = { .interval_s = 2, .max_queues = 128 };
	struct top t = { .o = &o, .how.width = TOP_ALL_COLUMNS };

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!o.batch && !top_screen__possible())
		return VQA_EXIT_CANNOT_RUN;
	bpflog__capture(o.common.verbose);
	return top(&t);
}
