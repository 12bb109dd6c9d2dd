/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packed rings are audited by slot. The device legally overwrites id, length
 * and flags of the slot at which it completes, and out of order that slot is
 * another chain's. So when the driver's used position passes over a slot, it
 * must still be as it was recorded, whichever buffer it belonged to.
 */
#ifndef BPF_PACKED_H
#define BPF_PACKED_H

#include "audit.h"

/** struct packed_run - a run of descriptors being compared: of ids, and of places beside them */
struct packed_run {
	struct run ring, copy; /* as the device sees them, and as the kernel keeps them */
	const struct vqa_desc *slot; /* and as they were recorded */
	__u64 digest; /* of the kernel's copy of the chain */
	__u32 unknown; /* 1 if a slot was met that was never recorded */
	__u32 at; /* id of the first */
	__u32 place; /* and its place in the ring */
	__u32 left; /* descriptors of the chain from there on */
	__u32 most; /* or of the ring, whichever ends first */
	__u32 n; /* of them compared */
	__u32 next; /* id of the one after these */
};

/*
 * The next of the run, its @k-th: its slot against the record, and the kernel's private copy of the
 * buffer, which is kept by id, into the digest. Returns 1 if it goes on.
 */
static __always_inline int packed_next(struct audit *a, struct packed_run *run, const __u32 k)
{
	struct vqa_desc kept = run_desc(run->copy, k), want, seen;

	run->digest = vqa_add_desc(run->digest, kept);
	if (k || run->left != a->n) { /* the first slot is the device's */
		want = recorded(run->slot, k);
		seen = desc_of_packed(run_desc(run->ring, k));
		if (vqa_compare(&a->d, seen, want, VQA_FIELDS_PACKED, run->place + k))
			run->unknown |= !want.flags; /* what was published has some */
	}
	run->n = k + 1;
	run->next = kept.rest >> 48;
	return run_goes_on(run->most, run->at, kept, k);
}

static __always_inline long packed_runs(struct audit *a, const __u32 most)
{
	struct vqa_queue *q = a->q;
	struct tables t = a->t;
	struct packed_run run = { .digest = a->damage, .at = a->cursor, .left = a->left };
	__u32 num = q->id.num, room;

	run.place = a->slot;
#pragma nounroll
	for (__u32 runs = 0; runs < most && run.left; runs++) {
		room = num - run.place;
		run.most = run.left < room ? run.left : room;
		run.ring = run_from(t.ring, run.place);
		run.copy = run_from(t.shadow, run.at);
		run.slot = &q->slot[run.place & (VQA_RING_MAX - 1)];
		along_run(packed_next, a, &run);
		run.left += vqa_zero - run.n;
		run.at = run.next;
		run.place += vqa_zero + run.n;
		if (run.place >= num)
			run.place -= num;
	}
	a->unknown |= run.unknown;
	a->damage = run.digest;
	a->cursor = run.at;
	a->slot = run.place;
	a->left = run.left;
	return !run.left;
}

static long packed_step(__u32 i, void *ctx)
{
	return packed_runs(ctx, RUNS_LOOPED);
}

static __always_inline void packed_compare(struct audit *a)
{
	a->t = rings_tables(a->q);
	a->cursor = a->id;
	a->slot = vqa_packed_pos(a->last_used);
	a->left = a->n + vqa_zero;
	walk_chain(packed_runs, packed_step, a, a->n);
	a->damage ^= a->q->head[a->id & (VQA_RING_MAX - 1)].shadow;
}

#endif
