/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The auditor's own record of a buffer, taken when it is published: the
 * kernel's is complete on some kernels and queues alone (enum vqa_shadow).
 *
 * Descriptors are recorded by their place in the ring. On split rings that is
 * the buffer's own for as long as it is in flight; on packed rings it is only
 * until the driver's used position has passed over it, so whatever is needed
 * of the buffer itself is kept by id.
 */
#ifndef BPF_RECORD_H
#define BPF_RECORD_H

#include "table.h"

/** struct record - a publication being recorded */
struct record {
	struct vqa_queue *q;
	struct tables t;
	__u32 id;
	__u32 cursor; /* place in the shadow */
	__u16 tail; /* the one before */
	__u32 slot; /* place in the ring */
	__u32 left; /* descriptors to go */
	__u32 raced; /* 1 once the device has touched what was to be read */
	__u64 shadow; /* as struct vqa_head has it */
	struct vqa_glance glance; /* at the chain so far */
	__u64 last; /* rest of the last descriptor */
};

/*
 * A sweep on another CPU can look at any moment, and for long if this one is stopped,
 * as guests are: by its flags a half of a record is of no lap of a packed ring.
 */
static __always_inline void record_slot(struct vqa_desc *slot, struct vqa_desc d)
{
	slot->rest = 0;
	barrier();
	slot->addr = d.addr;
	barrier();
	slot->rest = d.rest;
}

/* The descriptor that was published @k places, a constant, behind @slot: by two loads. */
static __always_inline struct vqa_desc recorded(const struct vqa_desc *slot, const __u32 k)
{
	struct vqa_desc d = { .addr = slot[k].addr, .rest = slot[k].rest };

	barrier_var(d.rest); /* or clang loads its fields one by one, and puts them together */
	return d;
}

/* What the private copy of a split ring's descriptor lacks on stock kernels is in the ring alone.
 */
static __always_inline struct vqa_desc record_lacking(struct record *r, struct vqa_desc d, __u32 at)
{
	if (d.addr != DMA_MAPPING_ERROR)
		return d;
	r->shadow = d.addr;
	d.addr = read_split_desc(r->t.ring, at).addr;
	return d;
}

/* So is whether the last one goes on: what is kept of that is stale. It does not. */
static __always_inline void record_end(struct record *r)
{
	struct vqa_queue *q = r->q;

	if (q->id.shadow != VQA_SHADOW_PART || r->left)
		return;
	q->slot[r->tail & (VQA_RING_MAX - 1)].flags &= ~VQA_DESC_F_NEXT;
	r->last &= ~VQA_REST(VQA_DESC_F_NEXT);
}

/** struct record_run - a run of descriptors being recorded */
struct record_run {
	struct run copy; /* the kernel's private one */
	struct vqa_desc *slot;
	struct vqa_glance glance;
	__u32 at; /* place of the first */
	__u32 left; /* descriptors of the chain from there on */
	__u32 n; /* of them recorded */
	__u64 last; /* rest of the last of these */
	/* On a packed ring: */
	__u64 digest; /* of the kernel's copy of the chain, up to here */
	__u32 place; /* of the first in the ring, where @at is its id */
	__u32 most; /* descriptors up to the end of the chain, or of the ring */
};

/* The next of the run, its @k-th. @whole: 1 if that copy lacks nothing. Returns 1 if it goes on. */
static __always_inline int record_split_next(struct record *r, struct record_run *run,
					     const __u32 k, const int whole)
{
	struct vqa_desc d = run_desc(run->copy, k);

	if (!whole)
		d = record_lacking(r, d, run->at + k);
	vqa_glance_add(&run->glance, d);
	run->slot[k] = d;
	run->n = k + 1;
	run->last = d.rest;
	return run_goes_on(run->left, run->at, d, k);
}

