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
	__u8 point; /* enum vqa_point */
	__u8 racy; /* 1 if id and len were read again */
	__u8 action; /* the strongest enum vqa_action so far */
	__u8 unknown; /* packed: 1 if a slot was met that was never recorded */
	__u32 id; /* at VQA_POINT_USED as read from the ring, unchecked */
	__u32 len; /* bytes, as read from the ring */
	__u32 last_used;
	__u32 n; /* descriptors of the buffer in the ring, 0 if unknown */
	__u32 entries; /* of its indirect table, 0 if it has none */
	__u32 writable; /* bytes that the device may write */
	__u32 cursor; /* place of the walk under way */
	__u32 slot; /* packed: and in the ring */
	__u32 left; /* steps of it to go */
	__u64 damage; /* 0 if the kernel's private copy is as it was */
	struct tables t; /* under the walk */
	struct vqa_divergence d;
};

/*
 * Nothing is known yet but where it is. Where a verifier lets what was never written be passed on,
 * what is written before it is read is left out: that is most of it.
 */
static __always_inline void audit_begin(struct audit *a, struct vqa_queue *q, __u8 point)
{
	if (!VQA_DIRECT)
		__builtin_memset(a, 0, sizeof(*a));
	a->q = q;
	a->point = point;
	a->racy = 0;
	a->action = 0;
	a->unknown = 0;
	a->id = 0;
	a->len = 0;
	a->n = 0;
	a->entries = 0;
	a->writable = 0;
	a->damage = 0;
	a->d.all = (struct vqa_desc){};
	a->d.found = 0;
}

/** struct finding - a violated rule, and where it shows. Without pointers: verified_once */
struct finding {
	__u32 rule;
	__u32 fields; /* enum vqa_field */
	__u32 also; /* mask of rules that other descriptors of the buffer violate */
	__u32 kind; /* enum vqa_kind */
	__u8 quirk; /* 1: by long habit, log at most */
	__u8 placed; /* 1: at d; 0: the buffer or the used element itself */
	__u8 table; /* 1: d is about the indirect table */
	__u8 racy; /* as in struct audit, like all from action on */
	__u32 breaks; /* what enum vqa_action a break comes to */
	__u32 action;
	__u32 point;
	__u32 id;
	__u32 len;
	__u32 last_used;
	__u32 n;
	__u32 entries;
	__u32 writable;
	struct vqa_divergence d;
};

static __always_inline struct finding finding_of(const struct audit *a)
{
	struct finding f = {
		.action = a->action,
		.point = a->point,
		.id = a->id,
		.len = a->len,
		.last_used = a->last_used,
		.racy = a->racy,
		.n = a->n,
		.entries = a->entries,
		.writable = a->writable,
	};

	return f;
}

/* The action that applies, before it is known what a break comes to. */
static __always_inline __u32 finding_action(const struct vqa_queue *q, const struct finding *f)
{
	__u32 action = q->action[f->rule % VQA_RULE_MAX];

	return f->quirk && action > VQA_ACT_LOG ? VQA_ACT_LOG : action;
}

/*
 * Only a used element has a verdict; elsewhere a queue is broken by kfunc, where
 * the kernel has one, and nothing panics in time. In line, for not every hook may
 * call it: the verdict of 6.1 may not.
 * @action: the strongest that applies
 */
static __always_inline void finding_break(struct vqa_queue *q, struct finding *f, __u32 point,
					  __u32 action)
{
	f->breaks = VQA_ACT_BREAK;
	if (point == VQA_POINT_USED && vqa_patched)
		return;
	if (!vqa_kfunc) {
		f->breaks = VQA_ACT_ALERT;
		return;
	}
	if (action != VQA_ACT_BREAK)
		return;
	if (bpf_virtqueue_break(q->id.vq)) {
		count_loss(VQA_LOSS_BREAK_FAILED);
		f->breaks = VQA_ACT_ALERT;
		return;
	}
	q->broken = 1;
}

