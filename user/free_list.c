/* SPDX-License-Identifier: GPL-2.0 */
#include "free_list.h"

enum free_list free_list__judge(__u32 num, const struct vqa_survey *s)
{
	if (!s->followed || !s->settled)
		return FREE_LIST_UNKNOWN;
	if (s->free == s->num_free && s->free + s->chained == num && !s->overlaps)
		return FREE_LIST_WHOLE;
	return FREE_LIST_DAMAGED;
}
