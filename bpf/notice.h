/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the hooks leave to the look at progress. None of them takes a time: a
 * publication stores one word, and completions nothing.
 */
#ifndef BPF_NOTICE_H
#define BPF_NOTICE_H

#include "find.h"

/*
 * By device, modulo its size: interrupts that had a reason. Where devices share
 * an entry, a storm is told from progress less strictly.
 */
#define NOTICE_DEVICES 64
__u32 vqa_served[NOTICE_DEVICES];

/* Buffer @id is another one from now on: its age is counted from the next look. */
static __always_inline void notice_publish(struct vqa_queue *q, __u32 id)
{
	q->progress.born[id & (VQA_RING_MAX - 1)] = 0;
}

/* The driver looked whether it is to notify the device. */
static __always_inline void notice_kick(struct vqa_queue *q, __u32 flags)
{
	if (flags & VQA_OP_NOTIFY)
		q->progress.owed++;
}

/*
 * It notifies the device, of all that was published until now. The transport's
 * function is hooked, so a queue for which this never runs is on another one.
 */
static __always_inline int notice_notify(const void *vq)
{
	__u64 key = (__u64)vq;
	struct vqa_queue *q = queue_find(key);

	if (!q)
		return 0;
	q->progress.notified = q->progress.owed;
	q->progress.notifies = 1;
	return 0;
}

/*
 * An interrupt came. It has a reason if something is unread, or was read since
 * the one before. @unread: 1 or 0
 */
static __always_inline void notice_irq(struct vqa_queue *q, __u16 last_used, __u32 unread)
{
	struct vqa_progress *p = &q->progress;

	if (unread || last_used != p->irq_at) {
		p->served++;
		__sync_fetch_and_add(&vqa_served[q->id.vdev_index % NOTICE_DEVICES], 1);
	} else {
		p->idle++;
	}
	p->irq_at = last_used;
}

#endif
