/* SPDX-License-Identifier: GPL-2.0 */
/* A buffer under audit: what is found is collected, judged and reported here. */
#ifndef BPF_AUDIT_H
#define BPF_AUDIT_H

#include "record.h"

#define VIRTIO_F_VERSION_1 32

#define AUDITED VQA_SKIP_COUNT /* no reason to skip */

/** struct audit - one buffer at one point of its life */
struct audit {
	struct vqa_queue *q;
	struct vring_virtqueue *v;
	__u32 point; /* enum vqa_point */
	__u32 id; /* at VQA_POINT_USED as read from the ring, unchecked */
	__u32 len; /* bytes, as read from the ring */
	__u32 last_used;
	__u32 racy; /* 1 if id and len were read again */
	__u32 n; /* descriptors of the buffer in the ring, 0 if unknown */
	__u32 entries; /* of its indirect table, 0 if it has none */
	__u32 writable; /* bytes that the device may write */
	__u32 action; /* the strongest enum vqa_action so far */
	__u32 cursor; /* place of the walk under way */
	__u32 left; /* steps of it to go */
	__u32 unknown; /* packed: 1 if a slot was met that was never recorded */
	__u64 digest; /* of the kernel's private copy */
	struct tables t; /* under the walk */
	struct vqa_divergence d;
};

/** struct finding - a violated rule, with the place where it shows */
struct finding {
	__u32 rule;
	__u32 fields; /* enum vqa_field */
	__u32 also; /* mask of rules that other descriptors of the buffer violate */
	__u32 kind; /* enum vqa_kind */
	__u32 quirk; /* 1: by long habit of devices, log at most */
	__u32 table; /* 1: d is about the indirect table */
	const struct vqa_divergence *d; /* NULL: the buffer or the used element itself */
};

/*
 * The action that applies. Only a used element has a verdict; elsewhere a queue
 * is broken by kfunc, where the kernel has one, and nothing panics in time.
 */
static __always_inline __u32 finding_action(const struct audit *a, const struct finding *f)
{
	__u32 action = vqa_action[f->rule % VQA_RULE_MAX];

	if (f->quirk && action > VQA_ACT_LOG)
		return VQA_ACT_LOG;
	if (action == VQA_ACT_BREAK && !vqa_kfunc && (a->point != VQA_POINT_USED || !vqa_patched))
		return VQA_ACT_ALERT;
	return action;
}

/* Carries out a break where no verdict will. Returns the action that came of it. */
static __always_inline __u32 finding_break(const struct audit *a, __u32 action)
{
	if (!vqa_kfunc || action != VQA_ACT_BREAK)
		return action;
	if (a->point == VQA_POINT_USED && vqa_patched)
		return action;
	if (bpf_virtqueue_break(a->q->id.vq)) {
		count_loss(VQA_LOSS_BREAK_FAILED);
		return VQA_ACT_ALERT;
	}
	a->q->broken = 1;
	return action;
}

