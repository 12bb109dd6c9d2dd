/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VDUSE device with one queue: the process behind it, which is all of the device. It
 * reaches the guest's rings and bounce pages by mapping them, as any such process does.
 */
#ifndef VQ_VDUSE_DEVICE_H
#define VQ_VDUSE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGIONS 64

/** struct region - I/O virtual addresses that are mapped here */
struct region {
	uint64_t start, last;
	uint8_t *at;
};

/** struct device - one that exists in the kernel */
struct device {
	int fd; /* /dev/vduse/NAME */
	int kick; /* eventfd: the driver notifies */
	bool ready; /* the driver is, and so is the queue */
	uint16_t num; /* entries of the queue */
	uint64_t desc, driver, device; /* its areas, I/O virtual */
	struct region regions[REGIONS];
	unsigned int n_regions;
};

/**
 * device__create - a device of that name, which `vdpa dev add` puts to use
 * @id: virtio's number of its kind
 * @config: its configuration space, of @size bytes
 *
 * Return: 0, or -errno
 */
int device__create(struct device *d, const char *name, uint32_t id, uint64_t features,
		   const void *config, size_t size);

/** device__obey - answers one message of the kernel; return 0 or -errno */
int device__obey(struct device *d);

/** device__at - @len bytes at an I/O virtual address; NULL if the kernel does not let us */
void *device__at(struct device *d, uint64_t iova, uint64_t len);

/** device__interrupt - for its queue; return 0 or -errno */
int device__interrupt(struct device *d);

#endif
