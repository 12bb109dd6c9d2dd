/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's types, as far as they are read. Offsets come from the running
 * kernel's BTF; a field that a version lacks is tested for where it is read.
 */
#ifndef BPF_VRING_H
#define BPF_VRING_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next, *prev;
};

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};

/* Eleven numbers; of the user's ABI, so they stay where they are. */
struct clone_args {
	__u64 flags;
};

struct kobject {
	const char *name;
};

/* A row of sysctl. */
struct ctl_table {
	const char *procname;
	void *data;
};

/* Bounce buffers (swiotlb). */
struct io_tlb_slot {
	__u64 orig_addr;
	__u64 alloc_size;
};

struct io_tlb_pool {
	__u64 start;
	__u64 end;
	struct io_tlb_slot *slots;
};

struct io_tlb_mem {
	_Bool force_bounce;
	_Bool for_alloc;
	struct io_tlb_pool defpool;
};

/* Before 6.6, a memory is a pool. */
struct io_tlb_mem___6_1 {
	__u64 start;
	__u64 end;
	struct io_tlb_slot *slots;
};

/* With CONFIG_SWIOTLB_DYNAMIC it can have more. */
struct io_tlb_mem___dynamic {
	_Bool can_grow;
};

struct device_dma_parameters {
	unsigned int min_align_mask;
};

struct device {
	struct device *parent;
	struct kobject kobj;
	const void *dma_ops;
	const void *dma_range_map;
	struct device_dma_parameters *dma_parms;
	struct io_tlb_mem *dma_io_tlb_mem;
};

/* Whether an IOMMU translates: a bit since 6.12, and a flag in 7.x. */
struct device___6_12 {
	_Bool dma_iommu : 1;
};

struct device___7 {
	unsigned long flags[1];
};

enum struct_device_flags {
	DEV_FLAG_DMA_IOMMU,
};

struct virtio_device_id {
	__u32 device;
};

struct virtio_device {
	int index;
	struct list_head vqs;
	struct device dev;
	struct virtio_device_id id;
	__u64 features;
};

/* Linux 7: what maps for VDUSE. */
struct virtio_device___7 {
	const void *map;
};

struct virtqueue {
	struct list_head list;
	const char *name;
	struct virtio_device *vdev;
	unsigned int index;
	unsigned int num_free;
};

struct virtio_pci_modern_device {
	int version;
};

struct virtio_pci_device {
	struct virtio_device vdev;
	struct virtio_pci_modern_device mdev;
};

struct vring_desc {
	__u64 addr;
	__u32 len;
	__u16 flags;
	__u16 next;
};

struct vring_packed_desc {
	__u64 addr;
	__u32 len;
	__u16 id;
	__u16 flags;
};

struct vring_desc_extra {
	__u64 addr;
	__u32 len;
	__u16 flags;
	__u16 next;
};

struct vring_used_elem {
	__u32 id;
	__u32 len;
};

struct vring_used {
	__u16 flags;
	__u16 idx;
};

struct vring_avail {
	__u16 flags;
	__u16 idx;
};

#define VRING_AVAIL_RING 4 /* its entries follow at this offset */

struct vring_packed_desc_event {
	__u16 off_wrap;
	__u16 flags;
};

#define VRING_USED_RING 4 /* its elements follow at this offset */

struct vring_desc_state_split {
	void *data;
	struct vring_desc *indir_desc;
	_Bool premapped; /* with our series, from 7.x on */
};

struct vring_desc_state_packed {
	void *data;
	struct vring_packed_desc *indir_desc;
	__u16 num;
	_Bool premapped;
};

struct vring {
	unsigned int num;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
};

struct vring_virtqueue_split {
	struct vring vring;
	__u16 avail_flags_shadow;
	__u16 avail_idx_shadow;
	struct vring_desc_state_split *desc_state;
	struct vring_desc_extra *desc_extra;
};

struct vring_virtqueue_packed {
	struct {
		unsigned int num;
		struct vring_packed_desc *desc;
		struct vring_packed_desc_event *driver;
		struct vring_packed_desc_event *device;
	} vring;
	__u16 next_avail_idx;
	_Bool avail_wrap_counter;
	__u16 event_flags_shadow;
	struct vring_desc_state_packed *desc_state;
	struct vring_desc_extra *desc_extra;
};

/* Our series, 6.1: what a program may write. */
struct vq_verdict {
	int action;
};

enum vq_layout {
	VQ_LAYOUT_SPLIT,
	VQ_LAYOUT_PACKED,
	VQ_LAYOUT_SPLIT_IN_ORDER,
	VQ_LAYOUT_PACKED_IN_ORDER,
};

/* Linux 7: what packed_ring, use_dma_api and dma_dev became. */
struct vduse_vq_group;

union virtio_map {
	struct device *dma_dev;
	struct vduse_vq_group *group;
};

struct vring_virtqueue___7 {
	_Bool use_map_api;
	enum vq_layout layout;
	union virtio_map map;
};

struct vring_virtqueue {
	struct virtqueue vq;
	_Bool packed_ring;
	_Bool use_dma_api;
	_Bool broken;
	_Bool indirect;
	_Bool event;
	_Bool event_triggered;
	_Bool do_unmap;
	_Bool premapped;
	unsigned int num_added;
	unsigned int free_head;
	__u16 last_used_idx;
	struct device *dma_dev; /* 6.3 to 6.17 */
	union {
		struct vring_virtqueue_split split;
		struct vring_virtqueue_packed packed;
	};
};

/* VDUSE. */
struct vduse_iova_domain {
	unsigned long bounce_size;
};

struct vduse_as {
	struct vduse_iova_domain *domain;
};

struct vduse_vq_group {
	struct vduse_as *as;
};

/* Before Linux 7. */
struct vduse_dev {
	struct vduse_iova_domain *domain;
};

struct vdpa_device {
	struct device dev;
};

struct vduse_vdpa {
	struct vdpa_device vdpa;
	struct vduse_dev *dev;
};

#pragma clang attribute pop

#endif
