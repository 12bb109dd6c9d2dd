// SPDX-License-Identifier: GPL-2.0
/* One fault per word; those of indirect tables are in tables.c, of DMA mappings in mappings.c. */
#include <linux/delay.h>
#include <linux/slab.h>

#include "faults.h"

enum { COMPLETION_MS = 2000, ODD_SIZE = 12, ALIGN_BYTES = 64 };

/* --- plain words ---------------------------------------------------------------------------- */

static int do_add(struct fault_dev *d)
{
	return buffers_add(d, 0, 1, BYTES);
}

static int do_add_chain(struct fault_dev *d)
{
	return buffers_add(d, 1, 2, BYTES);
}

static int do_kick(struct fault_dev *d)
{
	virtqueue_kick(d->vq);
	return 0;
}

static int do_reap(struct fault_dev *d)
{
	undo_changes();
	buffers_reap(d);
	return 0;
}

/* --- publication ---------------------------------------------------------------------------- */

static int do_chain_long(struct fault_dev *d)
{
	if (!is_indirect(d->vq))
		return refuse(d, -EOPNOTSUPP, NEEDS_INDIRECT);
	return buffers_add(d, 0, virtqueue_get_vring_size(d->vq) + 4, BYTES);
}

static int do_chain_bytes(struct fault_dev *d)
{
	return buffers_add(d, 0, 3, 0x60000000);
}

static void make_last_readable(struct vring_virtqueue *vq, u32 slot, u32 id, u32 num)
{
	u16 *flags = ring_flags(vq, nth_slot(vq, slot, num - 1));
	struct vring_desc_extra *x = extra_of(vq, nth_extra(vq, id, num - 1));

	change16(flags, *flags & ~VRING_DESC_F_WRITE);
	change16(&x->flags, x->flags & ~VRING_DESC_F_WRITE);
}

static int do_chain_order(struct fault_dev *d)
{
	if (is_indirect(d->vq))
		return refuse(d, -EOPNOTSUPP, NEEDS_DIRECT);
	return add_changed(d, 3, make_last_readable);
}

static void make_loop(struct vring_virtqueue *vq, u32 slot, u32 id, u32 num)
{
	u32 last = nth_slot(vq, slot, num - 1);
	u16 *flags = ring_flags(vq, last);
	struct vring_desc_extra *x = extra_of(vq, last);

	change16(flags, *flags | VRING_DESC_F_NEXT);
	change16((u16 *)&vq->split.vring.desc[last].next, slot);
	change16(&x->flags, x->flags | VRING_DESC_F_NEXT);
	change16(&x->next, slot);
}

static int do_chain_loop(struct fault_dev *d)
{
	if (is_packed(d))
		return refuse(d, -EOPNOTSUPP, "a packed chain has no next that could loop");
	if (is_indirect(d->vq))
		return refuse(d, -EOPNOTSUPP, NEEDS_DIRECT);
	return add_changed(d, 3, make_loop);
}

static void publish_head(struct vring_virtqueue *vq, u32 slot, u32 id, u32 num)
{
	WRITE_ONCE(*ring_flags(vq, slot), extra_of(vq, id)->flags);
}

/* Split: two buffers, the index goes back by one, and a third is published in place of the last. */
static int avail_back(struct fault_dev *d)
{
	struct vring_virtqueue *vq = to_vvq(d->vq);
	int err = buffers_add(d, 0, 1, BYTES) ?: buffers_add(d, 0, 1, BYTES);

	if (err)
		return err;
	vq->split.avail_idx_shadow--;
	vq->split.vring.avail->idx = cpu_to_virtio16(d->vdev, vq->split.avail_idx_shadow);
	return buffers_add(d, 0, 1, BYTES);
}

static int do_publish_order(struct fault_dev *d)
{
	return is_packed(d) ? add_changed(d, 3, publish_head) : avail_back(d);
}

static int do_stale_avail(struct fault_dev *d)
{
	int err;

	if (!virtio_has_feature(d->vdev, VIRTIO_F_ACCESS_PLATFORM))
		return refuse(d, -EOPNOTSUPP,
			      "nothing is mapped that could fail: boot with iommu_platform=on");
	if (is_indirect(d->vq))
		return refuse(d, -EOPNOTSUPP, NEEDS_DIRECT);
	err = buffers_add_unmappable(d);
	if (!err)
		return refuse(d, -EIO, "the mapping that should fail did not");
	return 0;
}

