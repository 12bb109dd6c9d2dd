/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_FLIGHT_H
#define VQA_USER_FLIGHT_H

#include <stddef.h>

#include "vq_audit/abi.h"

/** struct flight - the operations before an event, oldest first */
struct flight {
	unsigned int n;
	unsigned int torn; /* left out: being written, or overwritten, as they were copied */
	struct vqa_op op[VQA_FLIGHT_MAX];
};

/**
 * flight__decode - the operations behind an event
 * @data: @size bytes of a record that decode__event() made @e of
 * @ret: written always; empty if there are none
 *
 * Every op and flag in it is known. What is half written is left out and counted.
 */
void flight__decode(const void *data, size_t size, const struct vqa_event *e, struct flight *ret);

/** op__name - of an enum vqa_op_type, "?" for others */
const char *op__name(unsigned int op);

/** op__find - enum vqa_op_type of a name, or -ENOENT */
int op__find(const char *name);

#endif
