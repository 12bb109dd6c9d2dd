/* SPDX-License-Identifier: GPL-2.0 */
/* Split rings are audited by head: the recorded chain, against the descriptor table. */
#ifndef BPF_SPLIT_H
#define BPF_SPLIT_H

#include "audit.h"

/** struct split_run - a run of descriptors being compared */
struct split_run {
	struct run ring, copy; /* as the device sees them, and as the kernel keeps them */
	const struct vqa_desc *slot; /* and as they were recorded */
	__u64 lacks; /* the address that the copy has instead, of all ones, or 0 */
	__u64 damage; /* bits of the copy that were different */
	__u32 at; /* place of the first */
	__u32 left; /* descriptors of the chain from there on */
	__u32 n; /* of them compared */
	__u32 next; /* place of the one after these */
};

/* The next of the run, its @k-th. @whole: 1 if that copy lacks nothing. Returns 1 if it goes on. */
static __always_inline int split_next(struct audit *a, struct split_run *run, const __u32 k,
				      const int whole)
{
	struct vqa_desc want = recorded(run->slot, k), kept;

	vqa_compare(&a->d, run_desc(run->ring, k), want, VQA_FIELDS_SPLIT, run->at + k);
	kept = run_desc(run->copy, k);
	run->damage |= kept.rest ^ want.rest;
	run->damage |= kept.addr ^ (whole ? want.addr : want.addr | run->lacks);
	run->n = k + 1;
	run->next = want.rest >> 48;
	return run_goes_on(run->left, run->at, want, k);
}

/* Walks the chain along the record, with the kernel's private copy beside it. */
static __always_inline long split_walk(struct audit *a, const __u32 most, const int whole)
{
	struct vqa_queue *q = a->q;
	struct tables t = a->t;
	struct split_run run = { .at = a->cursor, .left = a->left };

	run.lacks = q->head[a->id & (VQA_RING_MAX - 1)].shadow;
#pragma nounroll
	for (__u32 runs = 0; runs < most && run.left; runs++) {
		run.ring = run_from(t.ring, run.at);
		run.copy = run_from(t.shadow, run.at);
		run.slot = &q->slot[run.at & (VQA_RING_MAX - 1)];
		along_run(split_next, a, &run, whole);
		run.left += vqa_zero - run.n;
		run.at = run.next;
	}
	a->damage |= run.damage;
	a->cursor = run.at;
	a->left = run.left;
	return !run.left;
}

static __always_inline long split_runs(struct audit *a, const __u32 most)
{
	return vqa_patched ? split_walk(a, most, 1) : split_walk(a, most, 0);
}

static long split_step(__u32 i, void *ctx)
{
	return split_runs(ctx, RUNS_LOOPED);
}

/* The NEXT flags alone, which the driver follows in the ring: detach_buf_split(). */
static __always_inline long split_next_runs(struct audit *a, const __u32 most)
{
	struct vqa_queue *q = a->q;
	struct tables t = a->t;
	__u32 at = a->cursor, left = a->left;

#pragma nounroll
	for (__u32 k = 0; k < most && left; k++, left--) {
		struct vqa_desc want = recorded(&q->slot[at & (VQA_RING_MAX - 1)], 0), seen = want;

		seen.flags ^= (seen.flags ^ read_split_desc(t.ring, at).flags) & VQA_DESC_F_NEXT;
		vqa_compare(&a->d, seen, want, VQA_FIELDS_SPLIT, at);
		at = want.next;
	}
	a->cursor = at;
	a->left = left;
	return !left;
}

static long split_next_step(__u32 i, void *ctx)
{
	return split_next_runs(ctx, RUNS_LOOPED);
}

static __always_inline void split_compare_next(struct audit *a)
{
	a->t = rings_tables(a->q);
	a->cursor = a->id;
	a->left = a->n + vqa_zero;
	walk_chain(split_next_runs, split_next_step, a, a->n);
}

static __always_inline void split_compare(struct audit *a)
{
	a->t = rings_tables(a->q);
	a->cursor = a->id;
	a->left = a->n + vqa_zero;
	walk_chain(split_runs, split_step, a, a->n);
}

#endif
