/* SPDX-License-Identifier: GPL-2.0 */
/* A used element, from the hook to the verdict, and the account of what was audited. */
#ifndef BPF_USED_H
#define BPF_USED_H

#include "packed.h"
#include "split.h"

/* Accounts for one completion, which advances the driver's index by @steps. */
static __always_inline void account(struct vqa_queue *q, __u32 outcome, __u32 steps)
{
	q->c.positions += steps;
	if (outcome < VQA_SKIP_COUNT)
		q->c.skipped[outcome]++;
	else
		q->c.audited++;
}

/** struct missed - a walk along the recorded spans of a packed ring that no hook saw */
struct missed {
	struct vqa_queue *q;
	__u32 pos;
	__u32 left; /* slots */
};

static long missed_step(__u32 i, void *ctx)
{
	struct missed *m = ctx;
	struct vqa_queue *q = m->q;
	__u32 id = q->slot[m->pos & (VQA_RING_MAX - 1)].next;
	__u32 n = q->head[id & (VQA_RING_MAX - 1)].n ?: 1;

	if (!m->left)
		return 1;
	if (n > m->left)
		n = m->left;
	account(q, VQA_SKIP_MISSED, n);
	m->left -= n;
	m->pos += n;
	if (m->pos >= q->id.num)
		m->pos -= q->id.num;
	return 0;
}

/*
 * Completions that no hook saw, as far as the driver's index tells: counted
 * skips. What was recorded before may stand for buffers that are long gone.
 */
verified_once int account_missed(struct vqa_queue *q, __u32 last_used)
{
	struct missed m = { .q = q };

	if (!q)
		return 0;
	m.pos = vqa_packed_pos(q->next_used);
	m.left = vqa_used_distance(q->id.packed, q->id.num, q->next_used, last_used);
	q->next_used = last_used;
	q->epoch++;
	if (q->id.packed) {
		walk(missed_step, &m, VQA_RING_MAX);
	} else {
		q->c.skipped[VQA_SKIP_MISSED] += m.left;
		q->c.positions += m.left;
	}
	return 0;
}

/* Whether the record under an id stands for the buffer in flight. Returns AUDITED or why not. */
static __always_inline __u32 head_known(const struct vqa_queue *q, const struct vqa_head *head)
{
	if (head->state == VQA_HEAD_NEVER)
		return VQA_SKIP_BEFORE_START;
	if (head->state == VQA_HEAD_RACED)
		return VQA_SKIP_RACED;
	if (head->state != VQA_HEAD_IN_FLIGHT || head->epoch != q->epoch)
		return VQA_SKIP_MISSED;
	return AUDITED;
}

/* @thin: of a packed ring, the driver follows its private copy alone */
static __always_inline void used_compare(struct audit *a, int thin)
{
	if (thin && (a->q->id.packed || vqa_thins == VQA_THINS_ALL))
		return;
	if (thin)
		split_compare_next(a);
	else if (a->q->id.packed)
		packed_compare(a);
	else
		split_compare(a);
}

/* Audits the buffer that the element names. Returns AUDITED or the reason to skip it. */
static __always_inline __u32 used_audit(struct audit *a)
{
	struct vqa_queue *q = a->q;
	struct vqa_head *head = &q->head[a->id & (VQA_RING_MAX - 1)];
	__u32 outcome = head_known(q, head);
	int thin = thinned(q);

	histogram_used(q, head, a->id, outcome == AUDITED);
	head->state = VQA_HEAD_DONE;
	if (outcome != AUDITED)
		return outcome;
	a->n = head->n;
	a->writable = head->writable;
	used_compare(a, thin);
	if (a->unknown)
		return VQA_SKIP_BEFORE_START;
	if (thin)
		outcome = VQA_SKIP_THINNED;
	else
		q->c.descs += a->n;
	if (a->d.found)
		report_divergence(a, 0, q->id.packed ? VQA_FIELDS_PACKED : VQA_FIELDS_SPLIT);
	if (q->id.shadow == VQA_SHADOW_WHOLE && a->damage)
		report_kind(a, VQA_RULE_SHADOW_DAMAGE, VQA_KIND_NONE, 0);
	if (head->bytes && !thin) {
		a->d.found = 0;
		outcome = audit_table(a, head);
	}
	if (vqa_used_len_over(a->len, a->writable))
		report_len(a, VQA_RULE_USED_LEN_OVER);
	if (vqa_used_len_short(q->id.device, a->len, a->writable))
		report_len(a, VQA_RULE_USED_LEN_SHORT);
	return outcome;
}

/* The element names no buffer in flight: the core breaks the queue by itself. */
static __always_inline int used_refuse(struct audit *a)
{
	a->q->c.refused++;
	return vqa_verdict(a->action);
}

