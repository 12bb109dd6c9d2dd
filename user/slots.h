/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_SLOTS_H
#define VQA_USER_SLOTS_H

#include "report.h"

#define SLOTS_MAX 32768 /* as the specification has it */

enum slot_state {
	SLOT_UNKNOWN,
	SLOT_DONE, /* its buffer came back */
	SLOT_IN_FLIGHT,
	SLOT_MINE, /* of the buffer that the incident is about */
};

/** struct slots - what is in each place of a ring; of a split one at the heads alone */
struct slots {
	const struct incident *i;
	__u32 num;
	bool has_slot, has_buffer; /* the incident is about a descriptor, about a buffer */
	bool no_head; /* the device names a buffer that there is not */
	const struct vqa_op *added; /* the last time that the buffer was published, or NULL */
	unsigned int first_mine; /* where that buffer begins; num or more: not known, or nowhere */
	__u32 *owner; /* id + 1, or 0 */
	__u16 *count; /* descriptors of the buffer, at its first place */
	unsigned char *state; /* enum slot_state */
};

/**
 * slots__replay - let the operations before an incident happen again
 * @i: of a ring of 1 to SLOTS_MAX descriptors
 *
 * Return: 0 or -ENOMEM; slots__free() in both cases.
 */
int slots__replay(struct slots *s, const struct incident *i);

void slots__free(struct slots *s);

bool slots__packed(const struct slots *s);

/** slots__place - where an index of the driver points; below num unless the file lies */
unsigned int slots__place(const struct slots *s, __u16 index);

/** slots__next_avail - the driver's available index behind the newest operation, if there is one */
bool slots__next_avail(const struct slots *s, __u16 *ret);

#endif
