/* SPDX-License-Identifier: GPL-2.0 */
/* vq-audit pin: begin an audit and leave it to who comes later; for a boot that is not there yet.
 */
#include "bpflog.h"
#include "cmd.h"
#include "run.h"
#include "run_config.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

static const struct argp_child children[] = { { .argp = &run__argp }, { 0 } };

static const struct argp argp = {
	.parser = parse,
	.children = children,
	.doc = "Begin the audit that \"vq-audit run --pin\" with the same options would, and leave "
	       "it to that: what is told meanwhile waits in its buffer."
	       "\vIt opens no sink. A device that has a section in the configuration, and is not "
	       "there yet, is no error. An audit that is pinned already goes on.\n\n"
	       "Exit:\n  0  an audit is pinned\n  2  usage\n  3  cannot run here",
};

int cmd_pin(int argc, char **argv)
{
	struct run_opts o = RUN_OPTS_INIT;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	o.config.elsewhere = true;
	if (run_config__load(&o))
		return VQA_EXIT_USAGE;
	bpflog__capture(o.common.verbose);
	return run__pin(&o);
}
