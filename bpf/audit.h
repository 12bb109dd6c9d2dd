/* SPDX-License-Identifier: GPL-2.0 */
/* A used element under audit: what is found is collected, judged and reported here. */
#ifndef BPF_AUDIT_H
#define BPF_AUDIT_H

#include "queue.h"
#include "walk.h"

#define VIRTIO_F_VERSION_1 32

#define AUDITED VQA_SKIP_COUNT /* no reason to skip */

/** struct audit - one used element, from the moment the driver has read it */
struct audit {
	struct vqa_queue *q;
	struct vring_virtqueue *v;
	__u32 id; /* as read from the ring, unchecked */
	__u32 len; /* bytes, as read from the ring */
	__u32 last_used;
	__u32 racy; /* 1 if id and len were read again */
	__u32 n; /* descriptors of the buffer in the ring, 0 if unknown */
	__u32 entries; /* of its indirect table, 0 if it has none */
	__u64 writable; /* bytes that the device may write */
	__u32 action; /* the strongest enum vqa_action so far */
	__u32 cursor; /* place of the walk under way */
	__u32 done; /* steps of it */
	__u32 unknown; /* packed: 1 if a slot was met that was never recorded */
	struct tables t; /* under the walk */
	struct vqa_divergence ring;
	struct vqa_divergence table;
};

/** struct finding - a violated rule, with the place where it shows */
struct finding {
	__u32 rule;
	__u32 fields; /* enum vqa_field */
	__u32 also; /* mask of rules that other descriptors of the buffer violate */
	__u32 kind; /* enum vqa_kind */
	__u32 quirk; /* 1: by long habit of devices, log at most */
	__u32 table; /* 1: d is about the indirect table */
	const struct vqa_divergence *d; /* NULL: the used element itself */
};

static __always_inline __u32 finding_action(const struct finding *f)
{
	__u32 action = vqa_action[f->rule];

	return f->quirk && action > VQA_ACT_LOG ? VQA_ACT_LOG : action;
}

static __always_inline void event_fill(struct vqa_event *e, const struct audit *a,
				       const struct finding *f)
{
	e->rule = f->rule;
	e->kind = f->kind;
	e->quirk = f->quirk;
	e->fields = f->fields;
	e->also = f->also;
	e->racy = a->racy;
	e->id = a->id;
	e->chain = a->n;
	e->entries = a->entries;
	e->used_len = a->len;
	e->writable = a->writable;
	e->last_used = a->last_used;
	if (!f->d)
		return;
	e->table = f->table;
	e->seen = f->d->seen;
	e->want = f->d->want;
	if (f->table) {
		e->slot = a->id;
		e->entry = f->d->at;
	} else {
		e->slot = f->d->at;
	}
}

