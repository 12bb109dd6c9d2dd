/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VDUSE: the device is a process, and its buffers are bounced to a domain of their own.
 * Up to Linux 6.12 that is one of the DMA API's; from 7.0 on the queue maps there itself.
 * The types are those of the module vduse, which no direct load can name: all is probed.
 */
#ifndef BPF_VDUSE_H
#define BPF_VDUSE_H

#include "snapshot.h"

#define vduse_read(type, addr, member)                                                           \
	probe_word(                                                                              \
		(__u64)__builtin_preserve_access_index(&((struct type *)(__u64)(addr))->member), \
		sizeof(((struct type *)0)->member))

extern const void vduse_map_ops __ksym __weak;
extern const void vduse_dev_dma_ops __ksym __weak;

/* From 7.0 on. Returns its address; 0 if the queue is another device's, or the module came late. */
static __always_inline __u64 vduse_domain_of_queue(struct vring_virtqueue *v,
						   struct virtio_device *vdev)
{
	__u64 group, as;

	if (!&vduse_map_ops || !bpf_core_field_exists(((struct vduse_vq_group *)0)->as) ||
	    !bpf_core_field_exists(((struct vduse_as *)0)->domain) ||
	    !bpf_core_field_exists(((struct virtio_device___7 *)0)->map) ||
	    kernel_read(virtio_device___7, vdev, map) != &vduse_map_ops)
		return 0;
	group = vduse_read(vring_virtqueue___7, v, map.group);
	as = group ? vduse_read(vduse_vq_group, group, as) : 0;
	return as ? vduse_read(vduse_as, as, domain) : 0;
}

/* Before. */
static __always_inline __u64 vduse_domain_of_device(struct device *dev)
{
	__u64 vdpa, vduse;

	if (!&vduse_dev_dma_ops || !bpf_core_field_exists(((struct vduse_dev *)0)->domain) ||
	    !bpf_core_field_exists(((struct vduse_vdpa *)0)->dev) ||
	    !bpf_core_field_exists(((struct device *)0)->dma_ops) ||
	    kernel_read(device, dev, dma_ops) != &vduse_dev_dma_ops)
		return 0;
	vdpa = (__u64)dev - bpf_core_field_offset(struct vdpa_device, dev);
	vduse = vduse_read(vduse_vdpa, vdpa - bpf_core_field_offset(struct vduse_vdpa, vdpa), dev);
	return vduse ? vduse_read(vduse_dev, vduse, domain) : 0;
}

/* Where streaming mappings lie in it. */
static __always_inline int vduse_window(__u64 domain, struct vqa_window *w)
{
	__u64 size;

	if (!domain || !bpf_core_field_exists(((struct vduse_iova_domain *)0)->bounce_size))
		return 0;
	size = vduse_read(vduse_iova_domain, domain, bounce_size);
	if (!size)
		return 0;
	w->first = 0;
	w->last = size - 1;
	return 1;
}

#endif
