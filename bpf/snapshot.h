/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one place that reads kernel memory. Every reader returns a copy: a word
 * that the device can write is loaded once, and judged as it was loaded.
 *
 * bpf_rdonly_cast() makes plain loads of it, which cost a tenth of
 * bpf_probe_read_kernel() and, like it, read zero where nothing is mapped.
 * Rings are little-endian, and so is every host that we run on.
 */
#ifndef BPF_SNAPSHOT_H
#define BPF_SNAPSHOT_H

#include <bpf/bpf_core_read.h>
#include "vq_audit/check.h"
#include "vring.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "rings are read as little-endian"
#endif

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

#define kernel_ptr(type, addr) \
	((struct type *)bpf_rdonly_cast((void *)(addr), bpf_core_type_id_kernel(struct type)))

/* A table of descriptors in shared memory and its private shadow, by kernel address. */
struct tables {
	__u64 ring;
	__u64 shadow;
};

static __always_inline struct vring_virtqueue *read_vring(const void *vq)
{
	return kernel_ptr(vring_virtqueue, vq);
}

/*
 * The layouts share a union. The verifier resolves an offset by the union's
 * first member that has it, so each layout is cast to its own type.
 */
static __always_inline struct vring_virtqueue_split *split_of(struct vring_virtqueue *v)
{
	return kernel_ptr(vring_virtqueue_split, (__u64)v + bpf_core_field_offset(v->split));
}

static __always_inline struct vring_virtqueue_packed *packed_of(struct vring_virtqueue *v)
{
	return kernel_ptr(vring_virtqueue_packed, (__u64)v + bpf_core_field_offset(v->packed));
}

static __always_inline __u32 read_num(struct vring_virtqueue *v)
{
	return v->packed_ring ? packed_of(v)->vring.num : split_of(v)->vring.num;
}

static __always_inline struct vqa_desc read_split_desc(__u64 table, __u32 i)
{
	struct vring_desc *d = kernel_ptr(vring_desc, table + sizeof(struct vqa_desc) * i);
	struct vqa_desc desc = {
		.addr = d->addr, .len = d->len, .flags = d->flags, .next = d->next
	};

	return desc;
}

static __always_inline struct vqa_desc read_packed_desc(__u64 table, __u32 i)
{
	struct vring_packed_desc *d =
		kernel_ptr(vring_packed_desc, table + sizeof(struct vqa_desc) * i);
	struct vqa_desc desc = { .addr = d->addr, .len = d->len, .flags = d->flags, .next = d->id };

	return desc;
}

static __always_inline struct vqa_desc read_shadow(__u64 shadow, __u32 i)
{
	struct vring_desc_extra *e =
		kernel_ptr(vring_desc_extra, shadow + sizeof(struct vqa_desc) * i);
	struct vqa_desc desc = {
		.addr = e->addr, .len = e->len, .flags = e->flags, .next = e->next
	};

	return desc;
}

static __always_inline struct tables read_split_tables(struct vring_virtqueue *v)
{
	struct vring_virtqueue_split *s = split_of(v);
	struct tables t = { .ring = (__u64)s->vring.desc, .shadow = (__u64)s->desc_extra };

	return t;
}

static __always_inline struct tables read_packed_tables(struct vring_virtqueue *v)
{
	struct vring_virtqueue_packed *p = packed_of(v);
	struct tables t = { .ring = (__u64)p->vring.desc, .shadow = (__u64)p->desc_extra };

	return t;
}

/* What the driver's private state says of buffer @id. */
struct head_state {
	__u64 data; /* the driver's token; 0 if the id is no head of a buffer in flight */
	__u64 table; /* kernel address of its indirect table, or 0 */
	__u16 n; /* packed: descriptors in the ring */
};

static __always_inline struct head_state read_split_head(struct vring_virtqueue *v, __u32 id)
{
	__u64 states = (__u64)split_of(v)->desc_state;
	struct vring_desc_state_split *s =
		kernel_ptr(vring_desc_state_split,
			   states + bpf_core_type_size(struct vring_desc_state_split) * id);
	struct head_state h = { .data = (__u64)s->data };

	if (v->indirect)
		h.table = (__u64)s->indir_desc;
	return h;
}

static __always_inline struct head_state read_packed_head(struct vring_virtqueue *v, __u32 id)
{
	__u64 states = (__u64)packed_of(v)->desc_state;
	struct vring_desc_state_packed *s =
		kernel_ptr(vring_desc_state_packed,
			   states + bpf_core_type_size(struct vring_desc_state_packed) * id);
	struct head_state h = { .data = (__u64)s->data, .n = s->num };

	if (v->indirect)
		h.table = (__u64)s->indir_desc;
	return h;
}

/*
 * An indirect table as our series keeps it: the entries, which are mapped for
 * the device, and their shadow right behind them.
 */
static __always_inline struct tables read_indirect_tables(__u64 table, __u32 entries)
{
	struct tables t = {
		.ring = table,
		.shadow = table + sizeof(struct vqa_desc) * (__u64)entries,
	};

	return t;
}

/* Where the driver publishes next: avail_idx_shadow, or the slot on packed rings. */
static __always_inline __u16 read_next_avail(struct vring_virtqueue *v)
{
	return v->packed_ring ? packed_of(v)->next_avail_idx : split_of(v)->avail_idx_shadow;
}

/* Whether the kernel's shadow alone tells where every chain of the queue ends. */
static __always_inline int read_shadow_complete(struct vring_virtqueue *v)
{
	if (vqa_patched)
		return 1;
	if (v->packed_ring || !bpf_core_field_exists(v->do_unmap))
		return 0;
	return v->do_unmap;
}

/* The used element that a split ring's next get_buf will read. Shared memory: it can change. */
static __always_inline int read_split_used(struct vring_virtqueue *v, __u32 *id, __u32 *len)
{
	__u64 used = (__u64)split_of(v)->vring.used;
	__u16 last = v->last_used_idx;
	__u32 at = last & (split_of(v)->vring.num - 1);
	struct vring_used_elem *e;

	if (v->broken || kernel_ptr(vring_used, used)->idx == last)
		return 0;
	e = kernel_ptr(vring_used_elem, used + 4 + sizeof(*e) * (__u64)at);
	*id = e->id;
	*len = e->len;
	return 1;
}

#endif