/* Counts a violation, applies its action, and sends a record unless it is held back. */
static __noinline int report(struct audit *a, const struct finding *f)
{
	struct vqa_queue *q = a->q;
	struct vqa_limit *limit;
	struct vqa_event *e;
	__u32 action;

	if (f->rule >= VQA_RULE_COUNT)
		return 0;
	q->c.violations[f->rule]++;
	action = finding_action(f);
	if (action > a->action)
		a->action = action;
	if (action == VQA_ACT_IGNORE)
		return 0;
	limit = &q->limit[f->rule];
	if (!limit_allows(limit, bpf_ktime_get_ns())) {
		limit->suppressed++;
		q->c.suppressed++;
		return 0;
	}
	e = event_reserve(q, VQA_EV_VIOLATION);
	if (!e)
		return 0;
	event_fill(e, a, f);
	e->action = action;
	e->seq = q->c.audited;
	e->suppressed = limit->suppressed;
	limit->suppressed = 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

/* Reports what a walk found: each rule that its first diverging descriptor violates. */
static __noinline int report_divergence(struct audit *a, __u32 table, __u32 mask)
{
	struct finding f = { .table = table, .d = table ? &a->table : &a->ring };
	__u32 fields = vqa_desc_diff(f.d->seen, f.d->want, mask);
	__u32 all = vqa_divergence_fields(f.d, mask);
	__u32 rules = table ? vqa_table_rules(fields) : vqa_ring_rules(fields);

	f.also = (table ? vqa_table_rules(all) : vqa_ring_rules(all)) & ~rules;
	for (__u32 rule = 0; rule < VQA_RULE_COUNT; rule++) {
		if (!(rules & VQA_RULE_BIT(rule)))
			continue;
		f.rule = rule;
		f.fields = vqa_rule_fields(rule, fields);
		report(a, &f);
	}
	return 0;
}

static __noinline int report_id_range(struct audit *a)
{
	struct finding f = { .rule = VQA_RULE_USED_ID_RANGE, .fields = VQA_F_USED_ID };

	return report(a, &f);
}

static __noinline int report_len_over(struct audit *a)
{
	struct finding f = { .rule = VQA_RULE_USED_LEN_OVER, .fields = VQA_F_USED_LEN };

	f.quirk = vqa_used_len_quirk(a->writable, a->q->features >> VIRTIO_F_VERSION_1 & 1);
	return report(a, &f);
}

/* Whether the id is on the driver's free list, which runs through the shadow of both rings. */
static long free_list_some(__u32 round, void *ctx)
{
	struct audit *a = ctx;

	for (__u32 k = 0; k < WALK_STRETCH; k++) {
		if (!a->done || a->cursor == a->id)
			return 1;
		a->done--;
		a->cursor = read_shadow(a->t.shadow, a->cursor).next;
	}
	return 0;
}

static __always_inline int id_is_free(struct audit *a)
{
	struct vring_virtqueue *v = a->v;

	a->t = read_packed(v) ? read_packed_tables(v) : read_split_tables(v);
	a->cursor = vring_read(v, free_head);
	a->done = vring_read(v, vq.num_free);
	walk(free_list_some, a);
	return a->done && a->cursor == a->id;
}

static __noinline int report_not_head(struct audit *a)
{
	struct finding f = { .rule = VQA_RULE_USED_NOT_HEAD, .fields = VQA_F_USED_ID };
	struct vqa_queue *q = a->q;

	f.kind = vqa_not_head_kind(id_is_free(a), q->tracked,
				   q->head[a->id & (VQA_RING_MAX - 1)].state);
	return report(a, &f);
}

static __always_inline long table_some(struct audit *a, __u32 packed)
{
	__u32 mask = packed ? VQA_FIELDS_TABLE_PACKED : VQA_FIELDS_TABLE_SPLIT;

	for (__u32 k = 0; k < WALK_STRETCH; k++) {
		struct vqa_desc want, seen;

		if (a->cursor >= a->entries)
			return 1;
		want = read_shadow(a->t.shadow, a->cursor);
		seen = packed ? read_packed_desc(a->t.ring, a->cursor)
			      : read_split_desc(a->t.ring, a->cursor);
		a->writable += vqa_desc_writable(want);
		vqa_compare(&a->table, seen, want, mask, a->cursor);
		a->cursor++;
	}
	return 0;
}

static long table_some_split(__u32 round, void *ctx)
{
	return table_some(ctx, 0);
}

static long table_some_packed(__u32 round, void *ctx)
{
	return table_some(ctx, 1);
}

/* Compares an indirect table with its shadow. Returns 0 if the table is too long to walk. */
static __always_inline int audit_table(struct audit *a, __u64 table, __u32 bytes, __u32 packed)
{
	a->entries = bytes / sizeof(struct vqa_desc);
	a->t = read_indirect_tables(table, a->entries);
	a->cursor = 0;
	a->writable = 0;
	walk(packed ? table_some_packed : table_some_split, a);
	a->q->c.descs += a->cursor;
	return a->cursor >= a->entries;
}

#endif
