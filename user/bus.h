/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_BUS_H
#define VQA_USER_BUS_H

#include <stdbool.h>
#include <stddef.h>

#include "posture_read.h"

/** bus__find - the parent of the virtio device that is called so: virtio0, or 0000:00:03.0 */
bool bus__find(const char *name, size_t len, char bus[POSTURE_NAME]);

#endif
