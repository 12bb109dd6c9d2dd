// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>
#include <linux/version.h>

#include "vq_fault.h"

enum { MAX_PARTS = 32, PART_BYTES = 64, UNMAPPABLE_BYTES = 512 * 1024 };

struct buffer {
	bool kept; /* its memory stays mapped, so nobody else is to have it */
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

static void buffer_free(struct buffer *b)
{
	if (b && !b->kept)
		kfree(b);
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
		buffer_free(virtqueue_detach_unused_buf(vq));
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

/* A part that the device may write, at an address that was mapped, or was not. */
static int buffer_publish_at(struct virtqueue *vq, struct buffer *b, dma_addr_t addr)
{
	int err;

	sg_dma_address(b->sg) = addr;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	sg_dma_len(b->sg) = PART_BYTES;
	err = virtqueue_add_inbuf_premapped(vq, b->sg, 1, b, NULL, GFP_KERNEL);
#else
	to_vvq(vq)->premapped = true;
	err = virtqueue_add_inbuf(vq, b->sg, 1, b, GFP_KERNEL);
	to_vvq(vq)->premapped = false;
#endif
	if (err)
		kfree(b);
	return err;
}

int buffers_add_at_home(struct fault_dev *d)
{
	struct buffer *b;

	if (!takes_premapped())
		return refuse(d, -EOPNOTSUPP, NEEDS_PREMAPPED);
	b = buffer_new(1, PART_BYTES);
	if (!b)
		return -ENOMEM;
	return buffer_publish_at(d->vq, b, virt_to_phys(b->bytes[0]));
}

/*
 * Published while it is mapped for another direction, or not any more. Then it is mapped as the
 * core is to find it: addresses are physical, so it is the same one.
 */
int buffers_add_mapped(struct fault_dev *d, enum dma_data_direction dir, bool mapped)
{
	struct device *dma = d->vdev->dev.parent;
	struct buffer *b = buffer_new(1, PART_BYTES);
	dma_addr_t addr;
	int err;

	if (!b)
		return -ENOMEM;
	b->kept = true;
	addr = dma_map_single(dma, b->bytes[0], PART_BYTES, dir);
	if (!mapped)
		dma_unmap_single(dma, addr, PART_BYTES, dir);
	err = buffer_publish_at(d->vq, b, addr);
	if (!err)
		dma_map_single(dma, b->bytes[0], PART_BYTES, DMA_FROM_DEVICE);
	if (mapped)
		dma_unmap_single(dma, addr, PART_BYTES, dir);
	return err;
}

/* Two buffers, the second one where the first one lies. */
int buffers_add_over(struct fault_dev *d)
{
	struct buffer *b = buffer_new(1, PART_BYTES), *over = buffer_new(1, PART_BYTES);
	int err = -ENOMEM;

	if (!b || !over)
		goto drop;
	b->kept = true; /* the device has it twice, and gives it back once at a time */
	sg_set_buf(over->sg, b->bytes[0], PART_BYTES);
	err = buffer_publish(d->vq, b, 0, 1);
	return err ?: buffer_publish(d->vq, over, 0, 1);
drop:
	kfree(b);
	kfree(over);
	return err;
}

/* Where the only part of a buffer in flight is mapped; @b is the driver's token for it. */
dma_addr_t buffer_addr(struct fault_dev *d, void *token)
{
	return virt_to_phys(((struct buffer *)token)->bytes[0]);
}

void buffer_remap(struct fault_dev *d, void *token)
{
	struct buffer *b = token;

	dma_map_single(d->vdev->dev.parent, b->bytes[0], PART_BYTES, DMA_FROM_DEVICE);
}

unsigned int buffers_reap(struct fault_dev *d)
{
	unsigned int len, n = 0;
	void *b;

	while ((b = virtqueue_get_buf(d->vq, &len))) {
		buffer_free(b);
		n++;
	}
	return n;
}

void buffers_drop(struct fault_dev *d)
{
	void *b;

	while ((b = virtqueue_detach_unused_buf(d->vq)))
		buffer_free(b);
}
