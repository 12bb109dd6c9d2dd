/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An interrupt: the first look at what the device has written. It runs beside
 * the driver, so indices are read in the order last_used, used, avail: a driver
 * that goes on meanwhile only makes what is allowed larger.
 */
#ifndef BPF_IRQ_H
#define BPF_IRQ_H

#include "detach.h"

/* @seen, @want: the used index, and the available one */
verified_once int report_jump(struct vqa_queue *q, __u32 last_used, __u32 seen, __u32 want)
{
	struct audit a;

	if (!q)
		return 0;
	audit_begin(&a, q, VQA_POINT_IRQ);
	a.last_used = last_used;
	return report_word(&a, VQA_RULE_USED_IDX_JUMP, VQA_KIND_NONE, seen, want);
}

/* As a ring is taken away from under its queue, its available index goes back. */
static __always_inline void irq_index(struct vqa_queue *q, __u16 last_used, __u16 used, __u64 life)
{
	__u16 avail = split_read(queue_vring(q), avail_idx_shadow);

	avail += avail_taken_back(q, avail);
	barrier();
	if (life & VQA_REBUILDING || *(volatile __u64 *)&q->life != life)
		return;
	if (vqa_used_idx_jump(used, last_used, avail))
		report_jump(q, last_used, used, avail);
}

/* The index is looked at, and the next element is, if there is one. */
static __always_inline void irq_split(struct vqa_queue *q, struct vqa_first *f, __u64 life)
{
	__u64 ring = read_used_ring(queue_vring(q));
	__u16 used = read_used_idx(ring);

	barrier();
	irq_index(q, f->at, used, life);
	if (used == f->at || vring_read(queue_vring(q), broken))
		return;
	f->valid = 1;
	read_used_elem(ring, f->at, q->id.num, &f->id, &f->len);
}

static __always_inline int irq_packed(struct vqa_queue *q, struct vqa_first *f)
{
	return read_packed_elem(rings_tables(q).ring, f->at, &f->id, &f->len) &&
	       !vring_read(queue_vring(q), broken);
}

/* The device was to leave the queue alone. */
verified_once int irq_quiet(struct vqa_queue *q, __u32 last_used)
{
	struct audit a;
	__u32 quiet;

	if (!q)
		return 0;
	quiet = quiet_now(q, queue_vring(q));
	if (!quiet || bpf_ktime_get_ns() - q->progress.quiet_ns < QUIET_LATE_NS)
		return 0;
	audit_begin(&a, q, VQA_POINT_IRQ);
	a.last_used = last_used;
	return report_kind(
		&a, quiet == VQA_QUIET_EARLY ? VQA_RULE_BEFORE_DRIVER_OK : VQA_RULE_AFTER_RESET,
		VQA_KIND_QUIET_IRQ, 0);
}

static __always_inline int irq(struct virtqueue *vq)
{
	struct vqa_queue *q = queue_get(vq);
	struct vqa_first f = {};
	__u64 life;

	if (!q || q->id.num > VQA_RING_MAX)
		return 0;
	flight_record(q, VQA_OP_IRQ, VQA_OP_NO_ID, 0);
	life = *(volatile __u64 *)&q->life;
	f.at = vring_read(queue_vring(q), last_used_idx);
	barrier();
	if (q->progress.quiet)
		irq_quiet(q, f.at);
	if (q->id.packed)
		f.valid = irq_packed(q, &f);
	else
		irq_split(q, &f, life);
	notice_irq(q, f.at, f.valid);
	/* Kept, if the driver has not taken it in the meantime. */
	if (f.valid && f.at == vring_read(queue_vring(q), last_used_idx))
		q->first = f;
	return 0;
}

#endif
