/* SPDX-License-Identifier: GPL-2.0 */
/* The registry of queues: who they are, and where the audit of each began. */
#ifndef BPF_QUEUE_H
#define BPF_QUEUE_H

#include <linux/errno.h>
#include "flight.h"
#include "histogram.h"
#include "ledger_state.h"
#include "mapping.h"
#include "policy.h"
#include "quiet.h"
#include "rings.h"
#include "window.h"

/* What can change when a queue is reset or resized. */
static __always_inline void queue_restart(struct vqa_queue *q, struct vring_virtqueue *v)
{
	q->id.num = read_num(v);
	q->id.shadow = read_shadow_kind(v);
	rings_note(q, v);
	q->base_used = vring_read(v, last_used_idx);
	q->next_used = q->base_used;
	q->c.positions = 0;
	q->in_flight = 0;
	q->avail_known = VQA_AVAIL_UNKNOWN;
	q->add.valid = 0;
	q->detach.valid = 0;
	q->first.valid = 0;
	q->broken = vring_read(v, broken);
}

/* Whoever looks at the queue takes it for the same ring until this, and for another after it. */
static __always_inline void queue_born(struct vqa_queue *q)
{
	barrier();
	q->life = bpf_ktime_get_ns() & ~VQA_REBUILDING;
}

static __always_inline void queue_identify(struct vqa_queue *q, struct virtqueue *vq,
					   struct vring_virtqueue *v)
{
	struct virtio_device *vdev = kernel_read(virtqueue, vq, vdev);
	struct device *parent = kernel_read(virtio_device, vdev, dev.parent);
	struct vqa_queue_id *id = &q->id;

	id->vq = (__u64)vq;
	id->vdev_index = kernel_read(virtio_device, vdev, index);
	id->device = kernel_read(virtio_device, vdev, id.device);
	id->index = kernel_read(virtqueue, vq, index);
	id->packed = read_packed(v);
	id->dma_api = read_dma_api(v);
	id->indirect = vring_read(v, indirect);
	q->features = kernel_read(virtio_device, vdev, features);
	q->own_map = id->dma_api && read_own_map(vdev);
	if (q->own_map)
		q->dma_dev = vduse_domain_of_queue(v, vdev);
	else if (id->dma_api)
		q->dma_dev = (__u64)read_dma_dev(v, vdev);
	read_text(id->bus, sizeof(id->bus), (__u64)kernel_read(device, parent, kobj.name));
	read_text(id->name, sizeof(id->name), (__u64)kernel_read(virtqueue, vq, name));
}

/* The driver takes a buffer back that was never used. */
static __always_inline void avail_goes_back(struct vqa_queue *q)
{
	if (q->avail_known)
		q->avail_known = VQA_AVAIL_BACK;
}

/*
 * How far a split ring's available index went back since the last publication: a
 * driver that takes buffers back does not ask the device, which may have used them.
 */
static __always_inline __u16 avail_taken_back(const struct vqa_queue *q, __u16 avail)
{
	return q->avail_known && vqa_index_back(avail, q->next_avail) ? q->next_avail - avail : 0;
}

/** struct claim - a search for a place */
struct claim {
	__u32 place;
};

static long claim_step(__u32 i, void *ctx)
{
	struct claim *c = ctx;
	struct vqa_queue *q = bpf_map_lookup_elem(&queues, &i);

	if (!q)
		return 1;
	if (q->id.vq || __sync_val_compare_and_swap(&q->id.vq, 0, PLACE_TAKEN))
		return 0;
	c->place = i;
	return 1;
}

/* A place of its own for a queue that is entered, all zero but for its being taken. */
static __always_inline struct vqa_queue *queue_claim(__u64 vq)
{
	struct claim c = { .place = NO_PLACE };
	struct vqa_queue *q, *nothing;
	__u32 zero = 0;

	nothing = bpf_map_lookup_elem(&blank, &zero);
	if (!nothing)
		return 0;
	nothing->id.vq = PLACE_TAKEN;
	bpf_loop(PLACES_MAX, claim_step, &c, 0);
	q = bpf_map_lookup_elem(&queues, &c.place);
	if (!q)
		return 0;
	bpf_map_update_elem(&queues, &c.place, nothing, BPF_ANY);
	if (!bpf_map_update_elem(&places, &vq, &c.place, BPF_EXIST))
		return q;
	q->id.vq = 0;
	return 0;
}

/*
 * Enters a queue, and finds it a place. Returns NULL if there is none (counted), or if it is
 * another CPU that enters it. Who is entered finds a place, for there are as many.
 */
static __always_inline struct vqa_queue *queue_enter(__u64 vq)
{
	struct vqa_queue *q;
	__u32 place = NO_PLACE;
	int err; /* 6.1 returns one, and no long */

	err = bpf_map_update_elem(&places, &vq, &place, BPF_NOEXIST);
	if (err == -EEXIST)
		return 0;
	q = err ? 0 : queue_claim(vq);
	if (q)
		return q;
	if (!err)
		bpf_map_delete_elem(&places, &vq);
	count_loss(VQA_LOSS_QUEUES_FULL);
	return 0;
}

/* Whether it is seen that a queue goes: our series tells it by a tracepoint. */
static __always_inline int queues_seen(void)
{
	return vqa_patched || traced();
}

