/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_DESCRIBE_PROGRESS_H
#define VQA_USER_DESCRIBE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "vq_audit/abi.h"

/** describe_progress - a queue that does not get on, in words; false if it is not about that */
bool describe_progress(const struct vqa_event *e, char *buf, size_t size);

#endif
