/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF programs: which belong to a tier, loading, attaching. */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpflog.h"
#include "error.h"
#include "probe.h"
#include "vq_audit.skel.h"

#define KERNEL_ENOTSUPP 524

/** struct hook - a program, in the order in which they are attached */
struct hook {
	const char *program;
	enum tier tier;
	bool registry; /* finding queues takes it */
	const char *optional; /* kernel function without which one can do, or NULL */
};

static const struct hook hooks[] = {
	{ "vq_bad", TIER_PATCHED, false, NULL },
	{ "vq_del", TIER_PATCHED, true, NULL },
	{ "vq_reset", TIER_PATCHED, false, NULL },
	{ "vq_create", TIER_PATCHED, true, NULL },
	{ "vq_verdict", TIER_PATCHED, false, NULL },
	/* Its attachment makes the kernel ask for verdicts, so the verdict is there first. */
	{ "vq_used_arm", TIER_PATCHED, false, NULL },
	/* Registers queues as it meets them: from then on no completion must be missed. */
	{ "vq_publish", TIER_PATCHED, false, NULL },
	{ "stock_del", TIER_STOCK, true, NULL },
	{ "stock_reset", TIER_STOCK, false, "virtqueue_reset" },
	{ "stock_resize", TIER_STOCK, false, "virtqueue_resize" },
	{ "stock_used_split", TIER_STOCK, true, NULL },
};

#define HOOKS (sizeof(hooks) / sizeof(hooks[0]))

struct audit {
	struct vq_audit_bpf *skel;
	enum tier tier;
	struct bpf_program *program[HOOKS]; /* NULL: not of this tier */
	struct bpf_link *link[HOOKS];
	int survey_fd;
};

/* Whether a hook is to be loaded. */
static bool wanted(const struct hook *h, const struct audit_opts *opts)
{
	if (h->tier != opts->tier)
		return false;
	if (opts->registry_only && !h->registry)
		return false;
	return !h->optional || kbtf__has_func(opts->btf, h->optional);
}

static int select_programs(struct audit *a, const struct audit_opts *opts)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, a->skel->obj)
		bpf_program__set_autoload(prog, prog == a->skel->progs.survey);

	for (size_t i = 0; i < HOOKS; i++) {
		if (!wanted(&hooks[i], opts))
			continue;
		prog = bpf_object__find_program_by_name(a->skel->obj, hooks[i].program);
		if (!prog) {
			err__print("built without the program %s", hooks[i].program);
			return -ENOENT;
		}
		bpf_program__set_autoload(prog, true);
		a->program[i] = prog;
	}
	return 0;
}

static int configure(struct audit *a, const struct audit_opts *opts)
{
	struct vq_audit_bpf *skel = a->skel;

	_Static_assert(sizeof(skel->rodata->vqa_action) == VQA_RULE_COUNT,
		       "the object was built with another table of rules");
	if (bpf_map__value_size(skel->maps.queues) != sizeof(struct vqa_queue)) {
		err__print("built with another layout of struct vqa_queue: build it again");
		return -EPROTO;
	}
	memcpy((void *)skel->rodata->vqa_action, opts->policy.action, VQA_RULE_COUNT);
	skel->rodata->vqa_rate = opts->rate;
	skel->rodata->vqa_patched = opts->tier == TIER_PATCHED;
	skel->rodata->vqa_direct = kbtf__can_cast(opts->btf);
	bpf_map__set_max_entries(skel->maps.queues, opts->max_queues);
	bpf_map__set_max_entries(skel->maps.events, opts->ring_bytes);
	return 0;
}

static void explain_load(int err)
{
	const char *way_out = "the kernel's own words are above; -v shows all of them";

	bpflog__print_tail();
	if (err == -EPERM || err == -EACCES)
		way_out = "run it as root, with lockdown other than confidentiality";
	else if (err == -ENOMEM)
		way_out = "fewer queues (--max-queues) or a smaller buffer (--ring-kib)";
	err__cannot_run(way_out, "loading the programs failed: %s", err__str(err));
}

int audit__open(struct audit **ret, const struct audit_opts *opts)
{
	struct audit *a = calloc(1, sizeof(*a));
	int err = 0;

	if (!a) {
		explain_load(-ENOMEM);
		return -ENOMEM;
	}
	a->tier = opts->tier;
	a->skel = vq_audit_bpf__open();
	if (!a->skel) {
		err = -errno;
		explain_load(err);
		goto cleanup;
	}
	err = select_programs(a, opts) ?: configure(a, opts);
	if (err)
		goto cleanup;
	err = vq_audit_bpf__load(a->skel);
	if (err) {
		explain_load(err);
		goto cleanup;
	}
	a->survey_fd = bpf_program__fd(a->skel->progs.survey);
	*ret = a;

cleanup:
	if (err)
		audit__free(a);
	return err;
}

static void explain_attach(const char *program, int err)
{
	const char *way_out = "-v shows what libbpf says";

	bpflog__print_tail();
	if (err == -EBUSY || err == -KERNEL_ENOTSUPP || err == -EOPNOTSUPP)
		way_out = "a kernel with CONFIG_DYNAMIC_FTRACE=y and direct calls: programs "
			  "cannot be attached to functions without";
	else if (err == -EPERM || err == -EACCES)
		way_out = "run it as root, with lockdown other than confidentiality";
	err__cannot_run(way_out, "attaching %s failed: %s", program, err__str(err));
}

/* Have the kernel fire vq_create for each queue that exists. */
static void replay(void)
{
	int fd = open(PROBE_REPLAY, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1)
		err__print("%s: %s; queues that exist appear at first use", PROBE_REPLAY,
			   err__str(errno));
	if (fd >= 0)
		close(fd);
}

int audit__attach(struct audit *a)
{
	for (size_t i = 0; i < HOOKS; i++) {
		if (!a->program[i])
			continue;
		a->link[i] = bpf_program__attach(a->program[i]);
		if (!a->link[i]) {
			int err = -errno;

			explain_attach(hooks[i].program, err);
			audit__detach(a);
			return err;
		}
	}
	if (a->tier == TIER_PATCHED)
		replay();
	return 0;
}

void audit__detach(struct audit *a)
{
	for (size_t i = HOOKS; i-- > 0;) {
		bpf_link__destroy(a->link[i]);
		a->link[i] = NULL;
	}
}

void audit__free(struct audit *a)
{
	if (!a)
		return;
	audit__detach(a);
	vq_audit_bpf__destroy(a->skel);
	free(a);
}

int audit__queues_fd(const struct audit *a)
{
	return bpf_map__fd(a->skel->maps.queues);
}

int audit__events_fd(const struct audit *a)
{
	return bpf_map__fd(a->skel->maps.events);
}

int audit__losses_fd(const struct audit *a)
{
	return bpf_map__fd(a->skel->maps.losses);
}

int audit__survey(const struct audit *a, __u64 vq, bool follow, struct vqa_survey *ret)
{
	struct vqa_survey s = { .vq = vq, .follow = follow };
	/* A syscall program's context is copied back to where it came from. */
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &s, .ctx_size_in = sizeof(s));
	int err = bpf_prog_test_run_opts(a->survey_fd, &opts);

	if (err)
		return err;
	if (!s.found)
		return -ENOENT;
	*ret = s;
	return 0;
}

const char *audit__program(const struct audit *a, size_t i, int *ret_fd)
{
	for (size_t k = 0; k < HOOKS; k++) {
		if (!a->program[k] || i--)
			continue;
		*ret_fd = bpf_program__fd(a->program[k]);
		return hooks[k].program;
	}
	return NULL;
}