static __always_inline void event_fill(struct vqa_event *e, const struct finding *f)
{
	e->rule = f->rule;
	e->point = f->point;
	e->kind = f->kind;
	e->quirk = f->quirk;
	e->fields = f->fields;
	e->also = f->also;
	e->racy = f->racy;
	e->id = f->id;
	e->chain = f->n;
	e->entries = f->entries;
	e->used_len = f->len;
	e->writable = f->writable;
	e->last_used = f->last_used;
	if (!f->placed)
		return;
	e->table = f->table;
	e->seen = f->d.seen;
	e->want = f->d.want;
	if (f->table) {
		e->slot = f->id;
		e->entry = f->d.at;
	} else {
		e->slot = f->d.at;
	}
}

/* The sweep runs beside the hooks, and has counters and limits of its own. */
static __always_inline struct vqa_limit *count_violation(struct vqa_queue *q, __u32 point,
							 __u32 rule)
{
	if (point == VQA_POINT_SWEEP) {
		q->swept.c.violations[rule]++;
		return &q->swept.limit[rule];
	}
	q->c.violations[rule]++;
	return &q->limit[rule];
}

static __always_inline void count_suppressed(struct vqa_queue *q, __u32 point)
{
	if (point == VQA_POINT_SWEEP)
		q->swept.c.suppressed++;
	else
		q->c.suppressed++;
}

static __always_inline void count_ignored(struct vqa_queue *q, __u32 point)
{
	if (point == VQA_POINT_SWEEP)
		q->swept.c.ignored++;
	else
		q->c.ignored++;
}

/*
 * Counts a violation, applies its action, and sends a record unless it is held
 * back. Returns the strongest action so far.
 */
verified_once int report(struct vqa_queue *q, struct finding *f)
{
	struct vqa_limit *limit;
	struct bpf_dynptr record;
	struct vqa_event *e;
	__u64 now = bpf_ktime_get_ns();
	__u32 action;

	if (!q || !f)
		return 0;
	limit = count_violation(q, f->point, f->rule % VQA_RULE_MAX);
	action = finding_action(q, f);
	if (action == VQA_ACT_BREAK)
		action = f->breaks;
	if (action == VQA_ACT_IGNORE) {
		count_ignored(q, f->point);
		return f->action;
	}
	if (!limit_allows(limit, now)) {
		limit->suppressed++;
		count_suppressed(q, f->point);
		return vqa_stronger(f->action, action);
	}
	e = flight_reserve(q, limit, now, &record);
	if (e) {
		event_fill(e, f);
		e->action = action;
		e->seq = q->c.audited;
		e->suppressed = limit->suppressed;
		limit->suppressed = 0;
	}
	flight_submit(q, e, &record);
	return vqa_stronger(f->action, action);
}

static __always_inline __u32 finding_rules(const struct finding *f, __u32 fields)
{
	return f->table ? vqa_table_rules(fields) : vqa_ring_rules(fields);
}

/* The strongest action of all rules in a mask. */
verified_once __u32 rules_action(struct vqa_queue *q, __u32 rules)
{
	__u32 action = VQA_ACT_IGNORE;

	if (!q)
		return action;
	for (__u32 rule = 0; rule < VQA_RULES_MASKED; rule++)
		action = vqa_stronger(action, q->action[rule] * (rules >> rule & 1));
	return action;
}

/*
 * Reports what a walk found in the fields of @mask: each rule that its first
 * diverging descriptor violates. Returns as report().
 */
verified_once int report_rules(struct vqa_queue *q, struct finding *f, __u32 mask)
{
	__u32 fields, rules;

	if (!q || !f)
		return 0;
	fields = vqa_desc_diff(f->d.seen, f->d.want, mask);
	rules = finding_rules(f, fields);
	f->also = finding_rules(f, vqa_divergence_fields(&f->d, mask)) & ~rules;
	for (__u32 rule = 0; rule < VQA_RULES_MASKED; rule++) {
		if (!(rules & VQA_RULE_BIT(rule)))
			continue;
		f->rule = rule;
		f->fields = vqa_rule_fields(rule, fields);
		f->action = report(q, f);
	}
	return f->action;
}