/* --- notification --------------------------------------------------------------------------- */

static int do_kick_missing(struct fault_dev *d)
{
	int err = buffers_add(d, 0, 1, BYTES);

	if (err)
		return err;
	if (!virtqueue_kick_prepare(d->vq))
		return refuse(d, -EAGAIN, "the device asked for no kick");
	return 0;
}

/* --- the core's private state --------------------------------------------------------------- */

int outstanding(struct vring_virtqueue *vq)
{
	unsigned int i, num = virtqueue_get_vring_size(&vq->vq);

	for (i = 0; i < num; i++)
		if (ring_is_packed(&vq->vq) ? vq->packed.desc_state[i].data
					    : vq->split.desc_state[i].data)
			return i;
	return -1;
}

/* Never changed back: the core is to unmap by it, which without swiotlb does no harm. */
static int do_shadow_damage(struct fault_dev *d)
{
	struct vring_virtqueue *vq = to_vvq(d->vq);
	int id;

	if (outstanding(vq) < 0 && buffers_add(d, 0, 1, BYTES))
		return -EIO;
	id = outstanding(vq);
	extra_of(vq, id)->len ^= 8;
	return 0;
}

/* Has the device complete a buffer, which is not read yet. */
int have_one_completed(struct fault_dev *d)
{
	int before = atomic_read(&d->irqs), err, waited;

	undo_changes();
	buffers_reap(d);
	err = buffers_add(d, 0, 1, BYTES);
	if (err)
		return err;
	virtqueue_enable_cb(d->vq);
	virtqueue_kick(d->vq);
	for (waited = 0; atomic_read(&d->irqs) == before; waited++) {
		if (waited == COMPLETION_MS)
			return refuse(d, -ETIMEDOUT, "the device completed nothing");
		usleep_range(1000, 2000);
	}
	return 0;
}

/* The same, and takes it back while fn is at the core's free list. */
static int detach_changed(struct fault_dev *d, at_detach fn)
{
	int err = have_one_completed(d);

	if (err)
		return err;
	err = detach_arm(d->vq, fn);
	if (err)
		return refuse(d, err, NO_TRACEPOINT);
	buffers_reap(d);
	disarm();
	return 0;
}

static void gain_one(struct vring_virtqueue *vq, u32 id)
{
	change32(&vq->vq.num_free, vq->vq.num_free + 1);
}

static int do_free_count(struct fault_dev *d)
{
	return detach_changed(d, gain_one);
}

static void misdirect_tail(struct vring_virtqueue *vq, u32 id)
{
	change16(&extra_of(vq, id)->next, extra_of(vq, id)->next ^ 1);
}

static int do_free_tail(struct fault_dev *d)
{
	return detach_changed(d, misdirect_tail);
}

/* --- the queue's life ----------------------------------------------------------------------- */

static int do_early_bind(struct fault_dev *d)
{
	early_bind();
	return 0;
}

static int do_early_go(struct fault_dev *d)
{
	early_go();
	return 0;
}

static int do_early_swiotlb(struct fault_dev *d)
{
	offer_swiotlb();
	return 0;
}

static int do_reset(struct fault_dev *d)
{
	virtio_reset_device(d->vdev);
	return 0;
}

static bool odd_notify(struct virtqueue *vq)
{
	return true;
}

void odd_queue_del(struct fault_dev *d)
{
	if (!d->odd)
		return;
	vring_del_virtqueue(d->odd);
	kfree(d->odd_pages);
	d->odd = NULL;
}

/* The bus would refuse such a size of the device; the core takes it from a driver. */
static int do_queue_size(struct fault_dev *d)
{
	if (is_packed(d))
		return refuse(d, -EOPNOTSUPP, "a packed ring may be of any size");
	odd_queue_del(d);
	d->odd_pages = kzalloc(vring_size(ODD_SIZE, ALIGN_BYTES), GFP_KERNEL);
	if (!d->odd_pages)
		return -ENOMEM;
	d->odd = vring_new_virtqueue(1, ODD_SIZE, ALIGN_BYTES, d->vdev, true, false, d->odd_pages,
				     odd_notify, NULL, "odd");
	if (d->odd)
		return buffers_pass(d->odd);
	kfree(d->odd_pages);
	return refuse(d, -EINVAL, "the core refuses a split ring whose size is no power of two");
}

