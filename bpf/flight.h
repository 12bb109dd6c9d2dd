/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flight recorder of a queue: what each hook leaves there, and the copy that
 * goes with a violation. Why it takes no lock: vq_audit/flight.h.
 *
 * vqa_recorder is a constant to the verifier: when it is 0, nothing of this is
 * left in the programs.
 */
#ifndef BPF_FLIGHT_H
#define BPF_FLIGHT_H

#include "emit.h"
#include "notice.h"
#include "snapshot.h"

#define FLIGHT_GAP_NS NSEC_PER_SEC /* between two copies of one rule and queue */

/* Beside an enum vqa_op_type. */
#define FLIGHT_FLAGS(flags) ((flags) << 8)
#define FLIGHT_NUM(num) ((__u32)(num) << 16)

/*
 * Reading the clock takes longer than all the rest. So where operations come thick, some have the
 * time of one that was just before them.
 */
static __always_inline __u64 flight_time(struct vqa_flight *f)
{
	__u64 tick = bpf_jiffies64();
	__u64 n = f->tick == tick ? f->thick + 1 : 0;

	f->tick = tick;
	f->thick = n;
	if (n < VQA_FLIGHT_TIMED || !(n % VQA_FLIGHT_TIMED))
		f->time_ns = bpf_ktime_get_ns();
	return f->time_ns;
}

static __always_inline int flight_write(struct vqa_queue *q, __u64 who, __u64 what)
{
	__u64 now = flight_time(&q->flight);
	__u64 pos = __sync_fetch_and_add(&q->flight.next, 1);
	struct vqa_op *o = &q->flight.op[pos & (vqa_recorder - 1) & (VQA_FLIGHT_MAX - 1)];

	o->time_ns = now;
	o->who = who;
	o->what = what;
	o->sum = vqa_op_sum(now, who, what, pos);
	return 0;
}

/* Where the driver publishes next, with the wrap counter on packed rings. */
static __always_inline __u16 flight_avail(const struct vqa_queue *q, struct vring_virtqueue *v)
{
	if (!q->id.packed)
		return split_read(v, avail_idx_shadow);
	return packed_read(v, next_avail_idx) |
	       (__u16)(packed_read(v, avail_wrap_counter) << VQA_WRAP_BIT);
}

verified_once int flight_note(struct vqa_queue *q, __u32 op, __u32 id, __u32 len)
{
	struct vring_virtqueue *v;

	if (!q)
		return 0;
	v = queue_vring(q);
	return flight_write(q, vqa_op_who(id, len),
			    vqa_op_what(op & 0xffff, op >> 16, flight_avail(q, v),
					vring_read(v, last_used_idx)));
}

/* @slot_at: position of the first descriptor << 16, and the index at which the buffer went */
verified_once int flight_note_add(struct vqa_queue *q, __u32 slot_at, __u32 id, __u32 num)
{
	__u32 slot = slot_at >> 16;
	__u16 packed_at;

	if (!q)
		return 0;
	packed_at = slot | (q->slot[slot & (VQA_RING_MAX - 1)].flags / VQA_DESC_F_AVAIL & 1)
				   << VQA_WRAP_BIT;
	return flight_write(q, vqa_op_who(id, 0),
			    vqa_op_what(VQA_OP_ADD, num, q->id.packed ? packed_at : slot_at,
					vring_read(queue_vring(q), last_used_idx)));
}

/**
 * flight_record() - an operation, with the driver's indices as they are now
 * @op: enum vqa_op_type, FLIGHT_FLAGS() and FLIGHT_NUM()
 * @id, @len: as in struct vqa_op
 */
static __always_inline void flight_record(struct vqa_queue *q, __u32 op, __u32 id, __u32 len)
{
	if (vqa_recorder)
		flight_note(q, op, id, len);
}

/* The same on a buffer that was recorded, if it was one: its descriptors are known from then. */
static __always_inline void flight_record_id(struct vqa_queue *q, __u32 op, __u32 id, __u32 len)
{
	__u32 num;

	if (!vqa_recorder)
		return;
	num = q->head[id & (VQA_RING_MAX - 1)].n;
	barrier_var(num); /* or clang reads it where it is certain of the range, without the mask */
	flight_note(q, op | FLIGHT_NUM(id < VQA_RING_MAX ? num : 0), id, len);
}

/*
 * A buffer that was just recorded. Its place is told by the index where it went:
 * the driver's own may have gone on, or not, by now.
 */
static __always_inline void flight_record_add(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num,
					      __u16 at)
{
	if (vqa_recorder)
		flight_note_add(q, slot << 16 | at, id, num);
}

/*
 * A record of a violation, with room for the queue's operations behind it if
 * they are due; NULL (counted) if there is no room at all. Through a dynptr, so
 * that the verifier sees one event in both cases: with two it would follow all
 * that comes after once more, which 6.1 had no patience for. To be ended by
 * flight_submit() in any case.
 */
static __always_inline struct vqa_event *flight_reserve(struct vqa_queue *q,
							struct vqa_limit *limit, __u64 now,
							struct bpf_dynptr *record)
{
	__u64 due = 1 ^ ((now - limit->flight_ns) >> 63);
	__u32 n = due * vqa_recorder & (2 * VQA_FLIGHT_MAX - 1);
	struct vqa_event *e;

	bpf_ringbuf_reserve_dynptr(&events, sizeof(*e) + n * sizeof(struct vqa_op), 0, record);
	e = bpf_dynptr_data(record, 0, sizeof(*e));
	if (!e)
		return 0;
	event_init(e, q, VQA_EV_VIOLATION);
	e->flight = n;
	e->flight_next = q->flight.next;
	barrier();
	limit->flight_ns += due * (now + FLIGHT_GAP_NS - limit->flight_ns);
	return e;
}

/* Copies the operations, and sends the record; one that was never reserved is counted. */
static __always_inline void flight_submit(struct vqa_queue *q, struct vqa_event *e,
					  struct bpf_dynptr *record)
{
	__u32 n;

	if (!e) {
		count_loss(VQA_LOSS_EVENTS);
		bpf_ringbuf_discard_dynptr(record, 0);
		return;
	}
	if (vqa_recorder) {
		n = e->flight & (2 * VQA_FLIGHT_MAX - 1);
		if (n > VQA_FLIGHT_MAX)
			n = VQA_FLIGHT_MAX;
		bpf_dynptr_write(record, sizeof(*e), q->flight.op, n * sizeof(struct vqa_op), 0);
	}
	bpf_ringbuf_submit_dynptr(record, 0);
}

/* The driver rings, or would if the device wanted it. Registers nothing: a kick is no beginning. */
static __always_inline int kick(struct virtqueue *vq, __u32 flags)
{
	__u64 key = (__u64)vq;
	struct vqa_queue *q = queue_find(key);

	if (!q || !q->ready)
		return 0;
	notice_kick(q, flags);
	flight_record(q, VQA_OP_KICK | FLIGHT_FLAGS(flags), VQA_OP_NO_ID, 0);
	return 0;
}

#endif
