/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_VIRTIO_DEV_H
#define VQA_USER_VIRTIO_DEV_H

#include <stdbool.h>

#define VIRTIO_DEV_NAME 64

/** struct virtio_dev - a device on the virtio bus, as sysfs has it */
struct virtio_dev {
	char name[VIRTIO_DEV_NAME]; /* virtio0 */
	char bus[VIRTIO_DEV_NAME]; /* its parent: 0000:00:02.0 */
	char driver[VIRTIO_DEV_NAME]; /* "" if it has none */
	unsigned int type; /* virtio device id */
};

/**
 * virtio_dev__find - the device of that name, its own or its parent's
 * @sysfs: where that is mounted
 *
 * Return: 0; -ENOENT if there is none; -ENODEV if it is no virtio device.
 */
int virtio_dev__find(const char *sysfs, const char *name, struct virtio_dev *ret);

/** virtio_dev__status - the device's status byte, as the driver set it, or -errno */
int virtio_dev__status(const char *sysfs, const struct virtio_dev *d);

#endif
