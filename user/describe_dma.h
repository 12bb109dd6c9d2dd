/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_DESCRIBE_DMA_H
#define VQA_USER_DESCRIBE_DMA_H

#include <stdbool.h>
#include <stddef.h>

#include "vq_audit/abi.h"

/** describe_dma - a mapping that does not fit its buffer, in words; false if it is not about that
 */
bool describe_dma(const struct vqa_event *e, char *buf, size_t size);

/** dma_dir__name - the kernel's word for an enum vqa_dma_dir, or "?" */
const char *dma_dir__name(unsigned int dir);

#endif
