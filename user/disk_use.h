/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_DISK_USE_H
#define VQA_USER_DISK_USE_H

#include <stdbool.h>
#include <stddef.h>

#include "virtio_dev.h"

/** struct disk_use - the disk that a virtio device is, and who needs it */
struct disk_use {
	char disk[VIRTIO_DEV_NAME]; /* vda; "" if it is none */
	unsigned long in_flight; /* requests that the driver has */
	char by[256]; /* "vda1 is mounted at /srv"; "" if nobody does */
};

/**
 * disk_use__read - whether a device is a disk, and is mounted, a swap, or part of another one
 * @sysfs, @proc: where those are mounted
 */
void disk_use__read(const char *sysfs, const char *proc, const struct virtio_dev *d,
		    struct disk_use *ret);

#endif
