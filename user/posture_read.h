/* SPDX-License-Identifier: GPL-2.0 */
/* The facts that a device is judged by: from sysfs, and from queues that are known. */
#ifndef VQA_USER_POSTURE_READ_H
#define VQA_USER_POSTURE_READ_H

#include <stddef.h>

#include "posture.h"
#include "stats.h"

#define POSTURE_SYSFS "/sys/bus/virtio/devices"
#define POSTURE_NAME 64

/** struct posture_device - a device on the virtio bus */
struct posture_device {
	unsigned int index; /* N of virtioN */
	unsigned int type; /* virtio device id */
	char bus[POSTURE_NAME]; /* parent device, e.g. "0000:00:03.0" */
	char transport[POSTURE_NAME]; /* the parent's subsystem: pci, platform, ccw, vdpa */
	char driver[POSTURE_NAME]; /* "" if there is none */
	struct posture_facts facts;
};

/**
 * posture_read__device - virtio@index, as sysfs knows it
 *
 * Return: 0 or -errno: -ENOENT or -ENODEV, if it is gone by now.
 */
int posture_read__device(unsigned int index, struct posture_device *ret);

/**
 * posture_read__devices - every device on the virtio bus, by index, as sysfs knows it
 *
 * Return: 0, *ret (@ret_n of them) then being the caller's to free(); or -errno.
 */
int posture_read__devices(struct posture_device **ret, size_t *ret_n);

/**
 * posture_read__features - facts out of sysfs's "features": a character for each bit
 *
 * Return: 0, or -EINVAL if that is no such string.
 */
int posture_read__features(const char *text, struct posture_facts *f);

/** posture_read__iommu - out of the "type" of an iommu_group */
enum posture_iommu posture_read__iommu(const char *type);

/** posture_read__queue - add what the kernel says of one of the device's queues */
void posture_read__queue(struct posture_facts *f, const struct queue_view *v);

#endif
