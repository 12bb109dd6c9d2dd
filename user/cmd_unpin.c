/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit unpin: end an audit that outlived its daemon, whatever version began it. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "error.h"
#include "jsonl.h"
#include "pins.h"

static const struct argp_option options[] = { ARGS_JSON, { 0 } };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	return args__common(key, arg, state, state->input);
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "End the audit that \"vq-audit run --pin\" left behind, of whatever version. What "
	       "it "
	       "counted goes with it: a last \"vq-audit run --pin --duration 1\" shows that.\v"
	       "A process that audits with --pin goes on, and the audit ends with it.\n\nExit:\n"
	       "  0  nothing is pinned any more\n  2  usage\n  3  cannot run here\n"
	       "  4  it is done, but output could not be written",
};

static void print_text(struct out *out, int removed, int holder)
{
	FILE *f = out__begin(out);

	if (!f)
		return;
	if (!removed)
		fprintf(f, "nothing is pinned\n");
	else if (holder)
		fprintf(f, "%d pins removed; the audit ends with process %d, which holds it\n",
			removed, holder);
	else
		fprintf(f, "%d pins removed; the audit has ended\n", removed);
	out__end(out);
}

static void print_json(struct out *out, int removed, int holder)
{
	jsonl__write(out, json_pack("{s:s, s:i, s:i}", "type", "unpin", "removed", removed,
				    "holder", holder));
}

int cmd_unpin(int argc, char **argv)
{
	struct args_common o = { 0 };
	int removed, holder;
	struct out out;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	holder = pins__holder();
	removed = pins__remove();
	if (removed < 0) {
		err__cannot_run(removed == -EPERM || removed == -EACCES ? "run it as root" : NULL,
				PINS_DIR ": %s", err__str(removed));
		return VQA_EXIT_CANNOT_RUN;
	}
	out__init(&out, STDOUT_FILENO, "standard output");
	(o.json ? print_json : print_text)(&out, removed, holder);
	return out__exit(&out, VQA_EXIT_CLEAN);
}
