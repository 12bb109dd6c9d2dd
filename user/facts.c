/* SPDX-License-Identifier: GPL-2.0 */
/* Comparing two audits before one is taken for the other. */
#include "facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "error.h"
#include "pins.h"
#include "vq_audit/check.h"

#define KEY 0x9e3779b97f4a7c15ULL /* odd; nobody lies here */

static __u64 add_bytes(__u64 digest, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	while (n--)
		digest = vqa_mix(digest, *p++, KEY);
	return digest;
}

static __u64 add_number(__u64 digest, __u64 n)
{
	return vqa_mix(digest, n, KEY);
}

static __u64 add_text(__u64 digest, const char *text)
{
	return add_bytes(digest, text, strlen(text) + 1);
}

static __u64 add_maps(__u64 digest, const struct bpf_object *obj)
{
	const struct bpf_map *map;

	bpf_object__for_each_map(map, obj) {
		digest = add_text(digest, bpf_map__name(map));
		digest = add_number(digest, bpf_map__type(map));
		digest = add_number(digest, bpf_map__key_size(map));
		digest = add_number(digest, bpf_map__value_size(map));
	}
	return digest;
}

/* Name and place of each global variable. */
static __u64 add_variables(__u64 digest, const struct btf *btf)
{
	for (__u32 id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *section = btf__type_by_id(btf, id);
		const struct btf_var_secinfo *v = btf_var_secinfos(section);

		/* Functions of the kernel are no variables. */
		if (!btf_is_datasec(section) ||
		    !strcmp(btf__name_by_offset(btf, section->name_off), ".ksyms"))
			continue;
		for (int i = 0; i < btf_vlen(section); i++, v++) {
			const struct btf_type *var = btf__type_by_id(btf, v->type);

			digest = add_text(digest, btf__name_by_offset(btf, var->name_off));
			digest = add_number(digest, v->offset);
			digest = add_number(digest, v->size);
		}
	}
	return digest;
}

static __u32 windows_digest(const struct windows *w)
{
	__u64 digest = 0;

	for (size_t i = 0; w && i < w->n; i++)
		if (w->devices[i].windows.source == VQA_WINDOW_OPERATOR)
			digest = add_bytes(digest, &w->devices[i], sizeof(w->devices[i]));
	return digest ^ digest >> 32;
}

int facts__of(struct vqa_facts *ret, const struct bpf_object *obj, const struct audit_opts *opts)
{
	const struct btf *btf = bpf_object__btf(obj);

	if (!btf)
		return -EINVAL;
	*ret = (struct vqa_facts){
		.abi = VQA_ABI_VERSION,
		.version = VQ_AUDIT_VERSION,
		.layout = add_variables(add_maps(0, obj), btf),
		.rate = opts->rate,
		.max_queues = opts->max_queues,
		.recorder = opts->recorder,
		.ring_bytes = opts->ring_bytes,
		.stall_ms = opts->stall_ms,
		.max_mappings = opts->max_mappings,
		.thins = opts->thins,
		.latency = opts->latency,
		.windows = windows_digest(opts->windows),
		.tier = opts->tier,
	};
	return 0;
}

static bool same_options(const struct vqa_facts *there, const struct vqa_facts *wanted)
{
	bool same = true;

#define X(member, option)                                                              \
	if (there->member != wanted->member) {                                         \
		err__print(option " is not what the audit that is pinned began with"); \
		same = false;                                                          \
	}
	VQA_FIXED(X)
#undef X
	return same;
}

int facts__same(const struct vqa_facts *there, const struct vqa_facts *wanted)
{
	if (there->abi != wanted->abi || there->layout != wanted->layout) {
		err__cannot_run(
			"\"vq-audit unpin\" ends it, and the next run begins anew; or use "
			"that version",
			"what is pinned is of vq-audit %.*s, and laid out otherwise than by "
			"%s",
			VQA_VERSION_LEN, there->version, wanted->version);
		return -EPROTO;
	}
	if (!same_options(there, wanted)) {
		err__cannot_run("ask for the same; or \"vq-audit unpin\" ends it, and the next run "
				"begins anew; if an initramfs began it, make that again "
				"(update-initramfs -u): it has the configuration of then",
				"the audit that is pinned has other options");
		return -EEXIST;
	}
	return 0;
}

int facts__prepare(struct vqa_facts *ret, struct bpf_object *obj, const struct audit_opts *opts,
		   bool *taken_over)
{
	struct vqa_facts there;
	int err = facts__of(ret, obj, opts);

	if (err)
		return err;
	*taken_over = !pins__read_facts(&there);
	err = *taken_over ? facts__same(&there, ret) : pins__prepare();
	return err ?: pins__set_maps(obj);
}

int facts__leave(struct vqa_facts *facts, int map_fd)
{
	__u32 zero = 0;
	int err;

	facts->whole = 1;
	err = bpf_map_update_elem(map_fd, &zero, facts, BPF_ANY);
	if (err)
		err__cannot_run("run without --pin", "pinning the audit: %s", err__str(err));
	return err;
}
