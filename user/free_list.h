/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_FREE_LIST_H
#define VQA_USER_FREE_LIST_H

#include "vq_audit/abi.h"

/* Whether each descriptor of a queue is either free or in a chain in flight, and in one alone. */
enum free_list {
	FREE_LIST_UNKNOWN, /* no complete shadow to follow, or the driver was too busy */
	FREE_LIST_WHOLE,
	FREE_LIST_DAMAGED,
};

/**
 * free_list__judge - what one survey says of the free list
 * @num: descriptors in the ring
 */
enum free_list free_list__judge(__u32 num, const struct vqa_survey *s);

#endif
