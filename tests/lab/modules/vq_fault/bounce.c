// SPDX-License-Identifier: GPL-2.0
/* Faults of bounce buffers. They need a guest that bounces everything: swiotlb=force. */
#include <linux/kprobes.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>

#include "faults.h"

#define NEEDS_BOUNCE "memory is not bounced for this device (boot with swiotlb=force)"

static struct device *dma_dev(struct fault_dev *d)
{
	return d->vdev->dev.parent;
}

static int needs_bounce(struct fault_dev *d)
{
	if (virtio_has_feature(d->vdev, VIRTIO_F_ACCESS_PLATFORM) &&
	    is_swiotlb_force_bounce(dma_dev(d)))
		return 0;
	return refuse(d, -EOPNOTSUPP, NEEDS_BOUNCE);
}

int do_dma_window(struct fault_dev *d)
{
	int err = needs_bounce(d);

	return err ?: buffers_add_at_home(d);
}

/* More is copied back than there is; the kernel warns, and copies what there is. */
int do_swiotlb_size(struct fault_dev *d)
{
	int err = needs_bounce(d);
	dma_addr_t addr;
	void *bytes;

	if (err)
		return err;
	bytes = kzalloc(2 * BYTES, GFP_KERNEL);
	if (!bytes)
		return -ENOMEM;
	addr = dma_map_single(dma_dev(d), bytes, BYTES, DMA_FROM_DEVICE);
	if (dma_mapping_error(dma_dev(d), addr)) {
		err = -ENOMEM;
	} else {
		dma_sync_single_for_cpu(dma_dev(d), addr, 2 * BYTES, DMA_FROM_DEVICE);
		dma_unmap_single(dma_dev(d), addr, BYTES, DMA_FROM_DEVICE);
	}
	kfree(bytes);
	return err;
}

static struct {
	struct device *dev;
	dma_addr_t addr;
} stale;

/* In the place of swiotlb_map(): a slot that was used before, as it was left. */
static dma_addr_t map_stale(struct device *dev, phys_addr_t paddr, size_t size,
			    enum dma_data_direction dir, unsigned long attrs)
{
	return stale.addr;
}

static int redirect(struct kprobe *p, struct pt_regs *regs)
{
	if ((struct device *)regs->di != stale.dev)
		return 0;
	regs->ip = (unsigned long)map_stale;
	return 1;
}

/* A slot of the pool that nobody has. */
static int find_stale(struct fault_dev *d)
{
	void *bytes = kzalloc(BYTES, GFP_KERNEL);

	if (!bytes)
		return -ENOMEM;
	stale.dev = dma_dev(d);
	stale.addr = dma_map_single(stale.dev, bytes, BYTES, DMA_TO_DEVICE);
	if (!dma_mapping_error(stale.dev, stale.addr))
		dma_unmap_single(stale.dev, stale.addr, BYTES, DMA_TO_DEVICE);
	kfree(bytes);
	return dma_mapping_error(stale.dev, stale.addr);
}

int do_swiotlb_leak(struct fault_dev *d)
{
	struct kprobe probe = { .symbol_name = "swiotlb_map", .pre_handler = redirect };
	int err = needs_bounce(d) ?: find_stale(d) ?: register_kprobe(&probe);

	if (err)
		return err;
	err = buffers_add(d, 0, 1, BYTES);
	unregister_kprobe(&probe);
	return err;
}
