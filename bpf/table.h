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

/** struct table - a walk along an indirect table */
struct table {
	struct tables t;
	__u32 packed;
	__u32 entries;
	__u32 at;
	__u64 digest; /* of what the device can see */
	struct vqa_shape shape;
	struct vqa_divergence *d; /* NULL: only add up */
};

/* Kernel address of the indirect table of a buffer in flight. */
static __always_inline __u64 read_table(struct vqa_queue *q, struct vring_virtqueue *v, __u32 id)
{
	return (q->id.packed ? read_packed_head(v, id) : read_split_head(v, id)).table;
}

static __always_inline struct vqa_desc read_entry(struct table *t)
{
	struct vqa_desc d = read_split_desc(t->t.ring, t->at);

	if (t->packed) {
		d.flags = d.next; /* id comes first there, and the driver does not write it */
		d.next = 0;
	}
	return d;
}

/* Adds up what is published. Our series fires before the device can see it. */
static long table_record_step(__u32 i, void *ctx)
{
	struct table *t = ctx;
	struct vqa_desc d;

	if (t->at >= t->entries)
		return 1;
	d = read_entry(t);
	t->digest = vqa_mix_desc(t->digest, d, vqa_key);
	vqa_shape_add_entry(&t->shape, d, t->at + 1 == t->entries, t->packed, t->entries);
	t->at++;
	return 0;
}

static __always_inline void table_open(struct table *t, struct vqa_queue *q, __u64 table,
				       __u32 bytes)
{
	t->packed = q->id.packed;
	t->entries = bytes / sizeof(struct vqa_desc);
	t->t = read_indirect_tables(table, t->entries);
	t->at = vqa_zero;
}

/* Records the table of a buffer that is published. Returns its shape's faults. */
static __always_inline __u32 table_record(struct vqa_queue *q, struct vqa_head *head, __u64 table)
{
	struct table t = {};

	table_open(&t, q, table, head->bytes);
	walk(table_record_step, &t, WALK_TABLE_MAX);
	head->table = t.digest;
	head->writable = t.shape.writable;
	head->readable = vqa_nonzero(t.shape.bytes - t.shape.writable);
	return t.shape.faults | vqa_table_faults(head->bytes) |
	       vqa_length_faults(t.entries, q->id.num);
}

static long table_compare_step(__u32 i, void *ctx)
{
	struct table *t = ctx;
	struct vqa_desc seen;

	if (t->at >= t->entries)
		return 1;
	seen = read_entry(t);
	t->digest = vqa_mix_desc(t->digest, seen, vqa_key);
	if (vqa_patched)
		vqa_compare(t->d, seen, read_shadow(t->t.shadow, t->at),
			    t->packed ? VQA_FIELDS_TABLE_PACKED : VQA_FIELDS_TABLE_SPLIT, t->at);
	t->at++;
	return 0;
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
	table_open(&t, q, read_table(q, queue_vring(q), id), bytes);
	walk(table_compare_step, &t, WALK_TABLE_MAX);
	if (t.at < t.entries)
		return TABLE_TOO_LONG;
	q->c.descs += t.entries;
	return t.digest == digest ? TABLE_SAME : TABLE_CHANGED;
}

#endif
