/* SPDX-License-Identifier: GPL-2.0 */
#include "coverage.h"

#define SPLIT_PERIOD 65536u
#define PACKED_WRAP 0x8000u

/* Slots since a start in the first lap, of two; the wrap counter is 1 in the first. */
static __u32 packed_steps(__u16 index, __u32 num)
{
	return (index & ~PACKED_WRAP) + (index & PACKED_WRAP ? 0 : num);
}

bool coverage__holds(const struct vqa_queue_id *q, __u16 base, __u16 now, __u64 positions)
{
	__u32 period = q->packed ? 2 * q->num : SPLIT_PERIOD;
	__u32 from = base, to = now;

	if (!period)
		return false;
	if (q->packed) {
		from = packed_steps(base, q->num);
		to = packed_steps(now, q->num);
		if (from >= period || to >= period)
			return false;
	}
	return (to + period - from) % period == positions % period;
}
