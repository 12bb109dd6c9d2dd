// SPDX-License-Identifier: GPL-2.0
/* Faults of DMA mappings. What a word does is made good where the core would stumble over it. */
#include <linux/kprobes.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "faults.h"

#define NEEDS_MAPPING "memory is not mapped for this device (boot with iommu_platform=on)"

static bool maps(struct fault_dev *d)
{
	return virtio_has_feature(d->vdev, VIRTIO_F_ACCESS_PLATFORM);
}

static void *token_of(struct vring_virtqueue *vq, int id)
{
	return ring_is_packed(&vq->vq) ? vq->packed.desc_state[id].data
				       : vq->split.desc_state[id].data;
}

static void unmap(struct fault_dev *d, dma_addr_t addr)
{
	dma_unmap_single(d->vdev->dev.parent, addr, BYTES, DMA_FROM_DEVICE);
}

int do_dma_unmapped(struct fault_dev *d)
{
	if (!maps(d))
		return refuse(d, -EOPNOTSUPP, NEEDS_MAPPING);
	if (!takes_premapped())
		return refuse(d, -EOPNOTSUPP, NEEDS_PREMAPPED);
	return buffers_add_mapped(d, DMA_FROM_DEVICE, false);
}

int do_dma_direction(struct fault_dev *d)
{
	if (!maps(d))
		return refuse(d, -EOPNOTSUPP, NEEDS_MAPPING);
	if (!takes_premapped())
		return refuse(d, -EOPNOTSUPP, NEEDS_PREMAPPED);
	return buffers_add_mapped(d, DMA_TO_DEVICE, true);
}

int do_dma_early_unmap(struct fault_dev *d)
{
	void *token;
	int err;

	if (!maps(d))
		return refuse(d, -EOPNOTSUPP, NEEDS_MAPPING);
	err = buffers_add(d, 0, 1, BYTES);
	if (err)
		return err;
	token = token_of(to_vvq(d->vq), outstanding(to_vvq(d->vq)));
	unmap(d, buffer_addr(d, token));
	buffer_remap(d, token);
	return 0;
}

int do_dma_unmap_twice(struct fault_dev *d)
{
	dma_addr_t addr;
	int err;

	if (!maps(d))
		return refuse(d, -EOPNOTSUPP, NEEDS_MAPPING);
	err = have_one_completed(d);
	if (err)
		return err;
	addr = buffer_addr(d, token_of(to_vvq(d->vq), outstanding(to_vvq(d->vq))));
	buffers_reap(d);
	unmap(d, addr);
	return 0;
}

/* Has the core believe that the buffer is not its own to unmap. */
static void reap_mapped(struct fault_dev *d)
{
	struct vring_virtqueue *vq = to_vvq(d->vq);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	extra_of(vq, outstanding(vq))->addr = DMA_MAPPING_ERROR;
	buffers_reap(d);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	vq->do_unmap = false;
	buffers_reap(d);
	vq->do_unmap = true;
#else
	vq->use_dma_api = false;
	buffers_reap(d);
	vq->use_dma_api = true;
#endif
}

int do_dma_leak(struct fault_dev *d)
{
	int err;

	if (!maps(d))
		return refuse(d, -EOPNOTSUPP, NEEDS_MAPPING);
	err = have_one_completed(d);
	if (!err)
		reap_mapped(d);
	return err;
}

int do_dma_overlap(struct fault_dev *d)
{
	if (!maps(d))
		return refuse(d, -EOPNOTSUPP, NEEDS_MAPPING);
	return buffers_add_over(d);
}

static struct {
	struct device *dev;
	void *bytes;
	dma_addr_t addr;
} orphan;

/* The core cleans up: now there is a mapping more than it knows of. */
static int leave_one(struct kprobe *p, struct pt_regs *regs)
{
	if ((struct device *)regs->di != orphan.dev || orphan.addr)
		return 0;
	orphan.addr = dma_map_single(orphan.dev, orphan.bytes, BYTES, DMA_FROM_DEVICE);
	return 0;
}

/* Its memory stays mapped, so nobody else is to have it. */
int do_dma_map_error(struct fault_dev *d)
{
	struct kprobe probe = { .symbol_name = "dma_unmap_page_attrs", .pre_handler = leave_one };
	int err;

	if (!maps(d))
		return refuse(d, -EOPNOTSUPP, NEEDS_MAPPING);
	orphan.dev = d->vdev->dev.parent;
	orphan.addr = 0;
	orphan.bytes = kzalloc(BYTES, GFP_KERNEL | GFP_DMA); /* below any limit */
	err = orphan.bytes ? register_kprobe(&probe) : -ENOMEM;
	if (err)
		return err;
	err = buffers_add_unmappable(d);
	unregister_kprobe(&probe);
	if (!err)
		return refuse(d, -EINVAL, "the add did not fail");
	if (!orphan.addr || dma_mapping_error(orphan.dev, orphan.addr))
		return refuse(d, -EINVAL, "nothing was unmapped, or mapped instead");
	return 0;
}
