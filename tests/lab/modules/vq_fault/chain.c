// SPDX-License-Identifier: GPL-2.0
/* The parts of a chain, whatever the ring. */
#include "faults.h"

struct vring_desc_extra *extra_of(struct vring_virtqueue *vq, u32 i)
{
	return ring_is_packed(&vq->vq) ? &vq->packed.desc_extra[i] : &vq->split.desc_extra[i];
}

u16 *ring_flags(struct vring_virtqueue *vq, u32 slot)
{
	return ring_is_packed(&vq->vq) ? (u16 *)&vq->packed.vring.desc[slot].flags
				       : (u16 *)&vq->split.vring.desc[slot].flags;
}

u32 *ring_len(struct vring_virtqueue *vq, u32 slot)
{
	return ring_is_packed(&vq->vq) ? (u32 *)&vq->packed.vring.desc[slot].len
				       : (u32 *)&vq->split.vring.desc[slot].len;
}

/* Ids of a packed chain are linked like the descriptors of a split one; its slots are in a row. */
u32 nth_extra(struct vring_virtqueue *vq, u32 id, unsigned int n)
{
	while (n--)
		id = extra_of(vq, id)->next;
	return id;
}

u32 nth_slot(struct vring_virtqueue *vq, u32 slot, unsigned int n)
{
	return ring_is_packed(&vq->vq) ? (slot + n) % vq->packed.vring.num : nth_extra(vq, slot, n);
}

int add_changed(struct fault_dev *d, unsigned int parts, at_publish fn)
{
	int err = publish_arm(d->vq, fn);

	if (err)
		return refuse(d, err, NO_TRACEPOINT);
	err = buffers_add(d, 0, parts, BYTES);
	disarm();
	return err;
}
