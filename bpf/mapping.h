/* SPDX-License-Identifier: GPL-2.0 */
/* How what the driver publishes is mapped for the device: as the kernel has it, not as it is used.
 */
#ifndef BPF_MAPPING_H
#define BPF_MAPPING_H

#include "snapshot.h"
#include "vq_audit/window.h"

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

static __always_inline int read_translated(struct device *dev)
{
	struct device___6_12 *bit = (void *)dev;

	if (bpf_core_field_exists(bit->dma_iommu))
		return BPF_CORE_READ_BITFIELD_PROBED(bit, dma_iommu);
	if (bpf_core_enum_value_exists(enum struct_device_flags, DEV_FLAG_DMA_IOMMU))
		return kernel_read(device___7, dev, flags[0]) >>
			       bpf_core_enum_value(enum struct_device_flags, DEV_FLAG_DMA_IOMMU) &
		       1;
	return 0; /* before, an IOMMU had operations of its own */
}

/* Whether the device is told physical addresses as they are. */
static __always_inline int read_untranslated(struct device *dev)
{
	if (!vqa_identity || read_own_ops(dev) || read_translated(dev))
		return 0;
	return !bpf_core_field_exists(((struct device *)0)->dma_range_map) ||
	       !kernel_read(device, dev, dma_range_map);
}

/* NULL in a kernel without swiotlb. */
static __always_inline struct io_tlb_mem *read_bounce_memory(struct device *dev)
{
	if (!bpf_core_field_exists(((struct device *)0)->dma_io_tlb_mem))
		return 0;
	return kernel_read(device, dev, dma_io_tlb_mem);
}

/* Where it lies; 0 if that is not all, or there is none. */
static __always_inline int read_bounce_window(struct io_tlb_mem *mem, struct vqa_window *w)
{
	__u64 behind;

	if (bpf_core_field_exists(((struct io_tlb_mem___dynamic *)0)->can_grow) &&
	    kernel_read(io_tlb_mem___dynamic, mem, can_grow))
		return 0;
	if (bpf_core_field_exists(((struct io_tlb_mem *)0)->defpool)) {
		w->first = kernel_read(io_tlb_mem, mem, defpool.start);
		behind = kernel_read(io_tlb_mem, mem, defpool.end);
	} else {
		w->first = kernel_read(io_tlb_mem___6_1, mem, start);
		behind = kernel_read(io_tlb_mem___6_1, mem, end);
	}
	w->last = behind - 1;
	return behind > w->first;
}

static __always_inline struct io_tlb_slot *read_bounce_slots(struct io_tlb_mem *mem)
{
	if (bpf_core_field_exists(((struct io_tlb_mem *)0)->defpool))
		return kernel_read(io_tlb_mem, mem, defpool.slots);
	return kernel_read(io_tlb_mem___6_1, mem, slots);
}

/* What swiotlb does for a device; a kernel without swiotlb bounces nothing. */
static __always_inline __u8 read_bounce(struct device *dev)
{
	struct io_tlb_mem *mem = read_bounce_memory(dev);
	__u8 dma = 0;

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
