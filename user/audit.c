/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF programs: which belong to a tier, loading, attaching. */
#include "audit_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpflog.h"
#include "error.h"
#include "facts.h"
#include "pins.h"
#include "probe.h"

#ifdef __x86_64__
#define IDENTITY 1
#else
#define IDENTITY 0
#endif

/* Whether user space is to call it; the others hang on hooks. */
static bool of_user_space(const struct vq_audit_bpf *skel, const struct bpf_program *prog,
			  const struct audit_opts *opts)
{
	return prog == skel->progs.survey || prog == skel->progs.adopt ||
	       (prog == skel->progs.sweep && opts->sweep) ||
	       (prog == skel->progs.progress && opts->progress) ||
	       (prog == skel->progs.ledger && opts->max_mappings) ||
	       (prog == skel->progs.dump && opts->dump);
}

static int select_programs(struct audit *a, const struct audit_opts *opts)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, a->skel->obj)
		bpf_program__set_autoload(prog, of_user_space(a->skel, prog, opts));

	for (size_t i = 0; i < HOOKS; i++) {
		prog = bpf_object__find_program_by_name(a->skel->obj, hook__get(i)->program);
		if (!prog) {
			err__print("built without the program %s", hook__get(i)->program);
			return -ENOENT;
		}
		if (a->taken_over || !hook__wanted(hook__get(i), prog, opts))
			continue;
		bpf_program__set_autoload(prog, true);
		a->links.program[i] = prog;
	}
	return 0;
}

static int configure(struct audit *a, const struct audit_opts *opts)
{
	struct vq_audit_bpf *skel = a->skel;
	__u64 key;

	if (bpf_map__value_size(skel->maps.queues) != sizeof(struct vqa_queue)) {
		err__print("built with another layout of struct vqa_queue: build it again");
		return -EPROTO;
	}
	skel->rodata->vqa_stall_ms = opts->stall_ms;
	skel->rodata->vqa_rate = opts->rate;
	skel->rodata->vqa_recorder = opts->recorder;
	skel->rodata->vqa_latency = opts->latency;
	skel->rodata->vqa_patched = opts->tier == TIER_PATCHED;
	skel->rodata->vqa_kfunc = kbtf__can_break(opts->btf);
	if (getrandom(&key, sizeof(key), 0) != sizeof(key)) {
		err__print("no random key: %s", err__str(errno));
		return -EIO;
	}
	skel->rodata->vqa_key = key | 1;
	skel->rodata->vqa_dma = opts->max_mappings > 0;
	skel->rodata->vqa_thins = opts->thins;
	/* Elsewhere, memory that is shared with the hypervisor may have another address. */
	skel->rodata->vqa_identity = IDENTITY;
	bpf_map__set_max_entries(skel->maps.queues, opts->max_queues);
	bpf_map__set_max_entries(skel->maps.places, opts->max_queues);
	if (opts->max_mappings) {
		bpf_map__set_max_entries(skel->maps.mappings, opts->max_mappings);
		skel->rodata->vqa_remembered = opts->max_mappings / 2;
		bpf_map__set_max_entries(skel->maps.ended, skel->rodata->vqa_remembered);
		bpf_map__set_max_entries(skel->maps.dma_devices, opts->max_queues);
		/* Devices that offer one come and go: a daemon that takes over must find it as
		 * large. */
		bpf_map__set_max_entries(skel->maps.windows,
					 opts->max_queues + windows__said(opts->windows));
	}
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
	a->skel = object__open(kbtf__can_cast(opts->btf));
	if (!a->skel) {
		err = -errno;
		explain_load(err);
		goto cleanup;
	}
	if (opts->pin)
		err = facts__prepare(&a->facts, a->skel->obj, opts, &a->taken_over);
	a->pinned = opts->pin && !err;
	err = err ?: select_programs(a, opts) ?: configure(a, opts);
	if (err)
		goto cleanup;
	err = vq_audit_bpf__load(a->skel);
	if (err && opts->sweep_optional) {
		struct audit_opts without = *opts;

		err__print("this kernel refuses the sweep; going on without it");
		without.sweep = without.sweep_optional = false;
		audit__free(a);
		return audit__open(ret, &without);
	}
	err = err ?: audit__set_windows(a, opts->windows);
	if (!err)
		err = audit__set_policies(a, &opts->policies);
	if (err < 0) {
		explain_load(err);
		goto cleanup;
	}
	a->survey_fd = bpf_program__fd(a->skel->progs.survey);
	a->sweep_fd = opts->sweep ? bpf_program__fd(a->skel->progs.sweep) : -1;
	a->look_fd = opts->progress ? bpf_program__fd(a->skel->progs.progress) : -1;
	a->ledger_fd = opts->max_mappings ? bpf_program__fd(a->skel->progs.ledger) : -1;
	err = 0;
	*ret = a;

cleanup:
	if (err)
		audit__free(a);
	return err;
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
	int err;

	if (a->taken_over)
		err = links__take_over(&a->links);
	else
		err = links__attach(&a->links, a->pinned);
	if (!err && a->pinned && !a->taken_over)
		err = facts__leave(&a->facts, bpf_map__fd(a->skel->maps.facts));
	if (err) {
		audit__detach(a);
		return err;
	}
	a->attached = true;
	a->skel->bss->vqa_armed = 1;
	if (a->tier == TIER_PATCHED && !a->taken_over)
		replay();
	return 0;
}

