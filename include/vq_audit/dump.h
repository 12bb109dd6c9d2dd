/* SPDX-License-Identifier: GPL-2.0 */
/* A ring as the program "dump" copies it: the value of map "dumped". */
#ifndef VQ_AUDIT_DUMP_H
#define VQ_AUDIT_DUMP_H

#include "vq_audit/words.h"

/** struct vqa_dump_row - one place of the ring */
struct vqa_dump_row {
	struct vqa_desc seen; /* as the device can see it */
	struct vqa_desc want; /* as the driver wrote it, if known is 1 */
	__u32 known;
	__u32 head; /* by id: 1 if the driver has a buffer in flight under it */
};

struct vqa_dump {
	struct vqa_words words;
	__u32 num_free;
	__u32 pad;
	struct vqa_dump_row row[VQA_RING_MAX];
};

#endif
