/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one place that reads kernel memory. Every reader returns a copy: a word
 * that the device can write is loaded once, and judged as it was loaded.
 *
 * bpf_rdonly_cast() makes plain loads of it, which cost a tenth of
 * bpf_probe_read_kernel() and, like it, read zero where nothing is mapped. It
 * takes types of the kernel proper: where virtio is a module, and before 6.2,
 * the object runs that was built with VQA_DIRECT=0, and every read is a probe.
 *
 * What a version names or keeps differently is told apart here alone.
 * Rings are little-endian, and so is every host that we run on.
 */
#ifndef BPF_SNAPSHOT_H
#define BPF_SNAPSHOT_H

#include <bpf/bpf_core_read.h>
#include "find.h"
#include "vq_audit/check.h"
#include "vring.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "rings are read as little-endian"
#endif

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;
extern int bpf_virtqueue_break(__u64 vq) __ksym __weak;

#define kernel_ptr(type, addr) \
	((struct type *)bpf_rdonly_cast((void *)(addr), bpf_core_type_id_kernel(struct type)))

/* 1 to 8 bytes. A failed read is counted, and reads zero as a direct load would. */
verified_once __u64 probe_word(__u64 at, __u32 size)
{
	__u64 word = 0;

	size = ((size - 1) & 7) + 1; /* as it is, for who does not know */
	if (bpf_probe_read_kernel(&word, size, (void *)at))
		count_loss(VQA_LOSS_READ_FAILED);
	return word;
}

verified_once int probe_desc(struct vqa_desc *desc, __u64 at)
{
	if (desc && bpf_probe_read_kernel(desc, sizeof(*desc), (void *)at))
		count_loss(VQA_LOSS_READ_FAILED);
	return 0;
}

/* A member of the struct at a kernel address. */
#define kernel_read(type, addr, member)                                   \
	({                                                                \
		__u64 base_ = (__u64)(addr);                              \
		typeof(((struct type *)0)->member) value_;                \
                                                                          \
		if (VQA_DIRECT)                                           \
			value_ = kernel_ptr(type, base_)->member;         \
		else                                                      \
			value_ = (typeof(value_))probe_word(              \
				(__u64)__builtin_preserve_access_index(   \
					&((struct type *)base_)->member), \
				sizeof(value_));                          \
		value_;                                                   \
	})

