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
	       "  0  nothing is pinned any more\n  2  usage\n  3  cannot run here",
};

static void print_text(int removed, int holder)
{
	if (!removed)
		printf("nothing is pinned\n");
	else if (holder)
		printf("%d pins removed; the audit ends with process %d, which holds it\n", removed,
		       holder);
	else
		printf("%d pins removed; the audit has ended\n", removed);
}

static void print_json(int removed, int holder)
{
	struct out out;

	out__init(&out, STDOUT_FILENO, "standard output");
	jsonl__write(&out, json_pack("{s:s, s:i, s:i}", "type", "unpin", "removed", removed,
				     "holder", holder));
}

int cmd_unpin(int argc, char **argv)
{
	struct args_common o = { 0 };
	int removed, holder;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	holder = pins__holder();
	removed = pins__remove();
	if (removed < 0) {
		err__cannot_run(removed == -EPERM || removed == -EACCES ? "run it as root" : NULL,
				PINS_DIR ": %s", err__str(removed));
		return VQA_EXIT_CANNOT_RUN;
	}
	(o.json ? print_json : print_text)(removed, holder);
	return VQA_EXIT_CLEAN;
}
