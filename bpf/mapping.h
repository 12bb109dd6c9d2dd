/* SPDX-License-Identifier: GPL-2.0 */
/* How what the driver publishes is mapped for the device: as the kernel has it, not as it is used.
 */
#ifndef BPF_MAPPING_H
#define BPF_MAPPING_H

#include "snapshot.h"

/* The device that buffers are mapped for: virtio's parent, unless the transport said otherwise. */
static __always_inline struct device *read_dma_dev(struct vring_virtqueue *v,
						   struct virtio_device *vdev)
{
	if (bpf_core_field_exists(((struct vring_virtqueue *)0)->dma_dev))
		return vring_read(v, dma_dev);
	if (bpf_core_field_exists(((struct vring_virtqueue___7 *)0)->map))
		return kernel_read(vring_virtqueue___7, v, map.dma_dev);
	return kernel_read(virtio_device, vdev, dev.parent);
}

/* Whether the virtio device brings its own operations, and no device to map for. */
static __always_inline int read_own_map(struct virtio_device *vdev)
{
	if (!bpf_core_field_exists(((struct virtio_device___7 *)0)->map))
		return 0;
	return kernel_read(virtio_device___7, vdev, map) != 0;
}

static __always_inline int read_own_ops(struct device *dev)
{
	if (!bpf_core_field_exists(((struct device *)0)->dma_ops))
		return 0;
	return kernel_read(device, dev, dma_ops) != 0;
}

/* What swiotlb does for a device; a kernel without swiotlb bounces nothing. */
static __always_inline __u8 read_bounce(struct device *dev)
{
	struct io_tlb_mem *mem;
	__u8 dma = 0;

	if (!bpf_core_field_exists(((struct device *)0)->dma_io_tlb_mem))
		return 0;
	mem = kernel_read(device, dev, dma_io_tlb_mem);
	if (!mem)
		return 0;
	if (kernel_read(io_tlb_mem, mem, force_bounce))
		dma |= VQA_DMA_FORCE_BOUNCE;
	if (kernel_read(io_tlb_mem, mem, for_alloc))
		dma |= VQA_DMA_RESTRICTED;
	return dma;
}

/* An enum vqa_dma mask. */
verified_once int read_mapping(__u64 vq)
{
	struct vring_virtqueue *v = (void *)vq;
	struct virtio_device *vdev = kernel_read(virtqueue, v, vdev);
	struct device *dev;

	if (!vdev)
		return 0;
	if (read_own_map(vdev))
		return VQA_DMA_KNOWN | VQA_DMA_OWN_OPS;
	dev = read_dma_dev(v, vdev);
	if (!dev)
		return 0;
	return VQA_DMA_KNOWN | (read_own_ops(dev) ? VQA_DMA_OWN_OPS : 0) | read_bounce(dev);
}

#endif
