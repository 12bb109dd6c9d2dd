/* SPDX-License-Identifier: GPL-2.0 */
/* An audit that somebody else pinned, looked at: nothing of it is written, or kept from ending. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "audit_impl.h"
#include "bpflog.h"
#include "error.h"
#include "facts.h"
#include "pins.h"

/* How it was begun is its own affair; how it is laid out is not. */
static int check_layout(const struct audit *a)
{
	struct vqa_facts ours;
	int err = facts__of(&ours, a->skel->obj, &(struct audit_opts){ 0 });

	if (err)
		return err;
#define X(member, option) ours.member = a->facts.member;
	VQA_FIXED(X)
#undef X
	return facts__same(&a->facts, &ours);
}

/* Maps are taken as they are: how many entries they have, its daemon chose. */
static int size_map(struct bpf_map *map)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = bpf_obj_get(bpf_map__pin_path(map)), err;

	if (fd < 0)
		return -errno;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	return err ?: bpf_map__set_max_entries(map, info.max_entries);
}

/* Of its programs one that reads alone, which nothing but audit__survey() runs. */
static int load(struct audit *a)
{
	struct bpf_program *prog;
	struct bpf_map *map;
	int err = pins__set_maps(a->skel->obj);

	bpf_object__for_each_map(map, a->skel->obj)
		err = err ?: size_map(map);
	bpf_object__for_each_program(prog, a->skel->obj)
		bpf_program__set_autoload(prog, prog == a->skel->progs.survey);
	err = err ?: vq_audit_bpf__load(a->skel);
	if (err) {
		bpflog__print_tail();
		err__cannot_run(NULL, "looking at the audit that is pinned: %s", err__str(err));
	}
	return err;
}

static int open_view(struct audit *a, const struct kbtf *btf)
{
	int err;

	a->skel = object__open(kbtf__can_cast(btf));
	if (!a->skel) {
		err = -errno;
		err__cannot_run(NULL, "the programs: %s", err__str(err));
		return err;
	}
	err = check_layout(a) ?: load(a);
	if (err)
		return err;
	a->survey_fd = bpf_program__fd(a->skel->progs.survey);
	err = links__take_over(&a->links);
	links__let_go(&a->links); /* held, they would keep it from ending */
	return err;
}

int audit__view(struct audit **ret, const struct kbtf *btf)
{
	struct audit *a = calloc(1, sizeof(*a));
	int err = a ? pins__read_facts(&a->facts) : -ENOMEM;

	if (!err) {
		a->is_view = true;
		a->tier = a->facts.tier;
		a->sweep_fd = a->look_fd = a->ledger_fd = -1;
		err = open_view(a, btf);
	} else if (err != -ENOENT) {
		err__cannot_run("run it as root", PINS_DIR ": %s", err__str(err));
	}
	if (err)
		audit__free(a);
	else
		*ret = a;
	return err;
}

const struct vqa_facts *audit__facts(const struct audit *a)
{
	return &a->facts;
}

bool audit__still_pinned(const struct audit *a)
{
	struct bpf_map_info ours = { 0 }, there = { 0 };
	__u32 len = sizeof(ours);
	int fd = bpf_obj_get(bpf_map__pin_path(a->skel->maps.facts)), err;

	if (fd < 0)
		return false;
	err = bpf_obj_get_info_by_fd(bpf_map__fd(a->skel->maps.facts), &ours, &len);
	len = sizeof(there);
	err = err ?: bpf_obj_get_info_by_fd(fd, &there, &len);
	close(fd);
	return !err && ours.id == there.id;
}