bool audit__is_taken_over(const struct audit *a)
{
	return a->taken_over;
}

void audit__set_sample(struct audit *a, unsigned int n)
{
	a->skel->data->vqa_sample = n;
}

bool audit__goes_on(const struct audit *a)
{
	struct vqa_facts there;

	return (a->taken_over || (a->pinned && a->attached)) && !pins__read_facts(&there);
}

void audit__detach(struct audit *a)
{
	bool begun_in_vain = a->pinned && !a->taken_over && !a->attached;

	if (!a->is_view && a->skel && a->skel->bss && !audit__goes_on(a))
		a->skel->bss->vqa_armed = 0;
	if (begun_in_vain)
		pins__remove();
	links__let_go(&a->links);
}

void audit__free(struct audit *a)
{
	if (!a)
		return;
	audit__detach(a);
	links__free(&a->links);
	vq_audit_bpf__destroy(a->skel);
	free(a);
}

int audit__next_queue(const struct audit *a, const __u64 *prev, __u64 *vq)
{
	return bpf_map_get_next_key(bpf_map__fd(a->skel->maps.places), prev, vq);
}

int audit__read_queue(const struct audit *a, __u64 vq, struct vqa_queue *q)
{
	__u32 place;
	int err = bpf_map_lookup_elem(bpf_map__fd(a->skel->maps.places), &vq, &place);

	if (!err)
		err = bpf_map_lookup_elem(bpf_map__fd(a->skel->maps.queues), &place, q);
	return err ?: q->id.vq == vq && q->ready ? 0 : -ENOENT;
}

int audit__read_gone(const struct audit *a, struct vqa_gone *ret)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(bpf_map__fd(a->skel->maps.gone), &zero, ret);
}

int audit__events_fd(const struct audit *a)
{
	return bpf_map__fd(a->skel->maps.events);
}

/* The sums over all CPUs of the @n counters that an entry begins with. */
static int read_sums(const struct bpf_map *map, __u32 entry, __u64 *ret, __u32 n)
{
	size_t words = (bpf_map__value_size(map) + 7) / 8; /* of a CPU's */
	int cpus = libbpf_num_possible_cpus(), err;
	__u64 *values;

	if (cpus < 0)
		return cpus;
	values = calloc(cpus, words * sizeof(*values));
	if (!values)
		return -ENOMEM;
	err = bpf_map_lookup_elem(bpf_map__fd(map), &entry, values);
	memset(ret, 0, n * sizeof(*ret));
	for (size_t i = 0; i < cpus * words && !err; i++)
		if (i % words < n)
			ret[i % words] += values[i];
	free(values);
	return err;
}

int audit__read_losses(const struct audit *a, __u64 *ret)
{
	int err = 0;

	for (__u32 i = 0; i < VQA_LOSS_COUNT && !err; i++)
		err = read_sums(a->skel->maps.losses, i, &ret[i], 1);
	return err;
}

int audit__read_ledger(const struct audit *a, __u64 *ret)
{
	return read_sums(a->skel->maps.ledger_cpus, 0, ret, VQA_LEDGER_COUNT);
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

bool audit__can_sweep(const struct audit *a)
{
	return a->sweep_fd >= 0;
}

static int run_sweep(int fd, struct vqa_sweep *s)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = s, .ctx_size_in = sizeof(*s));
	int err = bpf_prog_test_run_opts(fd, &opts);

	if (err)
		return err;
	return s->found ? 0 : -ENOENT;
}

int audit__sweep(const struct audit *a, struct vqa_sweep *s)
{
	return run_sweep(a->sweep_fd, s);
}

bool audit__can_look(const struct audit *a)
{
	return a->look_fd >= 0;
}

int audit__look(const struct audit *a, struct vqa_sweep *s)
{
	return run_sweep(a->look_fd, s);
}

bool audit__has_ledger(const struct audit *a)
{
	return a->ledger_fd >= 0;
}

int audit__ledger(const struct audit *a, struct vqa_ledger_pass *ret)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = ret, .ctx_size_in = sizeof(*ret));

	return bpf_prog_test_run_opts(a->ledger_fd, &opts);
}

int audit__dump(const struct audit *a, __u64 vq, struct vqa_dump *ret)
{
	struct vqa_sweep s = { .vq = vq };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &s, .ctx_size_in = sizeof(s));
	int err = bpf_prog_test_run_opts(bpf_program__fd(a->skel->progs.dump), &opts);
	__u32 zero = 0;

	if (err)
		return err;
	if (!s.found)
		return -ENOENT;
	return bpf_map_lookup_elem(bpf_map__fd(a->skel->maps.dumped), &zero, ret);
}

const char *audit__program(const struct audit *a, size_t i, int *ret_fd)
{
	return links__program(&a->links, i, ret_fd);
}
