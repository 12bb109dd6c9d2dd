/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit report FILE: what "record" wrote, for people. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "error.h"
#include "replace.h"
#include "report_page.h"
#include "text.h"

struct report_opts {
	struct args_common common;
	const char *path;
	const char *html;
	unsigned long only;
};

enum { KEY_HTML = ARGS_KEY_LONG, KEY_INCIDENT };

static const struct argp_option options[] = {
	ARGS_JSON,
	{ "incident", KEY_INCIDENT, "N", 0, "Incident N alone", 1 },
	{ "html", KEY_HTML, "PAGE", 0, "Write a page of HTML to PAGE instead", 2 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_opts *o = state->input;

	switch (key) {
	case 'j':
		return args__common(key, arg, state, &o->common);
	case KEY_INCIDENT:
		o->only = args__number(state, "--incident", arg, 1, UINT_MAX);
		return 0;
	case KEY_HTML:
		o->html = arg;
		return 0;
	case ARGP_KEY_SUCCESS:
		if (o->html && o->common.json)
			argp_error(state, "either --json or --html");
		if (o->html && !strcmp(o->html, "-") && isatty(STDOUT_FILENO))
			argp_error(state, "--html: a page is nothing for a terminal; name a file");
		return 0;
	default:
		return args__file(key, arg, state, &o->path);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE",
	.doc = "Show the violations in FILE, as \"vq-audit record\" wrote it, each with the "
	       "operations that led up to it."
	       "\vFILE may be - for standard input. > marks operations on the buffer of the "
	       "violation; ms are before it. avail and used are the driver's own indices; on a "
	       "packed ring, a position and its wrap counter. With -j, lines come as they are, and "
	       "{\"type\":\"corrupt\"} stands for one that is no record.\n\n"
	       "PAGE may be - for standard output, if that is no terminal. The page needs neither "
	       "network nor script, and is there whole or not at all.\n\n"
	       "Exit:\n  0  every line was good\n  1  there were lines that are no records\n  2  "
	       "usage\n"
	       "  3  no such file, or no such incident, or nothing in it\n  4  output could not be "
	       "written",
};

static enum vqa_exit unreadable(const char *path, const char *why)
{
	err__print("%s: %s", path, why);
	return VQA_EXIT_CANNOT_RUN;
}

/* What became of reading: 0, or said. */
static enum vqa_exit check(const struct report_opts *o, const struct report *r, int err)
{
	char why[96];

	if (err)
		return unreadable(o->path, err__str(err));
	if (!r->lines)
		return unreadable(o->path, "empty: nothing was recorded");
	if (r->only <= r->incidents)
		return VQA_EXIT_CLEAN;
	snprintf(why, sizeof(why), "there is no incident %lu: it has %lu", r->only, r->incidents);
	return unreadable(o->path, why);
}

static void print_summary(const struct report *r, struct out *out)
{
	FILE *f = out__begin(out);

	if (!f)
		return;
	fprintf(f, "\n%lu incident%s in %lu lines; %lu corrupt\n", r->incidents,
		text__plural(r->incidents), r->lines, r->corrupt);
	out__end(out);
}

static enum vqa_exit show(const struct report_opts *o, FILE *f)
{
	struct out out;
	struct report r = {
		.view = o->common.json ? &report_json : &report_text,
		.out = &out,
		.color = isatty(STDOUT_FILENO),
		.only = o->only,
	};
	enum vqa_exit code;
	int err;

	out__init(&out, STDOUT_FILENO, "standard output");
	err = report__read(&r, f);
	if (r.lines && !o->common.json)
		print_summary(&r, &out);
	code = check(o, &r, err);
	return out__exit(&out, code ?: r.corrupt ? VQA_EXIT_DIVERGENCE : VQA_EXIT_CLEAN);
}

static enum vqa_exit write_page(const struct report_opts *o, const char *text, size_t size)
{
	const bool here = !strcmp(o->html, "-");
	int err = here ? replace__write(STDOUT_FILENO, text, size)
		       : replace__file(o->html, text, size);

	if (!err)
		return VQA_EXIT_CLEAN;
	err__print("%s: %s; no page is there", here ? "standard output" : o->html, err__str(err));
	return VQA_EXIT_OUTPUT;
}

static enum vqa_exit page(const struct report_opts *o, FILE *f)
{
	struct page p;
	struct report r = { .view = &report_html, .page = &p, .only = o->only };
	enum vqa_exit code;
	char *text = NULL;
	size_t size = 0;
	int err;

	err = page__begin(&p);
	if (!err)
		code = check(o, &r, report__read(&r, f));
	err = page__end(&p, &r, o->path, &text, &size) ?: err;
	if (err)
		code = unreadable(o->path, err__str(err));
	if (!code)
		code = write_page(o, text, size);
	free(text);
	return code ?: r.corrupt ? VQA_EXIT_DIVERGENCE : VQA_EXIT_CLEAN;
}

int cmd_report(int argc, char **argv)
{
	struct report_opts o = { 0 };
	enum vqa_exit (*run)(const struct report_opts *o, FILE *f);
	enum vqa_exit code;
	FILE *f;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	run = o.html ? page : show;
	if (!strcmp(o.path, "-"))
		return run(&o, stdin);
	f = fopen(o.path, "re");
	if (!f)
		return unreadable(o.path, err__str(errno));
	code = run(&o, f);
	fclose(f);
	return code;
}
