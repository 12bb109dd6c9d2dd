/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policy: each queue carries its own table of actions, taken from the map when it is
 * registered, and again when user space has changed the map. It is looked at once a rule is
 * violated, so that it costs nothing as long as nobody lies.
 */
#ifndef BPF_POLICY_H
#define BPF_POLICY_H

#include "find.h"
#include "vq_audit/policy.h"

/* One table for every queue, and those of devices and queues that have their own. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, VQA_POLICIES_MAX);
	__type(key, struct vqa_policy_key);
	__type(value, struct vqa_policy);
} policy SEC(".maps");

volatile __u32 vqa_policies; /* rises once the map has changed, before anybody adopts */

/* The queue's table: its own, its device's, or that of all. */
verified_once int policy_adopt(struct vqa_queue *q)
{
	struct vqa_policy_key key = { .queue = VQA_POLICY_ANY };
	struct vqa_policy *p;

	if (!q)
		return 0;
	__builtin_memcpy(key.bus, q->id.bus, sizeof(key.bus));
	key.queue = q->id.index;
	p = bpf_map_lookup_elem(&policy, &key);
	if (!p) {
		key.queue = VQA_POLICY_ANY;
		p = bpf_map_lookup_elem(&policy, &key);
	}
	if (!p) {
		__builtin_memset(key.bus, 0, sizeof(key.bus));
		p = bpf_map_lookup_elem(&policy, &key);
	}
	if (p)
		__builtin_memcpy(q->action, p->action, sizeof(q->action));
	return 0;
}

/*
 * A queue is registered, and is entered in "places". The map may change meanwhile: who then
 * sees the new number takes the new table, and who does not is found by adopt, which runs later.
 */
static __always_inline void policy_begin(struct vqa_queue *q)
{
	__u32 seen = vqa_policies;

	policy_adopt(q);
	if (__sync_fetch_and_add(&vqa_policies, 0) != seen) /* read behind all that was written */
		policy_adopt(q);
}

#define ADOPT_TRIES 4 /* a place that gets another queue just now */

/** struct adopting - a walk along the places */
struct adopting {
	__u32 queues;
};

static long policy_adopt_step(__u32 i, void *ctx)
{
	struct vqa_queue *q = bpf_map_lookup_elem(&queues, &i);
	struct adopting *a = ctx;
	__u64 vq;

	if (!q)
		return 1;
	for (int k = 0; k < ADOPT_TRIES; k++) {
		vq = *(volatile __u64 *)&q->id.vq;
		if (!vq)
			return 0;
		policy_adopt(q);
		if (vq == *(volatile __u64 *)&q->id.vq)
			break;
	}
	a->queues++;
	return 0;
}

/* On behalf of user space: every queue takes its table anew. */
static __always_inline int policy_adopt_all(struct vqa_adopt *io)
{
	struct adopting a = { 0 };

	bpf_loop(PLACES_MAX, policy_adopt_step, &a, 0);
	io->queues = a.queues;
	return 0;
}

#endif
