/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_JSONL_H
#define VQA_USER_JSONL_H

#include <jansson.h>

#include "out.h"
#include "vq_audit/abi.h"

/**
 * jsonl__write - write @object as one line
 * @object: the reference is taken over; NULL counts as a record that was lost
 *
 * Return: 0 or -errno, as out__end().
 */
int jsonl__write(struct out *o, json_t *object);

/** jsonl__name - a name of the ABI as a JSON string, whatever bytes it has */
json_t *jsonl__name(const char *name);

/** jsonl__text - the same of any string of less than 256 bytes */
json_t *jsonl__text(const char *text);

/** jsonl__identity - set the members that tell which queue: device and queue; 0 or -1 */
int jsonl__identity(json_t *object, const struct vqa_queue_id *q);

#endif
