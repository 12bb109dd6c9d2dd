/* SPDX-License-Identifier: GPL-2.0 */
/* Split rings are audited by head: the private chain, against the descriptor table. */
#ifndef BPF_SPLIT_H
#define BPF_SPLIT_H

#include "audit.h"

/* Walks the chain along the shadow, and compares. */
static long split_some(__u32 round, void *ctx)
{
	struct audit *a = ctx;

	for (__u32 k = 0; k < WALK_STRETCH; k++) {
		struct vqa_desc want = read_shadow(a->t.shadow, a->cursor);
		struct vqa_desc seen = read_split_desc(a->t.ring, a->cursor);

		a->writable += vqa_desc_writable(want);
		vqa_compare(&a->ring, seen, want, VQA_FIELDS_SPLIT, a->cursor);
		a->n++;
		if (!(want.flags & VQA_DESC_F_NEXT)) {
			a->done = 1;
			return 1;
		}
		a->cursor = want.next;
	}
	return 0;
}

/* The indirect table of a head, as far as this kernel keeps a shadow of it. */
static __always_inline int split_table(struct audit *a, struct vqa_desc head, __u64 table)
{
	if (vqa_patched)
		return audit_table(a, table, head.len, 0);
	a->q->c.tables_unseen++;
	a->entries = head.len / sizeof(struct vqa_desc);
	a->writable = ~0ULL;
	return 1;
}

/* Audits the chain of a head in flight. Returns AUDITED or the reason to skip it. */
static __always_inline __u32 split_audit(struct audit *a, struct head_state h)
{
	struct vqa_queue *q = a->q;
	struct vqa_desc head;

	if (!q->id.shadow)
		return VQA_SKIP_NO_SHADOW;
	a->t = read_split_tables(a->v);
	head = read_shadow(a->t.shadow, a->id);
	a->cursor = a->id;
	a->n = 0;
	walk(split_some, a);
	if (!a->done)
		return VQA_SKIP_SHADOW_ODD;
	q->c.descs += a->n;
	if (head.flags & VQA_DESC_F_INDIRECT && !split_table(a, head, h.table))
		return VQA_SKIP_SHADOW_ODD;
	if (a->ring.found)
		report_divergence(a, 0, VQA_FIELDS_SPLIT);
	if (a->table.found)
		report_divergence(a, 1, VQA_FIELDS_TABLE_SPLIT);
	return AUDITED;
}

#endif
