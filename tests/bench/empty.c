// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that do nothing, at every hook at which vq-audit would have one: what listening
 * costs before anybody looks. Stays until it is ended.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hooks.h"
#include "kbtf.h"
#include "object.h"
#include "probe.h"

static bool dma;
static unsigned int recorder = 1;

static const struct argp_option options[] = {
	{ "dma", 'd', 0, 0, "The hooks of level dma, too", 0 },
	{ "recorder", 'r', "N", 0, "0: without those of the flight recorder alone", 0 },
	{}
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'd':
		dma = true;
		return 0;
	case 'r':
		recorder = strtoul(arg, NULL, 10);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "what is %s?", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct bpf_insn nothing[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

/* The verdict's hook of 6.1. */
static int attach_writable(const char *place)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, "empty", "GPL", nothing, 2,
			       NULL);

	return fd < 0 ? fd : bpf_raw_tracepoint_open(place, fd);
}

static int attach_traced(const char *place, enum bpf_attach_type type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type);
	int fd = libbpf_find_vmlinux_btf_id(place, type);

	if (fd < 0)
		return fd;
	opts.attach_btf_id = fd;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "empty", "GPL", nothing, 2, &opts);
	return fd < 0 ? fd : bpf_raw_tracepoint_open(NULL, fd);
}

/* "return 0" in place of a program. The link is never closed, so it holds until we end. */
static int attach_empty(const struct bpf_program *prog)
{
	const char *place = strchr(bpf_program__section_name(prog), '/') + 1;

	if (bpf_program__type(prog) == BPF_PROG_TYPE_TRACING)
		return attach_traced(place, bpf_program__expected_attach_type(prog));
	return attach_writable(place);
}

static int attach_all(const struct bpf_object *obj, const struct audit_opts *opts)
{
	int n = 0;

	for (size_t i = 0; i < HOOKS; i++) {
		const char *name = hook__get(i)->program;
		const struct bpf_program *prog = bpf_object__find_program_by_name(obj, name);
		int fd;

		if (!prog || !hook__wanted(hook__get(i), prog, opts))
			continue;
		fd = attach_empty(prog);
		if (fd < 0) {
			fprintf(stderr, "vq-empty: %s: %s\n", name, strerror(-fd));
			return fd;
		}
		n++;
	}
	return n;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, NULL, "Empty programs where vq-audit has its own.", NULL, NULL, NULL
	};
	struct audit_opts opts = { .progress = true };
	struct vq_audit_bpf *skel;
	struct probes probes;
	int n;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (probes__run(&probes))
		return 1;
	opts.btf = &probes.env.btf;
	opts.tier = probes__tier(&probes);
	opts.max_mappings = dma;
	opts.recorder = recorder;
	skel = object__open(kbtf__can_cast(opts.btf));
	n = skel ? attach_all(skel->obj, &opts) : -errno;
	if (n <= 0)
		return 3;
	printf("%d empty programs\n", n);
	fflush(stdout);
	pause();
	return 0;
}
