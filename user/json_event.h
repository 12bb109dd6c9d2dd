/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_JSON_EVENT_H
#define VQA_USER_JSON_EVENT_H

#include <jansson.h>

#include "vq_audit/abi.h"

/**
 * json_event__parse - an event of a record of type "violation" or "queue"
 * @object: as the JSON sink wrote it, perhaps long ago and edited since
 * @ret: written always, for use on success only; every enum in it is in range,
 *       its strings end. What JSON does not tell is 0.
 * @ret_fault: gets a static text that says what is wrong; on failure only
 *
 * Return: 0 or -EBADMSG.
 */
int json_event__parse(const json_t *object, struct vqa_event *ret, const char **ret_fault);

#endif
