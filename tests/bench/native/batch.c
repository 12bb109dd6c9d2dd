// SPDX-License-Identifier: GPL-2.0
#include "batch.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>

const struct argp_option batch__options[] = {
	{ "rounds", 'n', "N", 0, "How often each is measured, 1 to 1001", 0 },
	{ "json", 'j', "FILE", 0, "Write the figures to FILE too, a line each", 0 },
	{}
};

error_t batch__parse(int key, char *arg, struct argp_state *state)
{
	struct batch_opts *o = state->input;

	switch (key) {
	case 'n':
		o->rounds = strtoul(arg, NULL, 10);
		if (!o->rounds || o->rounds > BATCH_ROUNDS_MAX)
			argp_error(state, "--rounds takes 1 to %d, not %s", BATCH_ROUNDS_MAX, arg);
		return 0;
	case 'j':
		o->json = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "what is %s?", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int batch__run(const struct bpf_program *prog)
{
	__u64 args[1] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));
	int err = bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);

	return err ? err : opts.retval ? -EINVAL : 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double batch__quantile(double *values, unsigned int n, unsigned int percent)
{
	qsort(values, n, sizeof(*values), by_value);
	return values[(n - 1) * percent / 100];
}
