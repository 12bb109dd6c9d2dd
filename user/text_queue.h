/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_TEXT_QUEUE_H
#define VQA_USER_TEXT_QUEUE_H

#include <stddef.h>

#include "vq_audit/abi.h"

/* Room for each of these. */
#define TEXT_QUEUE_SIZE 320

/** text_queue__device - 'virtio0 block 0000:00:02.0'; returns @buf */
char *text_queue__device(const struct vqa_queue_id *q, char *buf, size_t size);

/** text_queue__label - the device and '0 "req.0"'; returns @buf */
char *text_queue__label(const struct vqa_queue_id *q, char *buf, size_t size);

/** text_queue__traits - 'split 256, DMA API, ...'; returns @buf */
char *text_queue__traits(const struct vqa_queue_id *q, char *buf, size_t size);

#endif