static __always_inline void event_fill(struct vqa_event *e, const struct audit *a,
				       const struct finding *f)
{
	e->rule = f->rule;
	e->point = a->point;
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

/* The sweep runs beside the hooks, and has counters and limits of its own. */
static __always_inline struct vqa_limit *count_violation(struct audit *a, __u32 rule)
{
	struct vqa_queue *q = a->q;

	if (a->point == VQA_POINT_SWEEP) {
		q->swept.c.violations[rule]++;
		return &q->swept.limit[rule];
	}
	q->c.violations[rule]++;
	return &q->limit[rule];
}

static __always_inline void count_suppressed(struct audit *a)
{
	if (a->point == VQA_POINT_SWEEP)
		a->q->swept.c.suppressed++;
	else
		a->q->c.suppressed++;
}

/* Counts a violation, applies its action, and sends a record unless it is held back. */
static __noinline int report(struct audit *a, const struct finding *f)
{
	struct vqa_queue *q = a->q;
	__u32 rule = f->rule % VQA_RULE_MAX;
	struct vqa_limit *limit = count_violation(a, rule);
	struct bpf_dynptr record;
	struct vqa_event *e;
	__u64 now = bpf_ktime_get_ns();
	__u32 action;

	action = finding_break(a, finding_action(a, f));
	a->action = vqa_stronger(a->action, action);
	if (action == VQA_ACT_IGNORE)
		return 0;
	if (!limit_allows(limit, now)) {
		limit->suppressed++;
		count_suppressed(a);
		return 0;
	}
	e = flight_reserve(q, limit, now, &record);
	if (e) {
		event_fill(e, a, f);
		e->action = action;
		e->seq = q->c.audited;
		e->suppressed = limit->suppressed;
		limit->suppressed = 0;
	}
	flight_submit(q, e, &record);
	return 0;
}

/* Reports what a walk found: each rule that its first diverging descriptor violates. */
static __noinline int report_divergence(struct audit *a, __u32 table, __u32 mask)
{
	struct finding f = { .table = table, .d = &a->d };
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

static __noinline int report_len_short(struct audit *a)
{
	struct finding f = { .rule = VQA_RULE_USED_LEN_SHORT, .fields = VQA_F_USED_LEN };

	f.quirk = vqa_used_len_quirk(a->writable, a->q->features >> VIRTIO_F_VERSION_1 & 1);
	return report(a, &f);
}

/* A violation of which no descriptor is the place. */
static __noinline int report_kind(struct audit *a, __u32 rule, __u32 kind, __u32 fields)
{
	struct finding f = { .rule = rule, .kind = kind, .fields = fields };

	return report(a, &f);
}

/* The same with two numbers beside each other: what there is, and what should be. */
static __noinline int report_word(struct audit *a, __u32 rule, __u32 kind, __u64 seen, __u64 want)
{
	struct finding f = { .rule = rule, .kind = kind, .fields = VQA_F_WORD, .d = &a->d };

	a->d.seen.addr = seen;
	a->d.want.addr = want;
	a->d.at = a->id;
	return report(a, &f);
}

/* Whether the id is on the driver's free list, which runs through the shadow of both rings. */
static long free_list_step(__u32 i, void *ctx)
{
	struct audit *a = ctx;

	if (!a->left || a->cursor == a->id)
		return 1;
	a->left--;
	a->cursor = read_shadow(a->t.shadow, a->cursor).next;
	return 0;
}

static __always_inline int id_is_free(struct audit *a)
{
	struct vring_virtqueue *v = a->v;

	a->t = read_packed(v) ? read_packed_tables(v) : read_split_tables(v);
	a->cursor = vring_read(v, free_head);
	a->left = vring_read(v, vq.num_free) + vqa_zero;
	walk(free_list_step, a, VQA_RING_MAX);
	return a->left && a->cursor == a->id;
}

static __noinline int report_not_head(struct audit *a)
{
	struct finding f = { .rule = VQA_RULE_USED_NOT_HEAD, .fields = VQA_F_USED_ID };
	struct vqa_queue *q = a->q;

	f.kind = vqa_not_head_kind(id_is_free(a), q->head[a->id & (VQA_RING_MAX - 1)].state);
	return report(a, &f);
}

/*
 * Compares the indirect table of a buffer that comes back with what was
 * published. Returns AUDITED or the reason to skip it.
 */
static __always_inline __u32 audit_table(struct audit *a, const struct vqa_head *head, __u64 table)
{
	struct table t = { .d = &a->d };

	table_open(&t, a->q, table, head->bytes);
	a->entries = t.entries;
	walk(table_compare_step, &t, WALK_TABLE_MAX);
	if (t.at < t.entries)
		return VQA_SKIP_TABLE_TOO_LONG;
	a->q->c.descs += t.entries;
	if (a->d.found)
		report_divergence(a, 1,
				  t.packed ? VQA_FIELDS_TABLE_PACKED : VQA_FIELDS_TABLE_SPLIT);
	else if (!vqa_patched && t.digest != head->table)
		report_kind(a, VQA_RULE_INDIRECT_TAMPER, VQA_KIND_NONE, VQA_F_TABLE);
	return AUDITED;
}

#endif
