// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>

#include "vq_fault.h"

enum { MAX_PARTS = 32, PART_BYTES = 64, UNMAPPABLE_BYTES = 512 * 1024 };

struct buffer {
	struct scatterlist sg[MAX_PARTS];
	u8 bytes[MAX_PARTS][PART_BYTES];
};

/* Lengths beyond PART_BYTES are a lie that only the device would pay for: do not kick those. */
static struct buffer *buffer_new(unsigned int parts, u32 bytes)
{
	struct buffer *b;
	unsigned int i;

	if (parts > MAX_PARTS)
		return NULL;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return NULL;
	sg_init_table(b->sg, parts);
	for (i = 0; i < parts; i++) {
		sg_set_buf(&b->sg[i], b->bytes[i], PART_BYTES);
		b->sg[i].length = bytes;
	}
	return b;
}

static int buffer_publish(struct virtqueue *vq, struct buffer *b, unsigned int out, unsigned int in)
{
	struct scatterlist *sgs[MAX_PARTS], table[MAX_PARTS];
	unsigned int i;
	int err;

	/* Each part is a list of its own, as the core wants readable and writable ones apart. */
	for (i = 0; i < out + in; i++) {
		table[i] = b->sg[i];
		sg_mark_end(&table[i]);
		sgs[i] = &table[i];
	}
	err = virtqueue_add_sgs(vq, sgs, out, in, b, GFP_KERNEL);
	if (err)
		kfree(b);
	return err;
}

int buffers_add(struct fault_dev *d, unsigned int out, unsigned int in, u32 bytes)
{
	struct buffer *b = buffer_new(out + in, bytes);

	if (!b)
		return -ENOMEM;
	return buffer_publish(d->vq, b, out, in);
}

/* A queue that nothing ever passed through is unknown to whoever looks from outside the core. */
int buffers_pass(struct virtqueue *vq)
{
	struct buffer *b = buffer_new(1, PART_BYTES);
	int err;

	if (!b)
		return -ENOMEM;
	err = buffer_publish(vq, b, 0, 1);
	if (!err)
		kfree(virtqueue_detach_unused_buf(vq));
	return err;
}

/*
 * The first two parts lie below the limit of what the device may address; the third goes beyond it,
 * and is too long to be bounced. A core that cleans up badly leaves the second one published: the
 * first, the head, is published last.
 */
int buffers_add_unmappable(struct fault_dev *d)
{
	struct device *dma = d->vdev->dev.parent;
	struct buffer *b = buffer_new(3, PART_BYTES);
	u64 limit = dma->bus_dma_limit;
	int err;

	if (!b)
		return -ENOMEM;
	b->sg[2].length = UNMAPPABLE_BYTES;
	if (!is_swiotlb_force_bounce(dma)) /* it would find no room below that limit */
		dma->bus_dma_limit = virt_to_phys(b->bytes[2]) + PART_BYTES;
	err = buffer_publish(d->vq, b, 0, 3);
	dma->bus_dma_limit = limit;
	return err;
}

unsigned int buffers_reap(struct fault_dev *d)
{
	unsigned int len, n = 0;
	void *b;

	while ((b = virtqueue_get_buf(d->vq, &len))) {
		kfree(b);
		n++;
	}
	return n;
}

void buffers_drop(struct fault_dev *d)
{
	void *b;

	while ((b = virtqueue_detach_unused_buf(d->vq)))
		kfree(b);
}
