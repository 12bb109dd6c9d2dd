/* SPDX-License-Identifier: GPL-2.0 */
/* A disk in memory, behind a split ring: serves requests, and lies about one. */
#ifndef VQ_VDUSE_BLK_H
#define VQ_VDUSE_BLK_H

#include <linux/virtio_ring.h>

#include "device.h"

/** struct lie - what the device does to words that are not its own, or false ones of its own */
struct lie {
	const char *name, *text;
	/* @e: the completion that comes next, of the buffer whose head it names */
	void (*tell)(struct vring_desc *desc, unsigned int num, struct vring_used_elem *e);
};

/** lie__find - by name, or NULL */
const struct lie *lie__find(const char *name);

/** lie__each - the one after @prev, of which the first is that after NULL; NULL at the end */
const struct lie *lie__each(const struct lie *prev);

/** struct blk - the disk */
struct blk {
	struct device *device;
	const char *name; /* its serial number, too */
	uint8_t *disk;
	uint64_t size; /* bytes */
	uint64_t served; /* requests */
	uint16_t next; /* available index */
	const struct lie *lie; /* or NULL */
	uint64_t after; /* requests that are served honestly before it is told */
};

/** blk__serve - all that is available; return 0, or -errno if the ring cannot be reached */
int blk__serve(struct blk *b);

#endif