/*
 * Whether the driver has already put the buffer back on its free list: 7.x does so
 * for a packed ring before the function that we see. What the list began with is
 * gone then.
 */
static __always_inline int used_is_free(const struct audit *a, const struct vqa_open *o)
{
	return a->point == VQA_POINT_DETACH && o->free_head == a->id;
}

/* Whether the record stood for the buffer, whatever of it was compared. */
static __always_inline int used_was_known(__u32 outcome)
{
	return outcome == AUDITED || outcome == VQA_SKIP_THINNED;
}

/*
 * How far the driver is, which is read at once. What the end of the detach is to be compared
 * with is kept where that will look for it; it is not on the stack, of which 6.1 has no more.
 */
static __always_inline void used_begins(struct audit *a)
{
	struct driver_state driver = read_driver(a->v);

	a->q->detach.num_free = driver.num_free;
	a->q->detach.free_head = driver.free_head;
	a->last_used = driver.last_used;
}

static __always_inline void used_opens_detach(struct audit *a, __u32 outcome)
{
	struct vqa_open *o = &a->q->detach;

	o->id = a->id;
	o->at = a->last_used;
	o->n = used_was_known(outcome) && !used_is_free(a, o) ? a->n : 0;
	o->taken = vqa_patched;
	o->valid = 1;
}

/* An element must still be as the interrupt before found it. */
static __always_inline void used_rewrite(struct audit *a)
{
	struct vqa_first *f = &a->q->first;

	if (f->valid && f->at == a->last_used && (f->id != a->id || f->len != a->len))
		report_word(a, VQA_RULE_USED_REWRITE, VQA_KIND_NONE, (__u64)a->len << 32 | a->id,
			    (__u64)f->len << 32 | f->id);
	f->valid = 0;
}

/* The buffer of @n descriptors was taken, or will be: the next completion comes behind it. */
static __always_inline void used_advance(struct audit *a, __u32 n)
{
	struct vqa_queue *q = a->q;

	q->next_used =
		q->id.packed ? vqa_packed_advance(a->last_used, n, q->id.num) : a->last_used + 1;
}

/*
 * Publications are the first that are not seen any more as the programs go. What was published
 * then is not the audit's, though it may see it come back.
 */
static __always_inline int used_after_end(__u32 outcome)
{
	return outcome == VQA_SKIP_MISSED && !vqa_armed;
}

/* Whether the driver does without the buffer: told by verdict, or by a kfunc in time. */
static __always_inline int used_refused(const struct audit *a)
{
	return a->point == VQA_POINT_USED &&
	       (a->action == VQA_ACT_BREAK || (vqa_patched && a->action == VQA_ACT_PANIC));
}

/**
 * used() - audit a used element
 * @vq: the queue
 * @id, @len: as the driver read them, or as read again if @racy
 * @point: VQA_POINT_USED, or VQA_POINT_DETACH if the driver has acted upon it already
 *
 * Return: the verdict, as virtqueue_audit_used() is to return it.
 */
static __always_inline int used(struct virtqueue *vq, __u32 id, __u32 len, __u32 racy, __u32 point)
{
	struct vqa_queue *q = queue_get(vq);
	struct head_state h;
	__u32 outcome, n;
	struct audit a;

	if (!q)
		return 0;
	audit_begin(&a, q, point);
	a.id = id;
	a.len = len;
	a.racy = racy;
	a.v = queue_vring(a.q);
	used_begins(&a);
	flight_record_id(a.q, VQA_OP_USED, id, len);
	if (a.last_used != a.q->next_used)
		account_missed(a.q, a.last_used);
	used_rewrite(&a);
	if (id >= a.q->id.num) {
		report_kind(&a, VQA_RULE_USED_ID_RANGE, VQA_KIND_NONE, VQA_F_USED_ID);
		return used_refuse(&a);
	}
	h = rings_head(a.q, id);
	n = a.q->id.packed ? h.n : 1;
	a.n = n;
	if (a.q->id.num > VQA_RING_MAX) {
		outcome = VQA_SKIP_RING_TOO_LARGE;
	} else if (!h.data) {
		report_not_head(&a);
		return used_refuse(&a);
	} else {
		outcome = used_audit(&a);
		used_opens_detach(&a, outcome);
	}
	if (used_refused(&a)) {
		a.q->detach.valid = 0; /* what its driver detaches next is what it leaves behind */
		a.q->c.refused++;
		return vqa_verdict(a.action);
	}
	if (!used_after_end(outcome))
		account(a.q, outcome, n);
	used_advance(&a, n);
	return 0;
}

#endif
