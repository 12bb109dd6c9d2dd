/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows: where a device can, or may, reach. What is published to it must lie
 * there. Pure, and shared by the BPF programs and user space.
 */
#ifndef VQ_AUDIT_WINDOW_H
#define VQ_AUDIT_WINDOW_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/*
 * Who says where a device may reach: X(ID, name). Of several, the last one in this
 * list that says something is believed.
 */
#define VQA_WINDOW_SOURCES(X)                                            \
	X(NONE, "none") /* nobody: any address will do */                \
	X(SWIOTLB, "swiotlb") /* the kernel, which bounces all there */  \
	X(XEN, "xen") /* an address is a grant reference */              \
	X(VDUSE, "vduse") /* the domain that it is bounced to */         \
	X(PCI_SWIOTLB, "pci-swiotlb") /* the device, VIRTIO_F_SWIOTLB */ \
	X(PCI_DMB, "pci-dmb") /* the device, VIRTIO_F_DMB: offsets */    \
	X(OPERATOR, "operator") /* --window */

enum vqa_window_source {
#define X(id, name) VQA_WINDOW_##id,
	VQA_WINDOW_SOURCES(X)
#undef X
		VQA_WINDOW_SOURCE_COUNT,
};

#define VQA_WINDOW_MAX 4 /* windows of a device */

/** struct vqa_window - addresses, as the device is told them */
struct vqa_window {
	__u64 first;
	__u64 last; /* the last byte, so that a window can reach to the end */
};

/** struct vqa_windows - those of a device; with none, it may reach anywhere */
struct vqa_windows {
	struct vqa_window window[VQA_WINDOW_MAX];
	__u32 n;
	__u32 source; /* enum vqa_window_source */
};

#define VQA_XEN_GRANT (1ULL << 63) /* of an address: XEN_GRANT_DMA_ADDR_OFF */

/** vqa_window_holds() - whether @len bytes at @addr lie in a window; of no bytes, the address */
static inline int vqa_window_holds(const struct vqa_window *w, __u64 addr, __u32 len)
{
	__u64 behind = len ? len - 1 : 0;

	return addr >= w->first && addr <= w->last && w->last - addr >= behind;
}

/** vqa_windows_hold() - whether they lie in one of a device's, which it must have */
static inline int vqa_windows_hold(const struct vqa_windows *w, __u64 addr, __u32 len)
{
	__u32 i;

	for (i = 0; i < VQA_WINDOW_MAX; i++)
		if (i < w->n && vqa_window_holds(&w->window[i], addr, len))
			return 1;
	return 0;
}

#endif
