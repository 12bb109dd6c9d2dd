// SPDX-License-Identifier: GPL-2.0
/* What the device can see, and beside it what the core keeps to itself: a line per thing. */
#include "vq_fault.h"

static void show_extra(struct seq_file *m, const struct vring_desc_extra *x)
{
	seq_printf(m, " shadow %#llx %#x %#x %u\n", (u64)x->addr, x->len, x->flags, x->next);
}

static void show_split(struct seq_file *m, struct vring_virtqueue *vq)
{
	const struct vring *r = &vq->split.vring;
	const struct vring_desc *t;
	unsigned int i, j;

	seq_printf(m, "avail.flags %u shadow %u\n", r->avail->flags, vq->split.avail_flags_shadow);
	seq_printf(m, "avail.idx %u shadow %u\n", r->avail->idx, vq->split.avail_idx_shadow);
	seq_printf(m, "used.flags %u\nused.idx %u\n", r->used->flags, r->used->idx);
	seq_printf(m, "used_event %u\navail_event %u\n", vring_used_event(r), vring_avail_event(r));
	for (i = 0; i < r->num; i++)
		seq_printf(m, "avail %u %u\nused %u %u %u\n", i, r->avail->ring[i], i,
			   r->used->ring[i].id, r->used->ring[i].len);
	for (i = 0; i < r->num; i++) {
		seq_printf(m, "desc %u ring %#llx %#x %#x %u", i, r->desc[i].addr, r->desc[i].len,
			   r->desc[i].flags, r->desc[i].next);
		show_extra(m, &vq->split.desc_extra[i]);
		t = vq->split.desc_state[i].indir_desc;
		for (j = 0; t && vq->indirect && j < vq->split.desc_extra[i].len / sizeof(*t); j++)
			seq_printf(m, "table %u %u %#llx %#x %#x %u\n", i, j, t[j].addr, t[j].len,
				   t[j].flags, t[j].next);
	}
}

static void show_packed(struct seq_file *m, struct vring_virtqueue *vq)
{
	const struct vring_virtqueue_packed *p = &vq->packed;
	const struct vring_packed_desc *t;
	unsigned int i, j;

	seq_printf(m, "next_avail %u wrap %u\n", p->next_avail_idx, p->avail_wrap_counter);
	seq_printf(m, "driver.flags %u shadow %u\n", p->vring.driver->flags, p->event_flags_shadow);
	seq_printf(m, "driver.off_wrap %#x\n", p->vring.driver->off_wrap);
	seq_printf(m, "device.flags %u\ndevice.off_wrap %#x\n", p->vring.device->flags,
		   p->vring.device->off_wrap);
	for (i = 0; i < p->vring.num; i++) {
		seq_printf(m, "desc %u ring %#llx %#x %#x %u", i, p->vring.desc[i].addr,
			   p->vring.desc[i].len, p->vring.desc[i].flags, p->vring.desc[i].id);
		show_extra(m, &p->desc_extra[i]);
		t = p->desc_state[i].data ? p->desc_state[i].indir_desc : NULL;
		for (j = 0; t && vq->indirect && j < p->desc_extra[i].len / sizeof(*t); j++)
			seq_printf(m, "table %u %u %#llx %#x %#x %u\n", i, j, t[j].addr, t[j].len,
				   t[j].flags, t[j].id);
	}
}

void state_show(struct seq_file *m, struct fault_dev *d)
{
	struct vring_virtqueue *vq;

	if (!d->vdev)
		return seq_puts(m, "no device is bound\n");
	vq = to_vvq(d->vq);
	seq_printf(m, "device %s\nring %s\nnum %u\nfree %u\nfree_head %u\nlast_used %#x\n",
		   dev_name(&d->vdev->dev), ring_is_packed(&vq->vq) ? "packed" : "split",
		   virtqueue_get_vring_size(d->vq), d->vq->num_free, vq->free_head,
		   vq->last_used_idx);
	seq_printf(m, "indirect %u\nbroken %u\nirqs %d\nstatus %#x\n", vq->indirect, vq->broken,
		   atomic_read(&d->irqs), d->vdev->config->get_status(d->vdev));
	if (ring_is_packed(&vq->vq))
		show_packed(m, vq);
	else
		show_split(m, vq);
	if (d->odd)
		seq_printf(m, "odd.num %u\n", virtqueue_get_vring_size(d->odd));
}
