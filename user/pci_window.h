/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of its own that a virtio-pci device offers for what is published to it. */
#ifndef VQA_USER_PCI_WINDOW_H
#define VQA_USER_PCI_WINDOW_H

#include <stddef.h>

#include "vq_audit/window.h"

#define PCI_WINDOW_BARS 6

/** struct pci_window_bar - where a base address register leads; of no bytes: nowhere */
struct pci_window_bar {
	__u64 start; /* physical address, as in sysfs's "resource" */
	__u64 size; /* bytes */
};

/** struct pci_window_device - what a device says of itself, and may lie about */
struct pci_window_device {
	const __u8 *config; /* its configuration space */
	size_t size; /* bytes of that which could be read */
	struct pci_window_bar bar[PCI_WINDOW_BARS];
};

/**
 * pci_window__swiotlb - the bounce buffer of its capability 10, VIRTIO_PCI_CAP_SWIOTLB
 *
 * As proposed on virtio-comment in April 2025, "transport-pci: Add SWIOTLB bounce buffer
 * capability": bus addresses, which the driver is to use if it has accepted bit 27.
 *
 * Return: 1, *ret then being filled in; 0 if there is no such capability; -EBADMSG
 * with *ret_fault if it cannot be true.
 */
int pci_window__swiotlb(const struct pci_window_device *d, struct vqa_window *ret,
			const char **ret_fault);

/**
 * pci_window__dmb - the device memory buffer: shared memory region @shmid
 *
 * As proposed in virtio-spec issue 248, July 2026: addresses are offsets into the
 * region, and 0 is none. Which region it is stands in the common configuration, in a
 * register that is provisional as yet: nothing asks for it. Return as above.
 */
int pci_window__dmb(const struct pci_window_device *d, unsigned int shmid, struct vqa_window *ret,
		    const char **ret_fault);

#endif
