/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An interrupt: the first look at what the device has written. It runs beside
 * the driver, so indices are read in the order last_used, used, avail: a driver
 * that goes on meanwhile only makes what is allowed larger.
 */
#ifndef BPF_IRQ_H
#define BPF_IRQ_H

#include "detach.h"

/* As a ring is taken away from under its queue, its available index goes back. */
static __always_inline void irq_index(struct audit *a, __u16 used, __u64 life)
{
	__u16 avail = split_read(a->v, avail_idx_shadow);

	avail += avail_taken_back(a->q, avail);
	barrier();
	if (life & VQA_REBUILDING || *(volatile __u64 *)&a->q->life != life)
		return;
	if (vqa_used_idx_jump(used, a->last_used, avail))
		report_word(a, VQA_RULE_USED_IDX_JUMP, VQA_KIND_NONE, used, avail);
}

/* The index is looked at, and the next element is, if there is one. */
static __always_inline void irq_split(struct audit *a, struct vqa_first *f, __u64 life)
{
	__u64 ring = read_used_ring(a->v);
	__u16 used = read_used_idx(ring);

	barrier();
	irq_index(a, used, life);
	if (used == a->last_used || vring_read(a->v, broken))
		return;
	f->valid = 1;
	read_used_elem(ring, a->last_used, a->q->id.num, &f->id, &f->len);
}

/* Keeps the next element, if the driver has not taken it in the meantime. */
static __always_inline void irq_first(struct audit *a, const struct vqa_first *f)
{
	notice_irq(a->q, a->last_used, f->valid);
	if (f->valid && a->last_used == vring_read(a->v, last_used_idx))
		a->q->first = *f;
}

/* The device was to leave the queue alone. */
static __noinline int irq_quiet(struct audit *a)
{
	struct vqa_progress *p = &a->q->progress;
	__u32 quiet = quiet_now(a->q, a->v);

	if (!quiet || bpf_ktime_get_ns() - p->quiet_ns < QUIET_LATE_NS)
		return 0;
	return report_kind(
		a, quiet == VQA_QUIET_EARLY ? VQA_RULE_BEFORE_DRIVER_OK : VQA_RULE_AFTER_RESET,
		VQA_KIND_QUIET_IRQ, 0);
}

static __always_inline int irq(struct virtqueue *vq)
{
	struct vqa_first f = {};
	struct audit a;
	__u64 life;

	audit_begin(&a, queue_get(vq), VQA_POINT_IRQ);
	if (!a.q || a.q->id.num > VQA_RING_MAX)
		return 0;
	a.v = queue_vring(a.q);
	flight_record(a.q, VQA_OP_IRQ, VQA_OP_NO_ID, 0);
	life = *(volatile __u64 *)&a.q->life;
	a.last_used = vring_read(a.v, last_used_idx);
	barrier();
	if (a.q->progress.quiet)
		irq_quiet(&a);
	f.at = a.last_used;
	if (a.q->id.packed)
		f.valid = read_packed_used(a.v, &f.id, &f.len);
	else
		irq_split(&a, &f, life);
	irq_first(&a, &f);
	return 0;
}

#endif