static __always_inline long record_split(struct record *r, const __u32 most, const int whole)
{
	struct record_run run = { .glance = r->glance, .at = r->cursor, .left = r->left };
	__u64 shadow = r->t.shadow;
	__u16 tail = r->tail;

	run.last = r->last;
#pragma nounroll
	for (__u32 runs = 0; runs < most && run.left; runs++) {
		run.copy = run_from(shadow, run.at);
		run.slot = &r->q->slot[run.at & (VQA_RING_MAX - 1)];
		along_run(record_split_next, r, &run, whole);
		tail = run.at + run.n - 1;
		run.left += vqa_zero - run.n;
		run.at = run.last >> 48;
	}
	r->glance = run.glance;
	r->last = run.last;
	r->cursor = run.at;
	r->left = run.left;
	r->tail = tail;
	if (!whole)
		record_end(r);
	return !run.left;
}

/* What only the ring has: where the device has completed something already, nothing. */
static __always_inline struct vqa_desc record_seen(struct record *r, struct vqa_desc d, __u32 slot)
{
	struct vqa_desc seen = read_packed_desc(r->t.ring, slot);

	d.addr = seen.addr;
	if (r->q->id.shadow != VQA_SHADOW_RING)
		return d;
	d.len = seen.len;
	d.flags = seen.flags;
	r->raced |= !((seen.flags ^ seen.flags >> 8) & VQA_DESC_F_AVAIL);
	r->raced |= seen.next != r->id;
	return d;
}

/* The next of a run of a packed ring's. It is one of places and of ids, which are told apart. */
static __always_inline int record_packed_next(struct record *r, struct record_run *run,
					      const __u32 k, const int whole)
{
	struct vqa_desc d = run_desc(run->copy, k);
	__u64 next = d.rest;

	run->digest = vqa_add_desc(run->digest, d);
	if (!whole && (r->q->id.shadow == VQA_SHADOW_RING || d.addr == DMA_MAPPING_ERROR))
		d = record_seen(r, d, run->place + k);
	vqa_glance_add(&run->glance, d);
	run->n = k + 1;
	run->last = next;
	d.rest = d.rest << 16 >> 16 | (__u64)r->id << 48;
	record_slot(run->slot + k, d);
	d.rest = next;
	return run_goes_on(run->most, run->at, d, k);
}

static __always_inline long record_packed(struct record *r, const __u32 most, const int whole)
{
	struct record_run run = { .glance = r->glance, .at = r->cursor, .left = r->left };
	__u32 num = r->q->id.num, room;
	__u16 tail = r->tail;
	__u64 shadow = r->t.shadow;

	run.place = r->slot;
	run.digest = r->shadow;
	run.last = r->last;
#pragma nounroll
	for (__u32 runs = 0; runs < most && run.left; runs++) {
		room = num - run.place;
		run.most = run.left < room ? run.left : room;
		run.copy = run_from(shadow, run.at);
		run.slot = &r->q->slot[run.place & (VQA_RING_MAX - 1)];
		along_run(record_packed_next, r, &run, whole);
		tail = run.at + run.n - 1;
		run.left += vqa_zero - run.n;
		run.at = run.last >> 48;
		run.place += vqa_zero + run.n;
		/* Subtracted, not set to 0: the verifier would follow each value from there. */
		if (run.place >= num)
			run.place -= num;
	}
	r->glance = run.glance;
	r->last = run.last;
	r->shadow = run.digest;
	r->cursor = run.at;
	r->slot = run.place;
	r->left = run.left;
	r->tail = tail;
	return !run.left;
}

static __always_inline long record_runs(struct record *r, const __u32 most, const int whole)
{
	return r->q->id.packed ? record_packed(r, most, whole) : record_split(r, most, whole);
}

/* Where a read is a call, it makes no difference what one of them could do without. */
#define RECORD_WHOLE (vqa_patched && VQA_DIRECT)

