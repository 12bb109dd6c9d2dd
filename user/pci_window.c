/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Capabilities of virtio-pci devices (virtio 4.1.4): each is a part of a BAR. The
 * device is not trusted: a list that loops, leads out of the configuration space or
 * tells of memory that is not there is an error.
 */
#include "pci_window.h"

#include <endian.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include <stdbool.h>
#include <string.h>

#define CAP_SWIOTLB 10 /* proposed */

#define CONFIG_MAX 256 /* capabilities are linked by 8 bits */

/** struct part - of a BAR */
struct part {
	unsigned int bar;
	__u64 offset, length;
};

static __u32 le32_at(const __u8 *p)
{
	__u32 v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

/* Whether a capability that lies at @at has @bytes. */
static bool reaches(const struct pci_window_device *d, size_t at, size_t bytes)
{
	return at >= PCI_STD_HEADER_SIZEOF && at + bytes <= d->size && at + bytes <= CONFIG_MAX;
}

/* struct virtio_pci_cap, or virtio_pci_cap64 where that is long enough or has to be. */
static const char *read_part(const struct pci_window_device *d, size_t at, bool wide,
			     struct part *ret)
{
	const __u8 *cap = d->config + at;
	size_t len = cap[offsetof(struct virtio_pci_cap, cap_len)];

	if (len < (wide ? sizeof(struct virtio_pci_cap64) : sizeof(struct virtio_pci_cap)))
		return "the capability is too short";
	if (!reaches(d, at, len))
		return "the capability leads out of the configuration space";
	ret->bar = cap[offsetof(struct virtio_pci_cap, bar)];
	ret->offset = le32_at(cap + offsetof(struct virtio_pci_cap, offset));
	ret->length = le32_at(cap + offsetof(struct virtio_pci_cap, length));
	if (len >= sizeof(struct virtio_pci_cap64)) {
		ret->offset |= (__u64)le32_at(cap + offsetof(struct virtio_pci_cap64, offset_hi))
			       << 32;
		ret->length |= (__u64)le32_at(cap + offsetof(struct virtio_pci_cap64, length_hi))
			       << 32;
	}
	if (ret->bar >= PCI_WINDOW_BARS)
		return "it names a base address register that there is not";
	if (!ret->length)
		return "it has no bytes";
	if (ret->offset > d->bar[ret->bar].size ||
	    ret->length > d->bar[ret->bar].size - ret->offset)
		return "it leads out of its base address register";
	return NULL;
}

/*
 * The first capability of a type, and with @id >= 0 of that id. Return: 0, *ret_at
 * then being 0 if there is none, or -EBADMSG
 */
static int find_cap(const struct pci_window_device *d, unsigned int type, int id, size_t *ret_at,
		    const char **ret_fault)
{
	unsigned int left = (CONFIG_MAX - PCI_STD_HEADER_SIZEOF) / 4; /* there is room for */
	size_t at;

	*ret_at = 0;
	if (d->size < PCI_STD_HEADER_SIZEOF || !(d->config[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return 0;
	for (at = d->config[PCI_CAPABILITY_LIST] & ~3; at; at = d->config[at + 1] & ~3) {
		if (!left--) {
			*ret_fault = "the list of capabilities does not end";
			return -EBADMSG;
		}
		if (!reaches(d, at, PCI_CAP_SIZEOF)) {
			*ret_fault = "the list of capabilities leads out of the configuration "
				     "space";
			return -EBADMSG;
		}
		if (d->config[at] != PCI_CAP_ID_VNDR ||
		    !reaches(d, at, sizeof(struct virtio_pci_cap)) ||
		    d->config[at + offsetof(struct virtio_pci_cap, cfg_type)] != type)
			continue;
		if (id >= 0 && d->config[at + offsetof(struct virtio_pci_cap, id)] != id)
			continue;
		*ret_at = at;
		return 0;
	}
	return 0;
}

static int find_part(const struct pci_window_device *d, unsigned int type, int id, bool wide,
		     struct part *ret, const char **ret_fault)
{
	size_t at;
	int err = find_cap(d, type, id, &at, ret_fault);

	if (err || !at)
		return err;
	*ret_fault = read_part(d, at, wide, ret);
	return *ret_fault ? -EBADMSG : 1;
}

int pci_window__swiotlb(const struct pci_window_device *d, struct vqa_window *ret,
			const char **ret_fault)
{
	struct part part;
	int found = find_part(d, CAP_SWIOTLB, -1, false, &part, ret_fault);

	if (found <= 0)
		return found;
	ret->first = d->bar[part.bar].start + part.offset;
	ret->last = ret->first + part.length - 1;
	return 1;
}

int pci_window__dmb(const struct pci_window_device *d, unsigned int shmid, struct vqa_window *ret,
		    const char **ret_fault)
{
	struct part part;
	int found = find_part(d, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, shmid, true, &part, ret_fault);

	if (found <= 0)
		return found;
	if (part.length == 1) {
		*ret_fault = "it has no bytes but the first, which is none";
		return -EBADMSG;
	}
	ret->first = 1;
	ret->last = part.length - 1;
	return 1;
}
