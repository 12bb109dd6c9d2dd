/* SPDX-License-Identifier: GPL-2.0 */
#include "coverage.h"

#include "vq_audit/check.h"

#define SPLIT_PERIOD 65536u

bool coverage__holds(const struct vqa_queue_id *q, __u16 base, __u16 now, __u64 positions)
{
	__u32 period = q->packed ? 2 * q->num : SPLIT_PERIOD;

	if (!period)
		return false;
	if (q->packed && (vqa_packed_pos(base) >= q->num || vqa_packed_pos(now) >= q->num))
		return false;
	return vqa_used_distance(q->packed, q->num, base, now) == positions % period;
}

/* As missed_step() of bpf/used.h. */
static __u64 recorded_buffers(const struct vqa_queue *q, __u32 steps)
{
	__u32 pos = vqa_packed_pos(q->next_used);
	__u64 buffers = 0;

	for (; steps; buffers++) {
		__u32 id = q->slot[pos % VQA_RING_MAX].next;
		__u32 n = q->head[id % VQA_RING_MAX].n;

		n = n > steps ? steps : n ?: 1;
		steps -= n;
		pos = (pos + n) % q->id.num;
	}
	return buffers;
}

bool coverage__tail(const struct vqa_queue *q, __u16 now, struct coverage_tail *ret)
{
	const struct vqa_queue_id *id = &q->id;
	__u32 steps;

	if (!coverage__holds(id, q->base_used, q->next_used, q->c.positions) ||
	    (id->packed && vqa_packed_pos(now) >= id->num))
		return false;
	steps = vqa_used_distance(id->packed, id->num, q->next_used, now);
	if (!steps || steps > id->num)
		return false;
	ret->steps = steps;
	ret->completions = id->packed ? recorded_buffers(q, steps) : steps;
	return true;
}
