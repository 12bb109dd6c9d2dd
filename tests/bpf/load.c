// SPDX-License-Identifier: GPL-2.0
/*
 * Loads the programs of a tier with this machine's own verifier, attaching
 * nothing. Prints TAP: a program that the kernel has no hook for, or that the
 * machine may not load, is a skip with its reason.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "object.h"
#include "vq_audit/flight.h"
#include "vq_audit/histogram.h"

#define ENOTSUPP 524 /* the kernel's own, not in errno.h */

#define LOG_STATS 4 /* BPF_LOG_STATS: only what the verification took */

static char verifier_log[1 << 20];

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* The kernel function or tracepoint that a program hangs on, as kernel BTF names it. */
static const char *hook_of(const struct bpf_program *prog, char *name, size_t size, __u32 *kind)
{
	const char *section = bpf_program__section_name(prog);
	const char *target = strchr(section, '/');

	if (!target)
		return NULL;
	*kind = *section == 'f' ? BTF_KIND_FUNC : BTF_KIND_TYPEDEF;
	snprintf(name, size, "%s%s", *kind == BTF_KIND_TYPEDEF ? "btf_trace_" : "", target + 1);
	return name;
}

static int kernel_has_hook(const struct btf *btf, const struct bpf_program *prog)
{
	char name[128];
	__u32 kind;

	if (!hook_of(prog, name, sizeof(name), &kind))
		return 1;
	return btf__find_by_name_kind(btf, name, kind) > 0;
}

/* Whether the program is one of the patched tier; what user space calls is of each. */
static int is_patched(const struct bpf_program *prog, const struct btf *btf)
{
	const char *section = bpf_program__section_name(prog);

	if (!strcmp(section, "syscall"))
		return btf__find_by_name_kind(btf, "btf_trace_vq_used", BTF_KIND_TYPEDEF) > 0;
	return strncmp(section, "fe", 2) != 0;
}

/* As the daemon would set them on a kernel that has the program's hook. */
static void configure(struct vq_audit_bpf *skel, const struct bpf_program *prog,
		      const struct btf *btf)
{
	skel->rodata->vqa_recorder = VQA_FLIGHT_DEFAULT;
	skel->rodata->vqa_latency = VQA_LATENCY_DEFAULT;
	skel->rodata->vqa_patched = is_patched(prog, btf);
	skel->rodata->vqa_stall_ms = 30000;
	skel->rodata->vqa_dma = 1;
	skel->rodata->vqa_kfunc =
		btf__find_by_name_kind(btf, "bpf_virtqueue_break", BTF_KIND_FUNC) > 0;
}

static bool can_cast(const struct btf *btf)
{
	return btf__find_by_name_kind(btf, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0 &&
	       btf__find_by_name_kind(btf, "vring_virtqueue", BTF_KIND_STRUCT) > 0;
}

/* Loads program number @index of a fresh object, alone. */
static int load_one(int index, const struct btf *btf)
{
	struct vq_audit_bpf *skel = object__open(can_cast(btf));
	struct bpf_program *prog;
	int i = 0, err;

	if (!skel)
		return -errno;
	bpf_object__for_each_program(prog, skel->obj) {
		bpf_program__set_autoload(prog, i == index);
		if (i++ != index)
			continue;
		configure(skel, prog, btf);
		bpf_program__set_log_buf(prog, verifier_log, sizeof(verifier_log));
		bpf_program__set_log_level(prog, LOG_STATS);
	}
	err = vq_audit_bpf__load(skel);
	vq_audit_bpf__destroy(skel);
	return err;
}

/* What the verification took, as a TAP comment. */
static void print_effort(void)
{
	const char *line = strstr(verifier_log, "processed ");

	if (line)
		printf("# %.*s\n", (int)strcspn(line, "("), line);
}

static int report(int number, const struct bpf_program *prog, const struct btf *btf)
{
	const char *section = bpf_program__section_name(prog);
	int err;

	if (!kernel_has_hook(btf, prog)) {
		printf("ok %d - %s # SKIP this kernel has no such hook\n", number, section);
		return 0;
	}
	verifier_log[0] = 0;
	err = load_one(number - 1, btf);
	if (!err) {
		printf("ok %d - %s\n", number, section);
		print_effort();
		return 0;
	}
	if (!verifier_log[0] || err == -EPERM || err == -ENOTSUPP) {
		printf("ok %d - %s # SKIP this machine refuses such programs: %s\n", number,
		       section, strerror(-err));
		return 0;
	}
	printf("not ok %d - %s: %s\n# %s\n", number, section, strerror(-err),
	       verifier_log + (strlen(verifier_log) > 2000 ? strlen(verifier_log) - 2000 : 0));
	return 1;
}

int main(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct vq_audit_bpf *skel;
	struct bpf_program *prog;
	int n = 0, failed = 0;

	setbuf(stdout, NULL);
	libbpf_set_print(silent);
	if (!btf) {
		printf("1..0 # SKIP this kernel has no BTF\n");
		return 0;
	}
	skel = object__open(can_cast(btf));
	if (!skel) {
		printf("Bail out! the object does not open: %s\n", strerror(errno));
		return 1;
	}
	bpf_object__for_each_program(prog, skel->obj)
		failed |= report(++n, prog, btf);
	printf("1..%d\n", n);
	vq_audit_bpf__destroy(skel);
	btf__free(btf);
	return failed;
}
