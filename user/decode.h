/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_DECODE_H
#define VQA_USER_DECODE_H

#include <stddef.h>

#include "vq_audit/abi.h"

/**
 * decode__event - make a validated event of the bytes of a record
 * @data: @size bytes, of any alignment
 * @ret: written on success only; every enum in it is in range, every flag is 0
 *       or 1, its strings end
 * @ret_fault: gets a static text that says what is wrong; on failure only
 *
 * Return: 0, or -EBADMSG. A record that is refused must be counted and reported.
 */
int decode__event(const void *data, size_t size, struct vqa_event *ret, const char **ret_fault);

#endif