/* Clears what follows the end of a string in 8 of its bytes; 0 in all once it has @ended. */
static __always_inline __u64 text_word(__u64 word, int *ended)
{
	__u64 zeros = (word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL;

	if (*ended)
		return 0;
	if (!zeros)
		return word;
	*ended = 1;
	return word & (((zeros & -zeros) >> 7) - 1);
}

/* The string at a kernel address, cut to @size, a multiple of 8, and filled with zeros. */
static __always_inline void read_text(char *dst, __u32 size, __u64 at)
{
	int ended = 0;

	if (!VQA_DIRECT) {
		bpf_probe_read_kernel_str(dst, size, (void *)at);
		return;
	}
#pragma unroll
	for (__u32 i = 0; i < size; i += sizeof(__u64)) {
		__u64 word = text_word(kernel_ptr(vring_desc, at + i)->addr, &ended);

		__builtin_memcpy(dst + i, &word, sizeof(word));
	}
	dst[size - 1] = 0;
}

/* The parts of a queue's private state. The layouts share a union. */
#define vring_read(v, member) kernel_read(vring_virtqueue, v, member)
#define split_read(v, member) \
	kernel_read(vring_virtqueue_split, (__u64)(v) + vring_offset(split), member)
#define packed_read(v, member) \
	kernel_read(vring_virtqueue_packed, (__u64)(v) + vring_offset(packed), member)
#define vring_offset(layout) bpf_core_field_offset(struct vring_virtqueue, layout)

/* A table of descriptors in shared memory and its private shadow, by kernel address. */
struct tables {
	__u64 ring;
	__u64 shadow;
};

/*
 * The queue itself, by the address that was noted: a number. What a hook is given
 * has a type, which 6.1 passes to no function that is verified once.
 */
static __always_inline struct vring_virtqueue *queue_vring(const struct vqa_queue *q)
{
	return (struct vring_virtqueue *)q->id.vq;
}

static __always_inline int read_packed(struct vring_virtqueue *v)
{
	enum vq_layout layout;

	if (bpf_core_field_exists(((struct vring_virtqueue *)0)->packed_ring))
		return vring_read(v, packed_ring);
	layout = kernel_read(vring_virtqueue___7, v, layout);
	return layout == VQ_LAYOUT_PACKED || layout == VQ_LAYOUT_PACKED_IN_ORDER;
}

static __always_inline int read_dma_api(struct vring_virtqueue *v)
{
	if (bpf_core_field_exists(((struct vring_virtqueue *)0)->use_dma_api))
		return vring_read(v, use_dma_api);
	return kernel_read(vring_virtqueue___7, v, use_map_api);
}

/* Whether the core maps the memory of every buffer of a queue, and no driver does. */
static __always_inline int read_all_ring(struct vring_virtqueue *v)
{
	return bpf_core_field_exists(((struct vring_virtqueue *)0)->premapped) &&
	       !vring_read(v, premapped);
}

static __always_inline __u32 read_num(struct vring_virtqueue *v)
{
	return read_packed(v) ? packed_read(v, vring.num) : split_read(v, vring.num);
}

/**
 * struct run - descriptors that follow each other in memory
 *
 * As most of a chain's do, which is why they are read together: the code that the kernel makes of
 * a load checks its address, and a cast takes the registers that a call does.
 */
struct run {
	__u64 at; /* kernel address of the first */
	const volatile __u64 *word; /* of which there are two to a descriptor */
};

#define RUN (VQA_DIRECT ? VQA_RUN : 1) /* descriptors of a run */

/* The type is one of the kernel's that begins with as many numbers. */
static __always_inline struct run run_from(__u64 table, __u32 i)
{
	struct run r = { .at = table + sizeof(struct vqa_desc) * (__u64)i };

	if (VQA_DIRECT)
		r.word = (const volatile __u64 *)kernel_ptr(clone_args, r.at);
	return r;
}

/* By two loads. @k: a constant below RUN */
static __always_inline struct vqa_desc run_desc(struct run r, const __u32 k)
{
	struct vqa_desc desc, copy = {};

	if (VQA_DIRECT) {
		desc.addr = r.word[2 * k];
		desc.rest = r.word[2 * k + 1];
	} else {
		probe_desc(&copy, r.at);
		desc.addr = copy.addr;
		desc.rest = copy.rest;
	}
	return desc;
}

static __always_inline struct vqa_desc read_split_desc(__u64 table, __u32 i)
{
	return run_desc(run_from(table, i), 0);
}

/* Where a packed ring has id before flags, a split one has flags before next. */
static __always_inline struct vqa_desc desc_of_packed(struct vqa_desc desc)
{
	__u32 high = desc.rest >> 32;

	high = high >> 16 | high << 16;
	desc.rest = (__u32)desc.rest | (__u64)high << 32;
	return desc;
}

static __always_inline struct vqa_desc read_packed_desc(__u64 table, __u32 i)
{
	return desc_of_packed(read_split_desc(table, i));
}

/* Of one, the flags alone. */
static __always_inline __u16 read_packed_flags(__u64 table, __u32 i)
{
	return kernel_read(vring_packed_desc, table + sizeof(struct vqa_desc) * (__u64)i, flags);
}

/* struct vring_desc_extra is a struct vring_desc that only the kernel sees. */
static __always_inline struct vqa_desc read_shadow(__u64 shadow, __u32 i)
{
	return read_split_desc(shadow, i);
}

/* Of one, where the next one is: by a load of that alone. */
static __always_inline __u16 read_shadow_next(__u64 shadow, __u32 i)
{
	return kernel_read(vring_desc_extra, shadow + sizeof(struct vqa_desc) * (__u64)i, next);
}

/* What stock kernels from 6.16 on keep instead of the address of a premapped buffer. */
#define DMA_MAPPING_ERROR (~0ULL)

static __always_inline struct tables read_split_tables(struct vring_virtqueue *v)
{
	struct tables t = {
		.ring = (__u64)split_read(v, vring.desc),
		.shadow = (__u64)split_read(v, desc_extra),
	};

	return t;
}

static __always_inline struct tables read_packed_tables(struct vring_virtqueue *v)
{
	struct tables t = {
		.ring = (__u64)packed_read(v, vring.desc),
		.shadow = (__u64)packed_read(v, desc_extra),
	};

	return t;
}

/* How far the driver is. */
struct driver_state {
	__u32 num_free;
	__u32 free_head;
	__u16 last_used;
};

/* By one cast, as in read_split_desc(). */
static __always_inline struct driver_state read_driver(struct vring_virtqueue *v)
{
	const struct vring_virtqueue *from = v;

	if (VQA_DIRECT)
		from = kernel_ptr(vring_virtqueue, v);
	return (struct driver_state){
		.num_free = VQA_DIRECT ? from->vq.num_free : vring_read(v, vq.num_free),
		.free_head = VQA_DIRECT ? from->free_head : vring_read(v, free_head),
		.last_used = VQA_DIRECT ? from->last_used_idx : vring_read(v, last_used_idx),
	};
}

/* What the driver's private state says of buffer @id. */
struct head_state {
	__u64 data; /* the driver's token; 0 if the id is no head of a buffer in flight */
	__u16 n; /* packed: descriptors in the ring */
};

/* The private state of all buffers of a ring, by id. */
static __always_inline __u64 read_states(struct vring_virtqueue *v, __u32 packed)
{
	return packed ? (__u64)packed_read(v, desc_state) : (__u64)split_read(v, desc_state);
}

/* Of one of them. */
static __always_inline __u64 state_at(__u64 states, __u32 packed, __u32 id)
{
	return states + id * (packed ? bpf_core_type_size(struct vring_desc_state_packed)
				     : bpf_core_type_size(struct vring_desc_state_split));
}

static __always_inline struct head_state read_head_state(__u64 states, __u32 packed, __u32 id)
{
	__u64 at = state_at(states, packed, id);
	struct head_state h = {};

	if (packed) {
		h.data = (__u64)kernel_read(vring_desc_state_packed, at, data);
		h.n = kernel_read(vring_desc_state_packed, at, num);
	} else {
		h.data = (__u64)kernel_read(vring_desc_state_split, at, data);
	}
	return h;
}

static __always_inline struct head_state read_split_head(struct vring_virtqueue *v, __u32 id)
{
	return read_head_state(read_states(v, 0), 0, id);
}

static __always_inline struct head_state read_packed_head(struct vring_virtqueue *v, __u32 id)
{
	return read_head_state(read_states(v, 1), 1, id);
}

/* Kernel address of the indirect table of a buffer in flight, or 0. */
static __always_inline __u64 read_head_table(__u64 states, __u32 packed, __u32 id)
{
	__u64 at = state_at(states, packed, id);

	return packed ? (__u64)kernel_read(vring_desc_state_packed, at, indir_desc)
		      : (__u64)kernel_read(vring_desc_state_split, at, indir_desc);
}

/* With our series on 7.x, whether the driver maps a buffer is told here, and addresses are kept. */
#define HEADS_TELL_PREMAPPED bpf_core_field_exists(((struct vring_desc_state_split *)0)->premapped)

static __always_inline int read_head_premapped(__u64 states, __u32 packed, __u32 id)
{
	__u64 at = state_at(states, packed, id);

	return packed ? kernel_read(vring_desc_state_packed, at, premapped)
		      : kernel_read(vring_desc_state_split, at, premapped);
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
	return read_packed(v) ? packed_read(v, next_avail_idx) : split_read(v, avail_idx_shadow);
}

/* How much of a queue's descriptors the kernel keeps privately (enum vqa_shadow). */
static __always_inline int read_shadow_kind(struct vring_virtqueue *v)
{
	if (vqa_patched)
		return VQA_SHADOW_WHOLE;
	if (read_packed(v))
		return read_dma_api(v) ? VQA_SHADOW_WHOLE : VQA_SHADOW_RING;
	if (bpf_core_field_exists(((struct vring_virtqueue *)0)->do_unmap))
		return vring_read(v, do_unmap) ? VQA_SHADOW_WHOLE : VQA_SHADOW_PART;
	if (bpf_core_field_exists(((struct vring_virtqueue *)0)->packed_ring))
		return read_dma_api(v) ? VQA_SHADOW_WHOLE : VQA_SHADOW_PART;
	return VQA_SHADOW_WHOLE;
}

/* The index of a split ring's used ring. Shared memory: it can change. */
static __always_inline __u16 read_used_idx(__u64 used)
{
	return kernel_read(vring_used, used, idx);
}

static __always_inline __u64 read_used_ring(struct vring_virtqueue *v)
{
	return (__u64)split_read(v, vring.used);
}

/*
 * The element of a used ring of @num that stands for index @at. Shared memory, as above. By one
 * load: the type is one of the kernel's that begins with a number of its size.
 */
static __always_inline void read_used_elem(__u64 used, __u16 at, __u32 num, __u32 *id, __u32 *len)
{
	__u64 elem =
		used + VRING_USED_RING + sizeof(struct vring_used_elem) * (__u64)(at & (num - 1));
	__u64 word = kernel_read(clone_args, elem, flags);

	*id = word;
	*len = word >> 32;
}

/*
 * The used element that a split ring's next get_buf will read; 0 if there is
 * none, and zeros in it.
 */
static __always_inline int read_split_used(struct vring_virtqueue *v, __u32 *id, __u32 *len)
{
	__u64 used = read_used_ring(v);
	__u16 last = vring_read(v, last_used_idx);

	*id = *len = 0;
	if (vring_read(v, broken) || read_used_idx(used) == last)
		return 0;
	read_used_elem(used, last, split_read(v, vring.num), id, len);
	return 1;
}

/*
 * The same of a packed ring: the descriptor where the next completion may be. Its
 * flags come first, for the device writes them last: one look at all of it can find
 * them new beside a length that is still old.
 */
static __always_inline int read_packed_used(struct vring_virtqueue *v, __u32 *id, __u32 *len)
{
	__u16 last = vring_read(v, last_used_idx);
	__u64 table = (__u64)packed_read(v, vring.desc);
	struct vqa_desc d = read_packed_desc(table, vqa_packed_pos(last));

	*id = *len = 0;
	if (vring_read(v, broken) || !vqa_packed_is_used(d.flags, last >> VQA_WRAP_BIT))
		return 0;
	barrier();
	d = read_packed_desc(table, vqa_packed_pos(last));
	*id = d.next;
	*len = d.len;
	return 1;
}

#endif
