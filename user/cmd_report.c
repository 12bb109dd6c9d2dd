/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit report FILE: what "record" wrote, for people. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "error.h"
#include "report.h"

struct report_opts {
	struct args_common common;
	const char *path;
};

static const struct argp_option options[] = { ARGS_JSON, { 0 } };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_opts *o = state->input;

	switch (key) {
	case 'j':
		return args__common(key, arg, state, &o->common);
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
	       "Exit:\n  0  every line was good\n  1  there were lines that are no records\n  2  "
	       "usage\n"
	       "  3  no such file, or nothing in it\n  4  output could not be written",
};

static enum vqa_exit unreadable(const char *path, const char *why)
{
	err__print("%s: %s", path, why);
	return VQA_EXIT_CANNOT_RUN;
}

static void print_summary(struct report *r)
{
	FILE *f = r->json ? NULL : out__begin(r->out);

	if (!f)
		return;
	fprintf(f, "\n%lu incident%s in %lu lines; %lu corrupt\n", r->incidents,
		r->incidents == 1 ? "" : "s", r->lines, r->corrupt);
	out__end(r->out);
}

static enum vqa_exit report(const struct report_opts *o, FILE *f)
{
	struct out out;
	struct report r = {
		.out = &out,
		.json = o->common.json,
		.color = isatty(STDOUT_FILENO),
	};
	int err;

	out__init(&out, STDOUT_FILENO, "standard output");
	err = report__read(&r, f);
	if (!err && !r.lines)
		return unreadable(o->path, "empty: nothing was recorded");
	print_summary(&r);
	if (err)
		return unreadable(o->path, err__str(err));
	return out__exit(&out, r.corrupt ? VQA_EXIT_DIVERGENCE : VQA_EXIT_CLEAN);
}

int cmd_report(int argc, char **argv)
{
	struct report_opts o = { 0 };
	enum vqa_exit code;
	FILE *f;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!strcmp(o.path, "-"))
		return report(&o, stdin);
	f = fopen(o.path, "re");
	if (!f)
		return unreadable(o.path, err__str(errno));
	code = report(&o, f);
	fclose(f);
	return code;
}
