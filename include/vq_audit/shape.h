/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shape of a chain as the driver publishes it, pure as check.h is. Sums
 * wrap at 32 bits and nothing branches, so that the verifier, which follows a
 * walk until its state repeats, is done after one step.
 */
#ifndef VQ_AUDIT_SHAPE_H
#define VQ_AUDIT_SHAPE_H

#include "vq_audit/check.h"

#define VQA_KIND_BIT(kind) (1u << (kind))

/** struct vqa_shape - what the descriptors of a chain, or of a table, add up to; zero it before */
struct vqa_shape {
	__u32 bytes; /* modulo 2^32 */
	__u32 writable; /* bytes that the device may write, modulo 2^32 */
	__u32 wrote; /* 1 once a descriptor was met that the device may write */
	__u32 faults; /* mask of VQA_KIND_BIT() */
};

/** vqa_shape_add() - one more descriptor, @last 1 for the last one */
static inline void vqa_shape_add(struct vqa_shape *s, struct vqa_desc d, __u32 last)
{
	__u32 next = d.flags & VQA_DESC_F_NEXT;
	__u32 write = d.flags / VQA_DESC_F_WRITE & 1;
	__u32 indirect = d.flags / VQA_DESC_F_INDIRECT & 1;
	__u64 bytes = (__u64)s->bytes + d.len;

	s->bytes = bytes;
	s->writable += -write & d.len;
	s->faults |= (bytes >> 32) * VQA_KIND_BIT(VQA_KIND_BYTES);
	s->faults |= (s->wrote & ~write) * VQA_KIND_BIT(VQA_KIND_ORDER);
	s->faults |= (next & last & ~indirect) * VQA_KIND_BIT(VQA_KIND_LOOP);
	s->faults |= (next & indirect) * VQA_KIND_BIT(VQA_KIND_CHAINED);
	s->wrote |= write;
}

/**
 * vqa_shape_add_entry() - one more entry of an indirect table
 * @packed: 1 in a packed ring, whose tables have neither NEXT nor next
 * @entries: of the table
 */
static inline void vqa_shape_add_entry(struct vqa_shape *s, struct vqa_desc d, __u32 last,
				       __u32 packed, __u32 entries)
{
	__u32 next = d.flags & VQA_DESC_F_NEXT & ~packed;
	__u32 out = vqa_nonzero((__u64)(d.next / (entries ?: 1)));

	s->faults |= (d.flags / VQA_DESC_F_INDIRECT & 1) * VQA_KIND_BIT(VQA_KIND_NESTED);
	s->faults |= (next & out) * VQA_KIND_BIT(VQA_KIND_ENTRY);
	d.flags &= VQA_DESC_F_WRITE | next;
	vqa_shape_add(s, d, last);
}

/* The length of an indirect table (virtio 1.2, 2.7.5.3.1, 2.8.7). */
static inline __u32 vqa_table_faults(__u32 bytes)
{
	__u32 odd = bytes % sizeof(struct vqa_desc) || !bytes;

	return odd * VQA_KIND_BIT(VQA_KIND_LENGTH);
}

/* A chain has no more descriptors than the ring, table or not (virtio 1.2, 2.7.5.3.1). */
static inline __u32 vqa_length_faults(__u32 n, __u32 num)
{
	return (n > num) * VQA_KIND_BIT(VQA_KIND_LONG);
}

/* Which of the kinds in @faults belong to @rule. */
static inline __u32 vqa_shape_faults(__u32 rule, __u32 faults)
{
	const __u32 table = VQA_KIND_BIT(VQA_KIND_LENGTH) | VQA_KIND_BIT(VQA_KIND_NESTED) |
			    VQA_KIND_BIT(VQA_KIND_ENTRY) | VQA_KIND_BIT(VQA_KIND_CHAINED);

	return rule == VQA_RULE_INDIRECT_SHAPE ? faults & table : faults & ~table;
}

#endif
