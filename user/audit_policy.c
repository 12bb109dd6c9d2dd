/* SPDX-License-Identifier: GPL-2.0 */
/* The policy, from the daemon to the queues. */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "audit_impl.h"

static const struct vqa_policy_key every_queue = { .queue = VQA_POLICY_ANY };

static int put(int fd, const struct vqa_policy_key *key, const struct policy *p)
{
	struct vqa_policy value = { 0 };

	_Static_assert(sizeof(p->action) <= sizeof(value.action), "a rule has a place in the map");
	memcpy(value.action, p->action, sizeof(p->action));
	return bpf_map_update_elem(fd, key, &value, BPF_ANY);
}

static bool has_key(const struct policies *p, const struct vqa_policy_key *key)
{
	if (!memcmp(key, &every_queue, sizeof(*key)))
		return true;
	for (size_t i = 0; i < p->n; i++)
		if (!memcmp(&p->own[i].key, key, sizeof(*key)))
			return true;
	return false;
}

/* One that is in the map, and no longer wanted. */
static bool find_stale(int fd, const struct policies *p, struct vqa_policy_key *ret)
{
	struct vqa_policy_key *before = NULL;

	while (!bpf_map_get_next_key(fd, before, ret)) {
		if (!has_key(p, ret))
			return true;
		before = ret;
	}
	return false;
}

/* First what is new, so that at no time a queue has less than its policy. */
static int write_map(int fd, const struct policies *p)
{
	struct vqa_policy_key stale;
	int err = put(fd, &every_queue, &p->all);

	for (size_t i = 0; !err && i < p->n; i++)
		err = put(fd, &p->own[i].key, &p->own[i].policy);
	while (!err && find_stale(fd, p, &stale))
		err = bpf_map_delete_elem(fd, &stale);
	return err;
}

int audit__adopt(const struct audit *a)
{
	struct vqa_adopt adopt = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &adopt, .ctx_size_in = sizeof(adopt));

	return bpf_prog_test_run_opts(bpf_program__fd(a->skel->progs.adopt), &opts)
		       ?: (int)adopt.queues;
}

int audit__set_policies(struct audit *a, const struct policies *p)
{
	int err = write_map(bpf_map__fd(a->skel->maps.policy), p);

	if (err)
		return err;
	a->skel->bss->vqa_policies++;
	return audit__adopt(a);
}
