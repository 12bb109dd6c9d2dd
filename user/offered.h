/* SPDX-License-Identifier: GPL-2.0 */
/* Windows of devices that are plugged in while the audit runs. */
#ifndef VQA_USER_OFFERED_H
#define VQA_USER_OFFERED_H

#include "audit.h"

/** offered__see_to - a queue came, or went: what its device offers is asked for, or forgotten */
void offered__see_to(const struct audit *a, const struct vqa_event *e);

#endif
