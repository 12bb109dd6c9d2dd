// SPDX-License-Identifier: GPL-2.0
/*
 * A full IOMMU domain: a limit on what the device may address, and so many mappings below it that
 * a buffer of three parts finds room for two. The kernel has no fault to inject there: failslab
 * fails the table of an indirect buffer, which is then published without.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/slab.h>

#include "faults.h"

enum { LIMIT = SZ_1M - 1, PLACES = SZ_1M / PAGE_SIZE, LEFT = 2, FLUSH_MS = 200 };

#define NEEDS_IOMMU "no IOMMU translates for this device (boot with --device iommu)"

static struct {
	struct device *dev;
	void *page;
	dma_addr_t addr[PLACES];
	unsigned int n;
} full;

static dma_addr_t map_page(void)
{
	return dma_map_single(full.dev, full.page, PAGE_SIZE, DMA_FROM_DEVICE);
}

static void unmap_to(unsigned int n)
{
	while (full.n > n)
		dma_unmap_single(full.dev, full.addr[--full.n], PAGE_SIZE, DMA_FROM_DEVICE);
}

/* Until there is no room, and then some. What is unmapped is room once the IOMMU was told so. */
static int fill(void)
{
	dma_addr_t addr = map_page();

	while (!dma_mapping_error(full.dev, addr)) {
		if (full.n == PLACES) {
			dma_unmap_single(full.dev, addr, PAGE_SIZE, DMA_FROM_DEVICE);
			return -ENOSPC;
		}
		full.addr[full.n++] = addr;
		addr = map_page();
	}
	if (full.n < LEFT)
		return -ENOSPC;
	unmap_to(full.n - LEFT);
	msleep(FLUSH_MS);
	return 0;
}

static bool left_one;

/* The core cleans up: now there is a mapping more than it knows of, beyond the limit. */
static int leave_one(struct kprobe *p, struct pt_regs *regs)
{
	if ((struct device *)regs->di != full.dev || left_one)
		return 0;
	left_one = true;
	full.dev->bus_dma_limit = 0;
	left_one = !dma_mapping_error(full.dev, map_page());
	full.dev->bus_dma_limit = LIMIT;
	return 0;
}

static struct kprobe probe = { .symbol_name = "dma_unmap_page_attrs", .pre_handler = leave_one };

/* What should fail does, for want of room: without a part, there is enough. */
static int add_to_full(struct fault_dev *d, bool leave)
{
	int err = fill();

	if (err)
		return refuse(d, err, "the domain has more room than it should have, or less");
	left_one = false;
	err = leave ? register_kprobe(&probe) : 0;
	if (err)
		return err;
	err = buffers_add(d, 0, LEFT + 1, BYTES);
	if (leave)
		unregister_kprobe(&probe);
	if (!err)
		return refuse(d, -EINVAL, "the add did not fail");
	if (leave && !left_one)
		return refuse(d, -EINVAL, "nothing was unmapped, or mapped instead");
	msleep(FLUSH_MS);
	return buffers_add(d, 0, LEFT, BYTES);
}

/* What is left stays mapped, so nobody else is to have its memory. */
static int with_full(struct fault_dev *d, bool leave)
{
	int err;

	full.dev = d->vdev->dev.parent;
	if (!virtio_has_feature(d->vdev, VIRTIO_F_ACCESS_PLATFORM) ||
	    !device_iommu_mapped(full.dev))
		return refuse(d, -EOPNOTSUPP, NEEDS_IOMMU);
	full.page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!full.page)
		return -ENOMEM;
	full.dev->bus_dma_limit = LIMIT;
	err = add_to_full(d, leave);
	full.dev->bus_dma_limit = 0;
	unmap_to(0);
	if (!leave)
		free_page((unsigned long)full.page);
	return err;
}

int do_dma_full(struct fault_dev *d)
{
	return with_full(d, false);
}

int do_dma_full_error(struct fault_dev *d)
{
	return with_full(d, true);
}
