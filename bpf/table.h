/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Indirect tables. Our series keeps a private copy of the entries behind them;
 * on other kernels a digest, taken at publication, tells that a table changed,
 * but not where.
 */
#ifndef BPF_TABLE_H
#define BPF_TABLE_H

#include "queue.h"
#include "walk.h"
#include "vq_audit/shape.h"

/*
 * Zeros that the verifier does not know, as what is added up to is of no known value: it
 * follows a walk until its state repeats, which is from the first step on then.
 */
static __always_inline struct vqa_shape shape_begin(void)
{
	return (struct vqa_shape){
		.bytes = vqa_zero,
		.writable = vqa_zero,
		.last = vqa_zero,
		.met = vqa_zero,
		.fell = vqa_zero,
		.over = vqa_zero,
	};
}

static __always_inline struct vqa_glance glance_begin(void)
{
	return (struct vqa_glance){ .writable = vqa_zero, .met = vqa_zero, .fell = vqa_zero };
}

/** struct table - a walk along an indirect table */
struct table {
	struct tables t;
	__u32 packed;
	__u32 entries;
	__u32 left; /* of them */
	__u64 digest; /* of what the device can see, where there is no copy */
	struct vqa_divergence *d;
};

/** struct table_record - the same as it is published */
struct table_record {
	struct table t;
	struct vqa_table_shape shape;
};

static __always_inline struct vqa_desc read_entry(__u64 ring, __u32 at, __u32 packed)
{
	struct vqa_desc d = read_split_desc(ring, at);

	if (packed) /* id comes before flags there, and the driver does not write it */
		d.rest = (d.rest & ~0U) | d.rest >> 48 << 32;
	return d;
}

/* Adds up what is published. Our series fires before the device can see it. */
static long table_record_step(__u32 i, void *ctx)
{
	struct table_record *r = ctx;
	struct vqa_table_shape shape = r->shape;
	__u32 entries = r->t.entries, left = r->t.left, packed = r->t.packed;
	__u64 ring = r->t.t.ring, digest = r->t.digest;

#pragma nounroll
	for (__u32 k = 0; k < ABREAST && left; k++, walk_on(left)) {
		struct vqa_desc d = read_entry(ring, entries - left, packed);

		if (!vqa_patched)
			digest = vqa_mix_desc(digest, d, vqa_key);
		vqa_shape_add_entry(&shape, d, VQA_DESC_F_NEXT & ~packed, entries);
	}
	vqa_shape_settle(&shape.chain);
	r->shape = shape;
	r->t.digest = digest;
	r->t.left = left;
	return !left;
}

static __always_inline void table_open(struct table *t, struct vqa_queue *q, __u64 table,
				       __u32 bytes)
{
	t->packed = q->id.packed;
	t->entries = bytes / sizeof(struct vqa_desc);
	t->t = read_indirect_tables(table, t->entries);
	t->left = t->entries + vqa_zero;
}

/* Records the table of a buffer that is published. Returns its shape's faults. */
verified_once __u32 table_record(struct vqa_queue *q, __u32 id)
{
	struct table_record r = {};
	const struct vqa_shape *sum = &r.shape.chain;
	struct vqa_head *head;

	if (!q)
		return 0;
	head = &q->head[id & (VQA_RING_MAX - 1)];
	table_open(&r.t, q, rings_table(q, id), head->bytes);
	r.shape.chain = shape_begin();
	r.shape.met = r.shape.beyond = vqa_zero;
	walk(table_record_step, &r, WALK_TABLE);
	head->table = r.t.digest;
	head->writable = sum->writable;
	head->marks = vqa_nonzero(sum->bytes - sum->writable); /* VQA_HEAD_READABLE */
	return vqa_table_judge(&r.shape) | vqa_table_faults(head->bytes) |
	       vqa_length_faults(r.t.entries, q->id.num);
}

static long table_compare_step(__u32 i, void *ctx)
{
	struct table *t = ctx;
	struct tables tables = t->t;
	__u32 entries = t->entries, left = t->left, packed = t->packed;
	__u64 digest = t->digest;

#pragma nounroll
	for (__u32 k = 0; k < ABREAST && left; k++, walk_on(left)) {
		__u32 at = entries - left;
		struct vqa_desc seen = read_entry(tables.ring, at, packed);

		if (vqa_patched)
			vqa_compare(t->d, seen, read_shadow(tables.shadow, at),
				    packed ? VQA_FIELDS_TABLE_PACKED : VQA_FIELDS_TABLE_SPLIT, at);
		else
			digest = vqa_mix_desc(digest, seen, vqa_key);
	}
	t->digest = digest;
	t->left = left;
	return !left;
}

enum table_state { TABLE_SAME, TABLE_CHANGED, TABLE_TOO_LONG };

/*
 * Compares the indirect table of buffer @id, which comes back, with what was
 * published, as far as there is a copy: @d is what diverges. @digest is that of
 * publication. Returns an enum table_state.
 */
verified_once int table_compare(struct vqa_queue *q, struct vqa_divergence *d, __u32 id,
				__u32 bytes, __u64 digest)
{
	struct table t = {};

	if (!q || !d)
		return TABLE_SAME;
	t.d = d;
	table_open(&t, q, rings_table(q, id), bytes);
	walk(table_compare_step, &t, WALK_TABLE);
	if (t.left)
		return TABLE_TOO_LONG;
	q->c.descs += t.entries;
	return t.digest == digest ? TABLE_SAME : TABLE_CHANGED;
}

#endif
