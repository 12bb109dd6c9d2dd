// SPDX-License-Identifier: GPL-2.0
#include "blk.h"

#include <errno.h>
#include <linux/virtio_blk.h>
#include <stdio.h>
#include <string.h>

#define SECTOR 512

/* A chain as it is walked: the ring's descriptors, or those of an indirect table. */
struct walk {
	struct vring_desc *table;
	unsigned int num, at;
	bool begun;
};

static struct vring_desc *next_desc(struct device *d, struct walk *w)
{
	struct vring_desc *desc = &w->table[w->at];

	if (w->begun) {
		if (!(desc->flags & VRING_DESC_F_NEXT) || desc->next >= w->num)
			return NULL;
		w->at = desc->next;
		desc = &w->table[w->at];
	}
	w->begun = true;
	if (!(desc->flags & VRING_DESC_F_INDIRECT))
		return desc;
	w->num = desc->len / sizeof(*desc);
	w->table = w->num ? device__at(d, desc->addr, desc->len) : NULL;
	w->at = 0;
	return w->table;
}

/* Data of a request, from or to the disk at @at; returns how much of it was written. */
static uint32_t transfer(struct blk *b, uint32_t type, uint64_t at, void *mem, uint32_t len)
{
	switch (type) {
	case VIRTIO_BLK_T_IN:
		memcpy(mem, b->disk + at, len);
		return len;
	case VIRTIO_BLK_T_GET_ID:
		strncpy(mem, b->name, len);
		return len;
	case VIRTIO_BLK_T_OUT:
		memcpy(b->disk + at, mem, len);
		return 0;
	default:
		return 0;
	}
}

/* Serves the buffer @head; returns what was written, or -1 if it makes no sense. */
static int64_t serve(struct blk *b, struct vring_desc *ring, uint16_t head)
{
	struct walk w = { .table = ring, .num = b->device->num, .at = head };
	const struct virtio_blk_outhdr *h = NULL;
	struct vring_desc *desc;
	uint32_t written = 0;
	uint64_t at = 0;
	uint8_t *mem;

	while ((desc = next_desc(b->device, &w))) {
		mem = device__at(b->device, desc->addr, desc->len);
		if (!mem)
			return -1;
		if (!h) {
			h = (void *)mem;
			at = h->sector * SECTOR;
		} else if (desc->flags & VRING_DESC_F_WRITE && desc->len == 1) {
			*mem = VIRTIO_BLK_S_OK;
			return written + 1;
		} else if (at + desc->len <= b->size) {
			written += transfer(b, h->type, at, mem, desc->len);
			at += desc->len;
		}
	}
	return -1;
}

static void tell(struct blk *b, struct vring_desc *ring, struct vring_used_elem *e)
{
	uint32_t head = e->id;

	b->lie->tell(ring, b->device->num, e);
	printf("{\"type\":\"lie\",\"name\":\"%s\",\"head\":%u,\"served\":%llu}\n", b->lie->name,
	       head, (unsigned long long)b->served);
	b->lie = NULL;
}

int blk__serve(struct blk *b)
{
	struct device *d = b->device;
	struct vring_desc *ring = device__at(d, d->desc, d->num * sizeof(*ring));
	struct vring_avail *avail = device__at(d, d->driver, sizeof(*avail) + 2 * d->num);
	struct vring_used *used = device__at(d, d->device, sizeof(*used) + 8 * d->num);
	uint64_t served = b->served;

	if (!ring || !avail || !used)
		return -EFAULT;
	while (b->next != __atomic_load_n(&avail->idx, __ATOMIC_ACQUIRE)) {
		struct vring_used_elem e = { .id = avail->ring[b->next % d->num] };
		int64_t written = e.id < d->num ? serve(b, ring, e.id) : -1;

		if (written < 0)
			return -EPROTO;
		e.len = written;
		if (b->lie && b->served >= b->after)
			tell(b, ring, &e);
		used->ring[b->next % d->num] = e;
		b->next++;
		b->served++;
		__atomic_store_n(&used->idx, b->next, __ATOMIC_RELEASE);
	}
	return served == b->served ? 0 : device__interrupt(d);
}