/* Registers a queue that exists. Returns its place: a known queue stays as it is. */
verified_once __u32 queue_register(__u64 *address)
{
	__u64 key = address ? *address : 0;
	struct virtqueue *vq = (void *)key;
	struct vring_virtqueue *v = (void *)key;
	struct vqa_queue *q;
	__u32 place;

	place = find_place(&key);
	if (!key || !vqa_armed || place != NO_PLACE || !queues_seen())
		return place;
	q = queue_enter(key);
	if (!q)
		return NO_PLACE;
	queue_identify(q, vq, v);
	ledger_adopt(q);
	window_adopt(q);
	queue_restart(q, v);
	quiet_register(q, v, (__u64)kernel_read(virtqueue, vq, vdev));
	queue_born(q);
	thin_begin(q);
	if (vqa_latency)
		histogram_begin(q);
	policy_begin(q);
	q->ready = 1;
	emit_queue(q, VQA_EV_QUEUE);
	return find_place(&key);
}

/* The queue, registered now if it is new; NULL (counted) if it cannot be audited. */
static __always_inline struct vqa_queue *queue_get(struct virtqueue *vq)
{
	__u64 key = (__u64)vq;
	struct vqa_queue *q = queue_at(*find_hint(key), key) ?: queue_at(queue_register(&key), key);

	if (q && q->ready)
		return q;
	if (vqa_armed && queues_seen())
		count_loss(VQA_LOSS_NO_QUEUE);
	return 0;
}

/* The driver takes the ring away from under a queue, and gives it one anew: see queue_lives(). */
static __always_inline int queue_rebuild(struct virtqueue *vq)
{
	__u64 key = (__u64)vq;
	struct vqa_queue *q = queue_find(key);

	if (q)
		q->life |= VQA_REBUILDING;
	return 0;
}

/* A queue was reset or resized: nothing is in flight, and the indices start anew. */
static __always_inline int queue_reset(struct virtqueue *vq)
{
	__u64 key = (__u64)vq;
	struct vqa_queue *q = queue_find(key);

	if (!q)
		return 0;
	q->life |= VQA_REBUILDING;
	barrier();
	for (__u32 i = 0; i < VQA_RING_MAX; i++) {
		q->head[i].state = VQA_HEAD_NEVER;
		q->slot[i].flags = 0;
	}
	q->epoch++;
	queue_restart(q, queue_vring(q));
	q->id.generation++;
	queue_born(q);
	flight_record(q, VQA_OP_RESET | FLIGHT_NUM(q->id.num), VQA_OP_NO_ID, 0);
	return emit_queue(q, VQA_EV_QUEUE);
}

/* That is over. The series has told of a reset already; but what was tried may have failed. */
static __always_inline int queue_rebuilt(struct virtqueue *vq)
{
	__u64 key = (__u64)vq;
	struct vqa_queue *q = queue_find(key);

	if (!vqa_patched)
		return queue_reset(vq);
	if (q)
		queue_born(q);
	return 0;
}

/* The core or a verdict broke the queue. */
static __always_inline int queue_broke(struct virtqueue *vq)
{
	__u64 key = (__u64)vq;
	struct vqa_queue *q = queue_find(key);

	if (!q)
		return 0;
	q->broken = 1;
	flight_record(q, VQA_OP_BROKEN, VQA_OP_NO_ID, 0);
	return emit_queue(q, VQA_EV_BROKEN);
}

#define COUNTERS (sizeof(struct vqa_counters) / sizeof(__u64)) /* all are of 64 bits */

/* What it counted outlives a queue, whoever reads it, and whenever. */
verified_once int queue_retire(struct vqa_queue *q)
{
	__u32 zero = 0;
	struct vqa_gone *all = bpf_map_lookup_elem(&gone, &zero);

	if (!q || !all)
		return 0;
	for (__u32 i = 0; i < COUNTERS; i++)
		__sync_fetch_and_add((__u64 *)&all->c + i, *((__u64 *)&q->c + i));
	for (__u32 i = 0; i < VQA_RULE_MAX; i++)
		__sync_fetch_and_add(&all->c.violations[i], q->swept.c.violations[i]);
	__sync_fetch_and_add(&all->c.ignored, q->swept.c.ignored);
	__sync_fetch_and_add(&all->c.suppressed, q->swept.c.suppressed);
	__sync_fetch_and_add(&all->queues, 1);
	return 0;
}

_Static_assert(VQA_ACT_IGNORE == 0, "what is zeroed ignores");

/*
 * First its place is free, then its entry: see queue_enter(). Another CPU may be auditing it, and
 * read from now on what is no word on anybody: that is ignored.
 */
static __always_inline int queue_forget(struct virtqueue *vq)
{
	__u64 key = (__u64)vq;
	struct vqa_queue *q = queue_find(key);

	if (!q)
		return 0;
	emit_queue(q, VQA_EV_QUEUE_GONE);
	queue_retire(q);
	__builtin_memset(q->action, VQA_ACT_IGNORE, sizeof(q->action));
	q->ready = 0;
	barrier();
	q->id.vq = 0;
	return bpf_map_delete_elem(&places, &key) && 0;
}

static long queue_forget_step(const void *map, const __u32 *place, struct vqa_queue *q, void *ctx)
{
	return q->ready ? queue_forget((struct virtqueue *)q->id.vq) : 0;
}

/* Whether queues go or stay is not seen from now on: each will be found anew. */
static __always_inline int queue_forget_unseen(void)
{
	__u32 none = 0;

	return !vqa_patched && bpf_for_each_map_elem(&queues, queue_forget_step, &none, 0) && 0;
}

#endif
