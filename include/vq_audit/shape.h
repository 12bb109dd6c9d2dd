/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shape of a chain as the driver publishes it, pure as check.h is. Nothing
 * branches: a descriptor is added by a few operations on it as it was loaded,
 * and what is wrong is told apart at the end.
 */
#ifndef VQ_AUDIT_SHAPE_H
#define VQ_AUDIT_SHAPE_H

#include "vq_audit/check.h"

#define VQA_KIND_BIT(kind) (1u << (kind))
#define VQA_REST(flags) ((__u64)(flags) << 32) /* where a descriptor's rest has them */

/**
 * struct vqa_glance - of a chain, in as few operations and words as tell that nothing is wrong with
 * its shape; zero it before
 */
struct vqa_glance {
	__u64 writable; /* bytes that the device may write: the lower half; above it is anything */
	__u64 met; /* bits of rest that some descriptors have, */
	__u64 fell; /* and those that one has, and one behind it not */
};

/** vqa_glance_add() - one more descriptor */
static inline void vqa_glance_add(struct vqa_glance *g, struct vqa_desc d)
{
	__u64 writable = (__s64)(d.rest << 30) >> 63; /* all ones if it has WRITE */

	g->writable += d.rest & writable;
	g->met |= d.rest;
	g->fell |= g->met ^ d.rest;
}

/**
 * vqa_glance_is_odd() - whether a chain of @n descriptors is to be looked at by vqa_shape_add()
 * @last: flags of the last one
 */
static inline int vqa_glance_is_odd(const struct vqa_glance *g, __u32 n, __u32 last)
{
	__u64 most = (g->met & ~0U) * n; /* bytes, or more */
	__u32 met = g->met >> 32, fell = g->fell >> 32;

	return most >> 32 || fell & VQA_DESC_F_WRITE || last & VQA_DESC_F_NEXT ||
	       (met & VQA_DESC_F_INDIRECT && n > 1);
}

/**
 * struct vqa_shape - what the descriptors of a chain, or of a table, add up to; zero it before
 */
struct vqa_shape {
	__u64 bytes; /* modulo 2^32 where it was settled */
	__u64 writable; /* of them those that the device may write */
	__u64 last; /* rest of the last one */
	__u64 met; /* of all others: bits that some have, */
	__u64 fell; /* and those that one has, and the next one not */
	__u32 over; /* 1: bytes had gone beyond 32 bits */
};

/** struct vqa_table_shape - the same of an indirect table, and what only its entries can be */
struct vqa_table_shape {
	struct vqa_shape chain;
	__u32 met; /* as above, with INDIRECT */
	__u32 beyond; /* NEXT: of an entry whose next is not in the table */
};

/** vqa_shape_add() - one more descriptor */
static inline void vqa_shape_add(struct vqa_shape *s, struct vqa_desc d)
{
	__u32 len = d.rest;

	s->bytes += len;
	s->writable += len * (d.rest / VQA_REST(VQA_DESC_F_WRITE) & 1);
	s->met |= s->last;
	s->fell |= s->last & ~d.rest;
	s->last = d.rest;
}

/**
 * vqa_shape_settle() - after some descriptors: sums are modulo 2^32 again
 *
 * The verifier follows a walk until its state repeats, and a sum that grows never does.
 */
static inline void vqa_shape_settle(struct vqa_shape *s)
{
	s->over |= vqa_nonzero(s->bytes >> 32);
	s->bytes &= ~0U;
	s->writable &= ~0U;
}

/**
 * vqa_shape_add_entry() - one more entry of an indirect table
 * @next: VQA_DESC_F_NEXT; 0 in a packed ring, whose tables have neither NEXT nor next
 * @entries: of the table
 */
static inline void vqa_shape_add_entry(struct vqa_table_shape *t, struct vqa_desc d, __u32 next,
				       __u32 entries)
{
	/* All ones if next is not below entries. */
	__u32 flags = d.rest >> 32, out = (__s64)((__u64)entries - 1 - (d.rest >> 48)) >> 63;

	t->met |= flags;
	t->beyond |= flags & out & next;
	d.rest = (d.rest & ~0U) | (__u64)(flags & (VQA_DESC_F_WRITE | next)) << 32;
	vqa_shape_add(&t->chain, d);
}

/** vqa_shape_judge() - what is wrong with all that was added, and settled: mask of VQA_KIND_BIT()
 */
static inline __u32 vqa_shape_judge(const struct vqa_shape *s)
{
	__u32 last = s->last >> 32, met = s->met >> 32, fell = s->fell >> 32;
	__u32 goes_on = last & VQA_DESC_F_NEXT, table = last / VQA_DESC_F_INDIRECT & 1;
	__u32 chained = (met / VQA_DESC_F_INDIRECT & 1) | (goes_on & table);

	return s->over * VQA_KIND_BIT(VQA_KIND_BYTES) |
	       (fell / VQA_DESC_F_WRITE & 1) * VQA_KIND_BIT(VQA_KIND_ORDER) |
	       chained * VQA_KIND_BIT(VQA_KIND_CHAINED) |
	       (goes_on & ~table) * VQA_KIND_BIT(VQA_KIND_LOOP);
}

/** vqa_table_judge() - the same of a table */
static inline __u32 vqa_table_judge(const struct vqa_table_shape *t)
{
	return vqa_shape_judge(&t->chain) |
	       (t->met / VQA_DESC_F_INDIRECT & 1) * VQA_KIND_BIT(VQA_KIND_NESTED) |
	       (t->beyond & VQA_DESC_F_NEXT) * VQA_KIND_BIT(VQA_KIND_ENTRY);
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
