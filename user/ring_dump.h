/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_RING_DUMP_H
#define VQA_USER_RING_DUMP_H

#include <stdbool.h>

#include "out.h"
#include "vq_audit/dump.h"

/** ring_dump__print - print a copy of a ring; return: whether what is in flight differs */
bool ring_dump__print(struct out *o, const struct vqa_queue_id *q, const struct vqa_dump *d,
		      bool json);

#endif
