/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit record FILE: run, with violations and what led up to them kept in a file. */
#include "cmd.h"
#include "run.h"
#include "run_config.h"

#include "bpflog.h"

struct record_opts {
	struct run_opts run;
	const char *path;
	bool force;
};

enum { KEY_FORCE = ARGS_KEY_LONG + 0x100 }; /* behind those of run */

static const struct argp_option options[] = {
	{ "force", KEY_FORCE, NULL, 0, "Overwrite FILE if it exists", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct record_opts *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->run;
		return 0;
	case KEY_FORCE:
		o->force = true;
		return 0;
	default:
		return args__file(key, arg, state, &o->path);
	}
}

static const struct argp_child children[] = { { .argp = &run__argp }, { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE",
	.children = children,
	.doc = "Audit as run does, and write each violation with the operations before it to FILE, "
	       "as JSON lines for \"vq-audit report\", and what its queues are like."
	       "\vFILE must not exist, and is made for its owner alone. If a line cannot be "
	       "written, that is said, counted, and tried again with the next "
	       "one.\n\n" VQA_EXIT_HELP,
};

int cmd_record(int argc, char **argv)
{
	struct record_opts o = { .run = RUN_OPTS_INIT };
	static struct record record; /* a sink that is stuck stays with it */

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (run_config__load(&o.run))
		return VQA_EXIT_USAGE;
	bpflog__capture(o.run.common.verbose);
	if (record__open(&record, o.path, o.force))
		return VQA_EXIT_OUTPUT;
	o.run.record = &record;
	return record__close(&record, run__audit(&o.run));
}
