/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When the device has to leave a queue alone: before DRIVER_OK, and after a
 * reset. A device's status cannot be read by a program. What the driver writes
 * there passes through a function of the transport, and a reset through one of
 * the core.
 */
#ifndef BPF_QUIET_H
#define BPF_QUIET_H

#include "traced.h"
#include "vq_audit/progress.h"

#define STATUS_DRIVER_OK 4
#define QUIET_LATE_NS 100000000ULL /* an interrupt that was under way has arrived by then */
#define QUIET_QUEUES 4096 /* of one device */

/** struct quiet_status - what the driver last wrote to the status of a device */
struct quiet_status {
	__u64 from; /* traced_from at that time: under another one it is old */
	__u32 status;
	__u32 pad;
};

/* By its struct virtio_device. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct quiet_status);
} statuses SEC(".maps");

static __always_inline int quiet_status(__u64 vdev, __u32 status)
{
	struct quiet_status s = { .from = traced_from, .status = status };

	return bpf_map_update_elem(&statuses, &vdev, &s, BPF_ANY) && 0;
}

/* Of a device that is not in the map nothing is known: it was ready before all was seen. */
static __always_inline int device_is_ready(__u64 vdev)
{
	const struct quiet_status *s = bpf_map_lookup_elem(&statuses, &vdev);

	return !s || s->from != traced_from || s->status & STATUS_DRIVER_OK;
}

/*
 * What programs at functions noted counts as long as they run: else a device may have been
 * told that it is ready, and notified, unseen.
 */
static __always_inline void quiet_renew(struct vqa_progress *p)
{
	if (p->from == traced_from && traced())
		return;
	p->from = traced_from;
	p->quiet = VQA_QUIET_NOT;
	p->notified = p->owed;
}

/* Whether the next used element of a packed ring is there. */
static __always_inline __u32 packed_has_used(struct vring_virtqueue *v)
{
	__u16 last = vring_read(v, last_used_idx);
	__u64 ring = (__u64)packed_read(v, vring.desc);

	return vqa_packed_is_used(read_packed_flags(ring, vqa_packed_pos(last)),
				  last >> VQA_WRAP_BIT);
}

/* A queue is registered: on one that is not ready nothing was used yet. */
static __always_inline void quiet_register(struct vqa_queue *q, struct vring_virtqueue *v,
					   __u64 vdev)
{
	struct vqa_progress *p = &q->progress;

	p->from = traced_from;
	if (device_is_ready(vdev))
		return;
	p->quiet_ns = bpf_ktime_get_ns();
	p->quiet_used = q->id.packed ? 0 : vring_read(v, last_used_idx);
	p->quiet = VQA_QUIET_EARLY;
}

static __always_inline __u64 list_next(__u64 at)
{
	return (__u64)kernel_read(list_head, at, next);
}

/** struct quiet_walk - along the queues of a device */
struct quiet_walk {
	__u64 at;
	__u64 end;
	__u64 now;
};

static long quiet_step(__u32 i, void *ctx)
{
	struct quiet_walk *w = ctx;
	struct vring_virtqueue *v;
	struct vqa_queue *q;
	__u64 key;

	if (!w->at || w->at == w->end)
		return 1;
	key = w->at - bpf_core_field_offset(struct virtqueue, list);
	w->at = list_next(w->at);
	q = queue_find(key);
	if (!q || !q->ready)
		return 0;
	v = (struct vring_virtqueue *)key;
	quiet_renew(&q->progress);
	q->progress.quiet_used =
		q->id.packed ? packed_has_used(v) : read_used_idx(read_used_ring(v));
	q->progress.quiet_ns = w->now;
	q->progress.quiet = VQA_QUIET_RESET;
	return 0;
}

/* A device was reset, with all its queues. What it used until then the driver may still read. */
static __always_inline int quiet_reset(__u64 vdev)
{
	struct quiet_walk w = { .now = bpf_ktime_get_ns() };

	w.end = vdev + bpf_core_field_offset(struct virtio_device, vqs);
	w.at = list_next(w.end);
	bpf_loop(QUIET_QUEUES, quiet_step, &w, 0);
	return quiet_status(vdev, 0);
}

/* enum vqa_quiet, as it is now: DRIVER_OK ends it without a look at the device's queues. */
static __always_inline __u32 quiet_now(struct vqa_queue *q, struct vring_virtqueue *v)
{
	struct vqa_progress *p = &q->progress;

	quiet_renew(p);
	if (p->quiet == VQA_QUIET_EARLY && device_is_ready((__u64)vring_read(v, vq.vdev)))
		p->quiet = VQA_QUIET_NOT;
	return p->quiet;
}

/* Whether the device has used something since it was to leave the queue alone. */
static __always_inline __u32 quiet_wrote(const struct vqa_queue *q, struct vring_virtqueue *v)
{
	const struct vqa_progress *p = &q->progress;

	if (q->id.packed)
		return !p->quiet_used && packed_has_used(v);
	return read_used_idx(read_used_ring(v)) != p->quiet_used;
}

#endif
