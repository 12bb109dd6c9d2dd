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
