// SPDX-License-Identifier: GPL-2.0
/* Faults of indirect tables. */
#include "faults.h"

/* The core frees tables only while it believes that there may be some, so it stays so till reap. */
int do_indirect_unnegotiated(struct fault_dev *d)
{
	if (is_indirect(d->vq))
		return refuse(d, -EOPNOTSUPP, NEEDS_DIRECT);
	change_bool(&to_vvq(d->vq)->indirect, true);
	return buffers_add(d, 0, 2, BYTES);
}

static int add_table(struct fault_dev *d, at_publish fn)
{
	if (!is_indirect(d->vq))
		return refuse(d, -EOPNOTSUPP, NEEDS_INDIRECT);
	return add_changed(d, 3, fn);
}

static void lengthen_table(struct vring_virtqueue *vq, u32 slot, u32 id, u32 num)
{
	change32(ring_len(vq, slot), *ring_len(vq, slot) + 8);
	change32(&extra_of(vq, id)->len, extra_of(vq, id)->len + 8);
}

int do_indirect_length(struct fault_dev *d)
{
	return add_table(d, lengthen_table);
}

static void nest_table(struct vring_virtqueue *vq, u32 slot, u32 id, u32 num)
{
	u16 *flags = ring_is_packed(&vq->vq) ? (u16 *)&vq->packed.desc_state[id].indir_desc[1].flags
					     : (u16 *)&vq->split.desc_state[id].indir_desc[1].flags;

	change16(flags, *flags | VRING_DESC_F_INDIRECT);
}

int do_indirect_nested(struct fault_dev *d)
{
	return add_table(d, nest_table);
}

static void stray_entry(struct vring_virtqueue *vq, u32 slot, u32 id, u32 num)
{
	change16((u16 *)&vq->split.desc_state[id].indir_desc[0].next, 100);
}

int do_indirect_entry(struct fault_dev *d)
{
	if (is_packed(d))
		return refuse(d, -EOPNOTSUPP, "entries of a packed table have no next");
	return add_table(d, stray_entry);
}

static void head_with_next(struct vring_virtqueue *vq, u32 slot, u32 id, u32 num)
{
	u16 *flags = ring_flags(vq, slot);

	change16(flags, *flags | VRING_DESC_F_NEXT);
	change16(&extra_of(vq, id)->flags, extra_of(vq, id)->flags | VRING_DESC_F_NEXT);
}

/* The flags of a packed head are written after publication, from what the core keeps for all. */
static int packed_head_with_next(struct fault_dev *d)
{
	u16 *flags = &to_vvq(d->vq)->packed.avail_used_flags;
	int err;

	if (!is_indirect(d->vq))
		return refuse(d, -EOPNOTSUPP, NEEDS_INDIRECT);
	*flags |= VRING_DESC_F_NEXT;
	err = buffers_add(d, 0, 3, BYTES);
	*flags &= ~VRING_DESC_F_NEXT;
	return err;
}

int do_indirect_next(struct fault_dev *d)
{
	return is_packed(d) ? packed_head_with_next(d) : add_table(d, head_with_next);
}
