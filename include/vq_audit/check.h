/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pure checks: arithmetic over snapshots by value. No helper, no map, no
 * libc, no pointer into shared memory, so that the same code compiles for BPF,
 * for the unit tests and for the fuzzers. Host byte order throughout: the
 * readers convert.
 */
#ifndef VQ_AUDIT_CHECK_H
#define VQ_AUDIT_CHECK_H

#include "vq_audit/abi.h"

#define VQA_DESC_F_NEXT (1 << 0)
#define VQA_DESC_F_WRITE (1 << 1)
#define VQA_DESC_F_INDIRECT (1 << 2)
#define VQA_DESC_F_AVAIL (1 << 7)
#define VQA_DESC_F_USED (1 << 15)

#define VQA_WRAP_BIT 15 /* of last_used_idx and off_wrap on packed rings */

/* What of a descriptor has one right value while it is published. */
#define VQA_FIELDS_COMMON \
	(VQA_F_ADDR | VQA_F_LEN | VQA_F_NEXT_FLAG | VQA_F_WRITE | VQA_F_INDIRECT | VQA_F_FLAGS)
#define VQA_FIELDS_SPLIT (VQA_FIELDS_COMMON | VQA_F_AVAIL_USED | VQA_F_NEXT)
#define VQA_FIELDS_PACKED (VQA_FIELDS_COMMON | VQA_F_AVAIL_USED | VQA_F_ID)
/* The driver leaves the id of a packed table's entries unwritten (virtio 1.2, 2.8.7). */
#define VQA_FIELDS_TABLE_SPLIT VQA_FIELDS_SPLIT
#define VQA_FIELDS_TABLE_PACKED (VQA_FIELDS_COMMON | VQA_F_AVAIL_USED)

/*
 * 1 if @x is not 0, without a branch: the verifier follows both sides of each.
 * The empty statement keeps the compiler from seeing a comparison in it.
 */
static inline __u32 vqa_nonzero(__u64 x)
{
	__u64 sign = x | -x;

	asm volatile("" : "+r"(sign));
	return sign >> 63;
}

/**
 * vqa_desc_diff() - where a descriptor differs from what the driver wrote
 * @seen: as the device can see it
 * @want: as the driver published it
 * @mask: fields to look at, enum vqa_field
 *
 * Return: mask of the fields that differ, 0 if none.
 */
static inline __u32 vqa_desc_diff(struct vqa_desc seen, struct vqa_desc want, __u32 mask)
{
	const __u16 direct = VQA_DESC_F_NEXT | VQA_DESC_F_WRITE | VQA_DESC_F_INDIRECT;
	const __u16 wrap = VQA_DESC_F_AVAIL | VQA_DESC_F_USED;
	__u16 flags = seen.flags ^ want.flags;
	__u32 diff;

	diff = vqa_nonzero(seen.addr ^ want.addr) * VQA_F_ADDR;
	diff |= vqa_nonzero(seen.len ^ want.len) * VQA_F_LEN;
	diff |= (flags & direct) * VQA_F_NEXT_FLAG; /* the bits are in the same order */
	diff |= vqa_nonzero(flags & wrap) * VQA_F_AVAIL_USED;
	diff |= vqa_nonzero(flags & ~(direct | wrap)) * VQA_F_FLAGS;
	diff |= vqa_nonzero(seen.next ^ want.next) * (VQA_F_NEXT | VQA_F_ID);
	return diff & mask;
}

/**
 * struct vqa_divergence - what a walk along descriptors found
 *
 * Zero it before the walk.
 */
struct vqa_divergence {
	struct vqa_desc all; /* every bit that differs in any descriptor */
	struct vqa_desc seen; /* the first that differs, as the device can see it */
	struct vqa_desc want; /* and as the driver published it */
	__u32 at; /* its position */
	__u32 found; /* 1 once there is a first one */
};

/**
 * vqa_compare() - compare one descriptor of a walk with what was published
 * @mask: fields to look at, enum vqa_field: only next and id can be left out
 *
 * Without a branch per field: this is the hot path.
 *
 * Return: 1 if it differs, 0 if not.
 */
