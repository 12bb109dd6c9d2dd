/* SPDX-License-Identifier: GPL-2.0 */
/* A batch of buffers, run by BPF_PROG_TEST_RUN, and what many rounds of it say. */
#ifndef BATCH_H
#define BATCH_H

#include <argp.h>
#include <bpf/libbpf.h>

#define BATCH_ROUNDS_MAX 1001

/** struct batch_opts - what a bench is asked for */
struct batch_opts {
	unsigned int rounds;
	const char *json; /* where figures go too, or NULL */
};

/* Of argp; the input is a struct batch_opts. */
extern const struct argp_option batch__options[];
error_t batch__parse(int key, char *arg, struct argp_state *state);

/** batch__run - run a raw_tp program once. Return: 0; -EINVAL if it says 1; -errno */
int batch__run(const struct bpf_program *prog);

/** batch__quantile - the @percent-th hundredth of @n values, which it sorts */
double batch__quantile(double *values, unsigned int n, unsigned int percent);

#endif
