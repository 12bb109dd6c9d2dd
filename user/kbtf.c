/* SPDX-License-Identifier: GPL-2.0 */
#include "kbtf.h"

#include <errno.h>
#include <stddef.h>

#include <bpf/btf.h>

#define MODULE_BTF "/sys/kernel/btf/virtio_ring"

int kbtf__open(struct kbtf *k)
{
	k->ring = NULL;
	k->vmlinux = btf__load_vmlinux_btf();
	if (!k->vmlinux)
		return -errno;
	k->ring = btf__parse_split(MODULE_BTF, k->vmlinux);
	return 0;
}

void kbtf__close(struct kbtf *k)
{
	btf__free(k->ring);
	btf__free(k->vmlinux);
	k->ring = NULL;
	k->vmlinux = NULL;
}

/* A module's type information extends the kernel's: looking there looks in both. */
static bool has(const struct kbtf *k, const char *name, __u32 kind)
{
	const struct btf *btf = k->ring ? k->ring : k->vmlinux;

	return btf && btf__find_by_name_kind(btf, name, kind) > 0;
}

bool kbtf__has_func(const struct kbtf *k, const char *name)
{
	return has(k, name, BTF_KIND_FUNC);
}

bool kbtf__has_typedef(const struct kbtf *k, const char *name)
{
	return has(k, name, BTF_KIND_TYPEDEF);
}

bool kbtf__can_cast(const struct kbtf *k)
{
	return !k->ring && kbtf__has_func(k, "bpf_rdonly_cast") &&
	       has(k, "vring_virtqueue", BTF_KIND_STRUCT);
}