static inline int vqa_compare(struct vqa_divergence *d, struct vqa_desc seen, struct vqa_desc want,
			      __u32 mask, __u32 at)
{
	__u64 addr = seen.addr ^ want.addr;
	__u64 rest = seen.rest ^ want.rest;

	if (!(mask & (VQA_F_NEXT | VQA_F_ID)))
		rest &= ~0ULL >> 16; /* next is the last of them */
	if (__builtin_expect(!(addr | rest), 1))
		return 0;
	d->all.addr |= addr;
	d->all.rest |= rest;
	if (d->found)
		return 1;
	d->found = 1;
	d->at = at;
	d->seen = seen;
	d->want = want;
	return 1;
}

/* Fields, as a mask of enum vqa_field, that differ anywhere in the walk. */
static inline __u32 vqa_divergence_fields(const struct vqa_divergence *d, __u32 mask)
{
	struct vqa_desc zero = {};

	return vqa_desc_diff(d->all, zero, mask);
}

#define VQA_RULE_BIT(rule) (1u << (rule))

/* Rules, as a mask of VQA_RULE_BIT(), that a ring descriptor with these @fields violates. */
static inline __u32 vqa_ring_rules(__u32 fields)
{
	__u32 rules = 0;

	if (fields & VQA_F_NEXT_FLAG)
		rules |= VQA_RULE_BIT(VQA_RULE_NEXT_FLIP);
	if (fields & VQA_F_AVAIL_USED)
		rules |= VQA_RULE_BIT(VQA_RULE_USED_WRAP);
	if (fields & ~(VQA_F_NEXT_FLAG | VQA_F_AVAIL_USED))
		rules |= VQA_RULE_BIT(VQA_RULE_DESC_TAMPER);
	return rules;
}

/* The same for an entry of an indirect table. */
static inline __u32 vqa_table_rules(__u32 fields)
{
	return fields ? VQA_RULE_BIT(VQA_RULE_INDIRECT_TAMPER) : 0;
}

/* Fields that belong to @rule, of those that differ in one descriptor. */
static inline __u32 vqa_rule_fields(__u32 rule, __u32 fields)
{
	if (rule == VQA_RULE_NEXT_FLIP)
		return fields & VQA_F_NEXT_FLAG;
	if (rule == VQA_RULE_USED_WRAP)
		return fields & VQA_F_AVAIL_USED;
	if (rule == VQA_RULE_DESC_TAMPER)
		return fields & ~(VQA_F_NEXT_FLAG | VQA_F_AVAIL_USED);
	return fields;
}

/* Bytes that the device may write into what @desc describes. */
static inline __u32 vqa_desc_writable(struct vqa_desc desc)
{
	return desc.flags & VQA_DESC_F_WRITE ? desc.len : 0;
}

/* Whether a disk that may write to a buffer does not even say it wrote the status byte. */
static inline int vqa_used_len_short(__u32 device, __u32 len, __u64 writable)
{
	const __u32 block = 2; /* VIRTIO_ID_BLOCK */

	return device == block && writable && !len;
}

/* Whether a used length claims more than the device may write (virtio 1.2, 2.7.8.2). */
static inline int vqa_used_len_over(__u32 len, __u64 writable)
{
	return len > writable;
}

/**
 * vqa_used_len_quirk() - whether wrong lengths are habit on such a buffer
 * @device: virtio device id
 * @writable: bytes that the device may write
 * @version_1: VIRTIO_F_VERSION_1 was negotiated
 *
 * The core's own check was reverted (f124034faa91) over devices that report a
 * length for buffers without a writable byte, as QEMU's input devices do, and over
 * legacy ones. QEMU's SCSI adapter counts the data that it read for a write.
 */
static inline int vqa_used_len_quirk(__u32 device, __u64 writable, int version_1)
{
	const __u32 scsi = 8; /* VIRTIO_ID_SCSI */

	return device == scsi || !writable || !version_1;
}

/**
 * vqa_not_head_kind() - how an id came to be no head of a buffer in flight
 * @is_free: the id is on the driver's free list
 * @state: enum vqa_head_state of the auditor's own record
 */
static inline enum vqa_kind vqa_not_head_kind(int is_free, __u32 state)
{
	if (!is_free)
		return VQA_KIND_MID_CHAIN;
	return state == VQA_HEAD_NEVER ? VQA_KIND_NEVER : VQA_KIND_REPLAYED;
}