/* What may be lacking makes twice as many ways of each descriptor. */
static long record_step(__u32 i, void *ctx)
{
	if (RECORD_WHOLE)
		return record_runs(ctx, RUNS_LOOPED, 1);
	return record_runs(ctx, VQA_DIRECT ? 1 : RUNS_LOOPED, 0);
}

/** struct shape_walk - along a record, for its shape */
struct shape_walk {
	struct vqa_queue *q;
	struct vqa_shape shape;
	__u32 at; /* place in the ring */
	__u32 left; /* descriptors to go */
};

static long shape_step(__u32 i, void *ctx)
{
	struct shape_walk *w = ctx;
	struct vqa_queue *q = w->q;
	struct vqa_desc d;

	if (!w->left)
		return 1;
	w->left--;
	d = q->slot[w->at & (VQA_RING_MAX - 1)];
	vqa_shape_add(&w->shape, d);
	vqa_shape_settle(&w->shape);
	w->at = q->id.packed ? w->at + 1 : d.next;
	if (w->at >= q->id.num)
		w->at -= q->id.num;
	return 0;
}

/* What is wrong with the shape of the buffer that was just recorded from place @at on. */
verified_once __u32 record_shape(struct vqa_queue *q, __u32 id, __u32 at)
{
	struct shape_walk w = { .q = q, .at = at + vqa_zero };
	struct vqa_head *head;

	if (!q)
		return 0;
	head = &q->head[id & (VQA_RING_MAX - 1)];
	w.shape = shape_begin();
	w.left = head->n;
	walk(shape_step, &w, VQA_RING_MAX);
	head->marks = vqa_nonzero(w.shape.bytes - w.shape.writable); /* VQA_HEAD_READABLE */
	return vqa_shape_judge(&w.shape) | vqa_length_faults(head->n, q->id.num);
}

/* RECORD_LONG: it is not; the chain is long. RECORD_ODD: it is for record_shape() to look at. */
enum recorded { RECORDED, RECORD_LONG, RECORD_ODD };

/*
 * Records the chain of buffer @id of @num descriptors, whose head is at @slot; what is in a table
 * of it is not looked at.
 * @brief: a constant, 1: only if it is short, which is walked at once, without the two calls of a
 * loop, and whose state is not memory
 */
static __always_inline enum recorded record(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num,
					    const int brief)
{
	struct record r = { .q = q, .id = id, .cursor = id, .slot = slot };
	struct vqa_head *head = &q->head[id & (VQA_RING_MAX - 1)];
	__u32 at = q->id.packed ? slot : id;
	struct vqa_desc first;

	r.left = num + vqa_zero;
	r.glance = glance_begin();
	r.t = rings_tables(q);
	if (brief)
		RECORD_WHOLE ? record_runs(&r, RUNS, 1) : record_runs(&r, RUNS, 0);
	else
		bpf_loop(WALK_CHAIN(num), record_step, &r, 0);
	if (r.left)
		return RECORD_LONG;
	first = q->slot[at & (VQA_RING_MAX - 1)];
	head->n = num;
	head->tail = r.tail;
	head->epoch = q->epoch;
	head->shadow = r.shadow;
	head->writable = r.glance.writable;
	head->marks = ~first.rest / VQA_REST(VQA_DESC_F_WRITE) & VQA_HEAD_READABLE;
	head->bytes = first.flags & VQA_DESC_F_INDIRECT ? first.len : 0;
	head->state = r.raced ? VQA_HEAD_RACED : VQA_HEAD_IN_FLIGHT;
	if (vqa_glance_is_odd(&r.glance, num, r.last >> 32) || num > q->id.num)
		return RECORD_ODD;
	return RECORDED;
}

/* By a call, for who has no room for it on the stack: of a short chain, and of any. */
verified_once int record_brief(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num)
{
	return q ? record(q, slot, id, num, 1) : RECORDED;
}

verified_once int record_long(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num)
{
	return q ? record(q, slot, id, num, 0) : RECORDED;
}

#endif