/* The same, with what a break takes. */
static __always_inline int report_desc(struct vqa_queue *q, struct finding *f, __u32 point,
				       __u32 mask)
{
	__u32 rules = finding_rules(f, vqa_desc_diff(f->d.seen, f->d.want, mask));

	f->placed = 1;
	finding_break(q, f, point, vqa_kfunc ? rules_action(q, rules) : VQA_ACT_IGNORE);
	return report_rules(q, f, mask);
}

/* And of a single rule. */
static __always_inline int report_rule(struct vqa_queue *q, struct finding *f, __u32 point)
{
	finding_break(q, f, point, finding_action(q, f));
	return report(q, f);
}

static __noinline int report_divergence(struct audit *a, __u32 table, __u32 mask)
{
	struct finding f = finding_of(a);

	f.table = table;
	f.d = a->d;
	a->action = report_desc(a->q, &f, a->point, mask);
	return 0;
}

/* A violation of which no descriptor is the place. */
static __noinline int report_kind(struct audit *a, __u32 rule, __u32 kind, __u32 fields)
{
	struct finding f = finding_of(a);

	f.rule = rule;
	f.kind = kind;
	f.fields = fields;
	a->action = report_rule(a->q, &f, a->point);
	return 0;
}

/* The same with two numbers beside each other: what there is, and what should be. */
static __noinline int report_word(struct audit *a, __u32 rule, __u32 kind, __u64 seen, __u64 want)
{
	struct finding f = finding_of(a);

	f.rule = rule;
	f.kind = kind;
	f.quirk = rule == VQA_RULE_KICK_MISSING && vqa_kick_quirk(a->q->id.device, a->q->id.index);
	f.fields = VQA_F_WORD;
	f.placed = 1;
	f.d.seen.addr = seen;
	f.d.want.addr = want;
	f.d.at = a->id;
	a->action = report_rule(a->q, &f, a->point);
	return 0;
}

/* A length that the driver is told, against what the device may write. */
static __noinline int report_len(struct audit *a, __u32 rule)
{
	struct finding f = finding_of(a);

	f.rule = rule;
	f.fields = VQA_F_USED_LEN;
	f.quirk = vqa_used_len_quirk(a->q->id.device, a->writable,
				     a->q->features >> VIRTIO_F_VERSION_1 & 1);
	a->action = report_rule(a->q, &f, a->point);
	return 0;
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

	a->t = read_tables(v, read_packed(v));
	a->cursor = vring_read(v, free_head);
	a->left = vring_read(v, vq.num_free) + vqa_zero;
	walk(free_list_step, a, VQA_RING_MAX);
	return a->left && a->cursor == a->id;
}

static __always_inline int report_not_head(struct audit *a)
{
	__u32 state = a->q->head[a->id & (VQA_RING_MAX - 1)].state;

	return report_kind(a, VQA_RULE_USED_NOT_HEAD, vqa_not_head_kind(id_is_free(a), state),
			   VQA_F_USED_ID);
}

/* Audits the indirect table of a buffer that comes back. Returns AUDITED or why not. */
static __always_inline __u32 audit_table(struct audit *a, const struct vqa_head *head)
{
	__u32 state = table_compare(a->q, &a->d, a->id, head->bytes, head->table);

	a->entries = head->bytes / sizeof(struct vqa_desc);
	if (state == TABLE_TOO_LONG)
		return VQA_SKIP_TABLE_TOO_LONG;
	if (a->d.found)
		report_divergence(
			a, 1, a->q->id.packed ? VQA_FIELDS_TABLE_PACKED : VQA_FIELDS_TABLE_SPLIT);
	else if (!vqa_patched && state == TABLE_CHANGED)
		report_kind(a, VQA_RULE_INDIRECT_TAMPER, VQA_KIND_NONE, VQA_F_TABLE);
	return AUDITED;
}

#endif