const struct word fault_words[] = {
	{ "add", NULL, do_add, "publish a buffer, without a kick" },
	{ "add-chain", NULL, do_add_chain, "publish one of three parts, without a kick" },
	{ "kick", NULL, do_kick, "notify the device if it asks for it" },
	{ "reap", NULL, do_reap, "read all completions" },
	{ "chain-long", "chain-shape", do_chain_long, "a table longer than the ring" },
	{ "chain-bytes", "chain-shape", do_chain_bytes, "a chain of 2^32 bytes and more" },
	{ "chain-order", "chain-shape", do_chain_order, "a readable part behind writable ones" },
	{ "chain-loop", "chain-shape", do_chain_loop, "a chain that leads back to its head" },
	{ "publish-order", "publish-order", do_publish_order,
	  "split: avail.idx goes back; packed: the head is available before the rest" },
	{ "stale-avail", "stale-avail", do_stale_avail, "a mapping fails in the middle of an add" },
	{ "indirect-unnegotiated", "indirect-unnegotiated", do_indirect_unnegotiated,
	  "an indirect buffer that was not negotiated" },
	{ "indirect-length", "indirect-shape", do_indirect_length,
	  "a table's length that is no multiple of 16" },
	{ "indirect-nested", "indirect-shape", do_indirect_nested, "a table within a table" },
	{ "indirect-entry", "indirect-shape", do_indirect_entry,
	  "an entry whose next lies beyond the table" },
	{ "indirect-next", "indirect-shape", do_indirect_next, "INDIRECT together with NEXT" },
	{ "kick-missing", "kick-missing", do_kick_missing,
	  "a buffer, and no notification although the device asks for one" },
	{ "shadow-damage", "shadow-damage", do_shadow_damage,
	  "the private length of a buffer in flight changes" },
	{ "free-count", "free-conserve", do_free_count, "one free descriptor too many at detach" },
	{ "free-tail", "free-conserve", do_free_tail, "the free list misdirected at detach" },
	{ "dma-unmapped", "dma-unmapped", do_dma_unmapped, "a buffer whose memory is not mapped" },
	{ "dma-direction", "dma-direction", do_dma_direction,
	  "a buffer to be written, mapped to be read" },
	{ "dma-early-unmap", "dma-early-unmap", do_dma_early_unmap,
	  "a buffer is unmapped while it is in flight" },
	{ "dma-unmap-twice", "dma-unmap-mismatch", do_dma_unmap_twice,
	  "a buffer is unmapped once more after it came back" },
	{ "dma-leak", "dma-leak", do_dma_leak, "a buffer comes back, and stays mapped" },
	{ "dma-map-error", "dma-map-error", do_dma_map_error,
	  "a mapping fails, and one that was made before stays" },
	{ "dma-full", NULL, do_dma_full,
	  "the third mapping of a buffer fails, for its IOMMU domain is full" },
	{ "dma-full-error", "dma-map-error", do_dma_full_error,
	  "the same, and one that was made before stays" },
	{ "dma-overlap", "dma-overlap", do_dma_overlap, "two buffers to be written, in one place" },
	{ "dma-window", "dma-window", do_dma_window, "a buffer that is not bounced" },
	{ "swiotlb-size", "swiotlb-size", do_swiotlb_size, "more is copied back than was mapped" },
	{ "swiotlb-leak", "swiotlb-leak", do_swiotlb_leak,
	  "a buffer to be written, bounced to where somebody else was" },
	{ "reset", "after-reset", do_reset, "reset the device, but keep queue and interrupt" },
	{ "queue-size", "queue-size", do_queue_size, "a split queue of 12 descriptors" },
	{ "early-bind", "before-driver-ok", do_early_bind,
	  "the next bind stops before DRIVER_OK, with a buffer published", true },
	{ "early-go", NULL, do_early_go, "and goes on", true },
	{ "early-swiotlb", "dma-window", do_early_swiotlb,
	  "the next bind accepts VIRTIO_F_SWIOTLB, as if the device offered it", true },
	{},
};
