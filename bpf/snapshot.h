/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a queue as the kernel has it, by copies.
 *
 * What a version names or keeps differently is told apart here alone.
 * Rings are little-endian, and so is every host that we run on.
 */
#ifndef BPF_SNAPSHOT_H
#define BPF_SNAPSHOT_H

#include "descs.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "rings are read as little-endian"
#endif

/* The parts of a queue's private state. The layouts share a union. */
#define vring_read(v, member) kernel_read(vring_virtqueue, v, member)
#define split_read(v, member) \
	kernel_read(vring_virtqueue_split, (__u64)(v) + vring_offset(split), member)
#define packed_read(v, member) \
	kernel_read(vring_virtqueue_packed, (__u64)(v) + vring_offset(packed), member)
#define vring_offset(layout) bpf_core_field_offset(struct vring_virtqueue, layout)

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

	if (packed && VQA_DIRECT) {
		const struct vring_desc_state_packed *state =
			kernel_ptr(vring_desc_state_packed, at);

		h.data = (__u64)state->data;
		h.n = state->num;
	} else if (packed) {
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
static __always_inline int read_packed_elem(__u64 ring, __u16 last, __u32 *id, __u32 *len)
{
	struct vqa_desc d;

	*id = *len = 0;
	if (!vqa_packed_is_used(read_packed_flags(ring, vqa_packed_pos(last)),
				last >> VQA_WRAP_BIT))
		return 0;
	barrier();
	d = read_packed_desc(ring, vqa_packed_pos(last));
	*id = d.next;
	*len = d.len;
	return 1;
}

static __always_inline int read_packed_used(struct vring_virtqueue *v, __u32 *id, __u32 *len)
{
	__u16 last = vring_read(v, last_used_idx);

	*id = *len = 0;
	return !vring_read(v, broken) &&
	       read_packed_elem((__u64)packed_read(v, vring.desc), last, id, len);
}

#endif
