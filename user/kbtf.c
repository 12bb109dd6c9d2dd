/* SPDX-License-Identifier: GPL-2.0 */
#include "kbtf.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include <bpf/btf.h>

#define RING_BTF "/sys/kernel/btf/virtio_ring"
#define BREAKER_BTF "/sys/kernel/btf/vq_audit_break"

/* Where virtio is not built in: what else programs attach to. */
static const char *const others[KBTF_OTHERS] = {
	"/sys/kernel/btf/virtio",
	"/sys/kernel/btf/virtio_pci",
	"/sys/kernel/btf/virtio_pci_modern_dev",
	"/sys/kernel/btf/vduse",
};

int kbtf__open(struct kbtf *k)
{
	*k = (struct kbtf){ .vmlinux = btf__load_vmlinux_btf() };
	if (!k->vmlinux)
		return -errno;
	k->ring = btf__parse_split(RING_BTF, k->vmlinux);
	k->breaker = btf__parse_split(BREAKER_BTF, k->vmlinux);
	for (unsigned int i = 0; i < KBTF_OTHERS; i++)
		k->other[i] = btf__parse_split(others[i], k->vmlinux);
	return 0;
}

void kbtf__close(struct kbtf *k)
{
	for (unsigned int i = 0; i < KBTF_OTHERS; i++)
		btf__free(k->other[i]);
	btf__free(k->breaker);
	btf__free(k->ring);
	btf__free(k->vmlinux);
	*k = (struct kbtf){ 0 };
}

/* A module's type information extends the kernel's: looking there looks in both. */
static const struct btf *of_ring(const struct kbtf *k)
{
	return k->ring ? k->ring : k->vmlinux;
}

static bool btf_has(const struct btf *btf, const char *name, __u32 kind)
{
	return btf && btf__find_by_name_kind(btf, name, kind) > 0;
}

/* The type information in which there is such a type, or NULL. */
static const struct btf *with(const struct kbtf *k, const char *name, __u32 kind)
{
	for (unsigned int i = 0; i < KBTF_OTHERS; i++)
		if (btf_has(k->other[i], name, kind))
			return k->other[i];
	return btf_has(of_ring(k), name, kind) ? of_ring(k) : NULL;
}

bool kbtf__has_func(const struct kbtf *k, const char *name)
{
	return with(k, name, BTF_KIND_FUNC);
}

bool kbtf__has_typedef(const struct kbtf *k, const char *name)
{
	return with(k, name, BTF_KIND_TYPEDEF);
}

int kbtf__event_arguments(const struct kbtf *k, const char *name)
{
	const struct btf_type *t;
	char typedef_name[128];
	const struct btf *btf;
	int id;

	snprintf(typedef_name, sizeof(typedef_name), "btf_trace_%s", name);
	btf = with(k, typedef_name, BTF_KIND_TYPEDEF);
	if (!btf)
		return -1;
	id = btf__find_by_name_kind(btf, typedef_name, BTF_KIND_TYPEDEF);
	t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type); /* a pointer */
	t = btf__type_by_id(btf, t->type);
	return btf_vlen(t) - 1; /* the first is what the handler was registered with */
}

bool kbtf__can_cast(const struct kbtf *k)
{
	return !k->ring && kbtf__has_func(k, "bpf_rdonly_cast") &&
	       btf_has(k->vmlinux, "vring_virtqueue", BTF_KIND_STRUCT);
}

bool kbtf__maps_itself(const struct kbtf *k)
{
	return with(k, "virtio_map_ops", BTF_KIND_STRUCT);
}

bool kbtf__can_break(const struct kbtf *k)
{
	static const char name[] = "bpf_virtqueue_break";

	return kbtf__has_func(k, name) || btf_has(k->breaker, name, BTF_KIND_FUNC);
}
