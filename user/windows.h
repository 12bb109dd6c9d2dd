/* SPDX-License-Identifier: GPL-2.0 */
/* Where devices may reach, as the operator says, or they offer themselves. */
#ifndef VQA_USER_WINDOWS_H
#define VQA_USER_WINDOWS_H

#include <stddef.h>

#include "vq_audit/abi.h"

/** struct device_windows - those of one device */
struct device_windows {
	char bus[VQA_NAME_LEN]; /* the parent device, as in struct vqa_queue_id */
	struct vqa_windows windows;
};

struct windows {
	struct device_windows *devices;
	size_t n;
};

/**
 * windows__parse - what the operator says: DEVICE=FIRST-LAST
 * @text: DEVICE as sysfs or "vq-audit list" name it, 0000:00:03.0 or virtio0; FIRST
 * and LAST are addresses, both of them inside, as in /proc/iomem
 *
 * Several for one device add up. Return: 0, -EINVAL with the reason in @why, or -ENOMEM.
 */
int windows__parse(struct windows *w, const char *text, char *why, size_t why_size);

/**
 * windows__offered - and what the devices of this machine offer, but for those that
 * the operator spoke of
 *
 * Says on stderr which of them cannot be believed, and goes on. Return: 0 or -ENOMEM.
 */
int windows__offered(struct windows *w);

/** windows__offered_by - what virtio@index offers, *ret; none of them, if it offers nothing */
void windows__offered_by(unsigned int index, struct vqa_windows *ret);

/** windows__said - of how many devices the operator spoke; @w may be NULL */
size_t windows__said(const struct windows *w);

void windows__free(struct windows *w);

#endif