/**
 * vqa_mix() - one more word into a digest
 * @key: odd, and secret where the device chooses words: it never sees a digest,
 *       so it cannot choose two that meet
 */
static inline __u64 vqa_mix(__u64 digest, __u64 word, __u64 key)
{
	digest = (digest ^ word) * key;
	return digest ^ digest >> 32;
}

/* One more descriptor into a digest. */
static inline __u64 vqa_mix_desc(__u64 digest, struct vqa_desc d, __u64 key)
{
	return vqa_mix(vqa_mix(digest, d.addr, key), d.rest, key);
}

#define VQA_SHADOW_KEY 0x9e3779b97f4a7c15ULL /* digests of private memory need no secret */

/**
 * vqa_add_desc() - one more descriptor into a sum of private ones
 *
 * Nobody chooses what stands there, so it takes no secret, and no multiplication: damage of one
 * word always shows in the sum, and of several but for a coincidence in 2^64.
 */
static inline __u64 vqa_add_desc(__u64 sum, struct vqa_desc d)
{
	return sum + (d.addr ^ d.rest);
}

/* The stronger of two actions, without a branch. */
static inline __u32 vqa_stronger(__u32 a, __u32 b)
{
	__u32 less = ((__u64)a - b) >> 63;

	return a ^ ((a ^ b) & -less);
}

/* Position in a packed ring of last_used_idx, without its wrap counter. */
static inline __u16 vqa_packed_pos(__u16 last_used)
{
	return last_used & ((1 << VQA_WRAP_BIT) - 1);
}

/**
 * vqa_packed_is_used() - whether a packed descriptor's flags mark a completion
 * @wrap: wrap counter of the driver's used position (virtio 1.2, 2.8.1)
 */
static inline int vqa_packed_is_used(__u16 flags, __u16 wrap)
{
	__u16 avail = flags / VQA_DESC_F_AVAIL & 1, used = flags / VQA_DESC_F_USED & 1;

	return avail == used && used == wrap;
}

/* last_used_idx @n descriptors further, in a packed ring of @num. */
static inline __u16 vqa_packed_advance(__u16 last_used, __u16 n, __u32 num)
{
	__u32 pos = vqa_packed_pos(last_used) + n;
	__u16 wrap = last_used >> VQA_WRAP_BIT;

	if (pos >= num) {
		pos -= num;
		wrap ^= 1;
	}
	return pos | wrap << VQA_WRAP_BIT;
}

/**
 * vqa_used_distance() - steps from one last_used_idx to a later one
 * @packed: 1 on packed rings, where a step is a descriptor
 * @num: descriptors in the ring
 *
 * Return: the distance modulo the period of the index: 65536 on split rings,
 * 2 * num on packed ones.
 */
static inline __u32 vqa_used_distance(int packed, __u32 num, __u16 from, __u16 to)
{
	__u32 a, b;

	if (!packed)
		return (__u16)(to - from);
	a = vqa_packed_pos(from) + (from >> VQA_WRAP_BIT ? 0 : num);
	b = vqa_packed_pos(to) + (to >> VQA_WRAP_BIT ? 0 : num);
	return b >= a ? b - a : b + 2 * num - a;
}

/* Whether a packed descriptor is offered to the device; @wrap: of the driver's avail position. */
static inline int vqa_packed_is_avail(__u16 flags, __u16 wrap)
{
	__u16 avail = flags / VQA_DESC_F_AVAIL & 1, used = flags / VQA_DESC_F_USED & 1;

	return avail == wrap && used != wrap;
}

/* Whether an index of 16 bits went back (virtio 1.2, 2.7.6: it only increments). */
static inline int vqa_index_back(__u16 now, __u16 before)
{
	return (__s16)(now - before) < 0;
}

/* Whether a split ring's used index claims more buffers than are in flight. */
static inline int vqa_used_idx_jump(__u16 used, __u16 last_used, __u16 avail)
{
	return (__u16)(used - last_used) > (__u16)(avail - last_used);
}

/* The verdict hook's value for an action: continue, break the queue, panic. */
static inline int vqa_verdict(__u32 action)
{
	return action == VQA_ACT_PANIC ? 2 : action == VQA_ACT_BREAK ? 1 : 0;
}

#endif
