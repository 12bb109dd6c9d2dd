/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A look at the progress of a queue: does the device give back what it has, and
 * does each side tell the other? User space looks again and again, and takes the
 * time here, so that no hook has to. Beside a driver that goes on meanwhile, and
 * without its lock: what may be but under way counts once it stood for a while.
 */
#ifndef BPF_PROGRESS_H
#define BPF_PROGRESS_H

#include "quiet.h"
#include "words.h"

#define STORM_NS NSEC_PER_SEC /* over which interrupts are counted */

/* The queue that is to be looked at. Returns 0 if it is gone, rebuilt, or broken: nothing gets on.
 */
static __always_inline int look_open(struct audit *a, __u64 vq)
{
	a->q = queue_find(vq);
	if (!a->q || !a->q->ready)
		return 0;
	a->v = (struct vring_virtqueue *)vq;
	return !vring_read(a->v, broken) && queue_look(a->q);
}

/** struct unread - a walk along what the device has used and the driver has not read */
struct unread {
	struct vqa_queue *q;
	struct vring_virtqueue *v;
	__u64 ring;
	__u32 left;
	__u16 at; /* the driver's index */
	__u16 steps; /* of that index so far */
};

/* The device is done with it: whatever its age, it does not stall. */
static long unread_split_step(__u32 i, void *ctx)
{
	struct unread *u = ctx;
	__u32 place = u->at & (u->q->id.num - 1), id;

	if (!u->left)
		return 1;
	u->left--;
	id = kernel_read(vring_used_elem, u->ring + sizeof(struct vring_used_elem) * (__u64)place,
			 id);
	u->q->progress.born[id & (VQA_RING_MAX - 1)] = 0;
	u->at++;
	u->steps++;
	return 0;
}

static long unread_packed_step(__u32 i, void *ctx)
{
	struct unread *u = ctx;
	struct vqa_desc d;
	__u32 n;

	if (!u->left)
		return 1;
	d = read_packed_desc(u->ring, vqa_packed_pos(u->at));
	if (!vqa_packed_is_used(d.flags, u->at >> VQA_WRAP_BIT) || d.next >= u->q->id.num)
		return 1;
	n = read_packed_head(u->v, d.next).n;
	u->q->progress.born[d.next & (VQA_RING_MAX - 1)] = 0;
	if (!n || n > u->left)
		return 1;
	u->left -= n;
	u->steps += n;
	u->at = vqa_packed_advance(u->at, n, u->q->id.num);
	return 0;
}

verified_once int read_unread(struct vqa_queue *q, struct vqa_look *l, __u64 vq)
{
	struct vring_virtqueue *v = (struct vring_virtqueue *)vq;
	struct unread u = { .q = q, .v = v };

	if (!q || !l)
		return 0;
	u.at = l->w.last_used;
	if (q->id.packed) {
		u.ring = (__u64)packed_read(v, vring.desc);
		u.left = l->in_flight + vqa_zero;
		walk(unread_packed_step, &u, VQA_RING_MAX);
	} else {
		u.ring = (__u64)split_read(v, vring.used) + VRING_USED_RING;
		u.left = (__u16)(l->w.used_idx - l->w.last_used) + vqa_zero;
		if (u.left > l->in_flight) /* no such thing: used-idx-jump */
			u.left = vqa_zero;
		walk(unread_split_step, &u, VQA_RING_MAX);
	}
	l->unread = u.steps;
	return 0;
}

/* Interrupts without progress, a second, in the last whole window. */
static __always_inline __u32 read_storm(struct vqa_queue *q, __u64 now)
{
	struct vqa_progress *p = &q->progress;
	__u32 device = vqa_served[q->id.vdev_index % NOTICE_DEVICES];
	__u32 idle = p->idle, served = p->served, others;

	if (p->storm_ns && now - p->storm_ns < STORM_NS)
		return p->storm;
	others = (device - p->storm_device) - (served - p->storm_served);
	p->storm = p->storm_ns ? vqa_storm_rate(idle - p->storm_idle, others,
						(now - p->storm_ns) / NSEC_PER_MSEC ?: 1)
			       : 0;
	p->storm_ns = now;
	p->storm_idle = idle;
	p->storm_served = served;
	p->storm_device = device;
	return p->storm;
}

static __always_inline __u16 read_driver_event(struct vqa_queue *q, struct vring_virtqueue *v)
{
	__u64 at;

	if (q->id.packed)
		return kernel_read(vring_packed_desc_event, (__u64)packed_read(v, vring.driver),
				   off_wrap);
	at = (__u64)split_read(v, vring.avail) + VRING_AVAIL_RING +
	     sizeof(__u16) * (__u64)q->id.num;
	return kernel_read(vring_avail, at, flags);
}

verified_once int read_look(struct vqa_queue *q, struct vqa_look *l, __u64 vq)
{
	struct vring_virtqueue *v = (struct vring_virtqueue *)vq;
	const struct vqa_progress *p;

	if (!q || !l)
		return 0;
	p = &q->progress;
	l->w.event = vring_read(v, event);
	if (q->id.packed)
		read_packed_words(v, &l->w);
	else
		read_split_words(q, v, &l->w);
	l->added = vring_read(v, num_added);
	l->driver_event = read_driver_event(q, v);
	if (q->id.packed) {
		l->avail_wrap = packed_read(v, avail_wrap_counter);
		l->in_flight = q->id.num - vring_read(v, vq.num_free);
	} else {
		l->in_flight = l->w.next_avail - l->w.last_used;
	}
	l->quiet = quiet_now(q, v);
	l->owed = p->notifies && p->owed != p->notified;
	l->interrupted = q->first.valid && q->first.at == l->w.last_used;
	if (l->quiet)
		l->wrote = quiet_wrote(q, v);
	return 0;
}

/* What is found is called so. Of 32 bytes clang would make a mergeable section, unknown to libbpf.
 */
static const struct word_rule look_rules[VQA_LOOK_MAX] SEC(".rodata") = {
#define X(id, rule, kind, since) { VQA_RULE_##rule, VQA_KIND_##kind, since },
	VQA_LOOKS(X)
#undef X
};

/** struct look_walk - one look, judged thing by thing, up to the first that is to be reported */
struct look_walk {
	struct audit a;
	struct vqa_look l;
	__u64 now;
	__u32 id; /* enum vqa_look_id: the next one */
	__u32 found; /* 1 + the one that is to be reported, 0: none is */
};

/* Keeps what stands. Returns 1 if it is to be reported, which it is once. */
verified_once int look_stands(struct vqa_queue *q, struct vqa_look *l, __u32 id, __u64 now)
{
	struct vqa_standing *s;
	__u32 sign;

	if (!q || !l)
		return 0;
	id &= VQA_LOOK_MAX - 1;
	s = &q->progress.found[id];
	if (!vqa_look_fault(l, id)) {
		s->since_ns = 0;
		return 0;
	}
	sign = vqa_look_sign(l, id);
	if (!s->since_ns || s->sign != sign) {
		s->since_ns = now;
		s->sign = sign;
		s->told = 0;
	}
	if (s->told || now - s->since_ns < look_rules[id].since_ms * NSEC_PER_MSEC ||
	    !queue_lives(q, q->id.vq))
		return 0;
	s->told = 1;
	return 1;
}

static long look_step(__u32 i, void *ctx)
{
	struct look_walk *k = ctx;
	__u32 id = k->id;

	if (id >= VQA_LOOK_COUNT)
		return 1;
	k->id++;
	if (!look_stands(k->a.q, &k->l, id, k->now))
		return 0;
	k->found = id + 1;
	return 1;
}

/** look_at_words() - all but the buffers themselves: the next thing that is wrong there */
static __noinline int look_at_words(struct vqa_sweep *io)
{
	struct look_walk k = { .a = { .point = VQA_POINT_SWEEP } };
	struct vqa_queue *q;
	struct word_rule r;
	__u64 seen, want;

	io->found = look_open(&k.a, io->vq);
	if (!io->found)
		return 0;
	q = k.a.q;
	k.now = bpf_ktime_get_ns();
	k.l.w.num = q->id.num;
	k.l.w.packed = q->id.packed;
	if (q->id.num <= VQA_RING_MAX) {
		read_look(q, &k.l, io->vq);
		read_unread(q, &k.l, io->vq);
		k.l.storm = read_storm(q, k.now);
		k.a.last_used = k.l.w.last_used;
	}
	k.id = io->from + vqa_zero;
	walk(look_step, &k, VQA_LOOK_COUNT + 1);
	io->from = k.id;
	if (!k.found)
		return 0;
	io->more = 1;
	r = look_rules[(k.found - 1) & (VQA_LOOK_MAX - 1)];
	vqa_look_pair(&k.l, k.found - 1, &seen, &want);
	return report_word(&k.a, r.rule, r.kind, seen, want);
}

/** struct stall - a walk along the buffers in flight */
struct stall {
	struct audit a;
	__u64 now_ms;
	__u32 num; /* of the ring */
	__u32 id; /* the next one */
	__u32 limit; /* ms that the device may have one */
	__u32 anew; /* 1: hooks missed something, so all are as if first met */
	__u32 found; /* ms that the device has had buffer a.id, 0 if none is overdue */
	__u32 pad;
};

/*
 * Whether the device has something to read in a buffer. One that it may only
 * write to waits for something to say: a frame, an event, a key. Of a buffer
 * from before the start the kernel's private copy tells, where there is one.
 */
static __always_inline int stall_readable(const struct stall *s, __u32 id, __u64 table)
{
	const struct vqa_queue *q = s->a.q;
	const struct vqa_head *head = &q->head[id & (VQA_RING_MAX - 1)];
	__u16 flags = VQA_DESC_F_WRITE;

	if (head->state != VQA_HEAD_NEVER)
		return head->epoch == q->epoch && head->marks & VQA_HEAD_READABLE;
	if (table && !q->id.packed)
		flags = read_split_desc(table, 0).flags;
	else if (table)
		flags = read_packed_desc(table, 0).flags;
	else if (!q->id.packed)
		flags = read_shadow(read_split_tables(s->a.v).shadow, id).flags;
	else if (q->id.shadow != VQA_SHADOW_RING)
		flags = read_shadow(read_packed_tables(s->a.v).shadow, id).flags;
	return !(flags & VQA_DESC_F_WRITE);
}

static long stall_step(__u32 i, void *ctx)
{
	struct stall *s = ctx;
	struct vqa_queue *q = s->a.q;
	struct head_state h;
	__u32 *born, id;

	if (s->id >= s->num)
		return 1;
	id = s->id++;
	born = &q->progress.born[id & (VQA_RING_MAX - 1)];
	h = q->id.packed ? read_packed_head(s->a.v, id) : read_split_head(s->a.v, id);
	/* Given back, and in flight again unseen: nothing is known of that one. */
	if (!h.data || q->head[id & (VQA_RING_MAX - 1)].state == VQA_HEAD_DONE) {
		*born = 0;
		return 0;
	}
	if (!*born || s->anew) {
		*born = vqa_born(s->now_ms);
		return 0;
	}
	if (*born & VQA_BORN_TOLD || vqa_age(*born, s->now_ms) <= s->limit ||
	    !stall_readable(s, id, rings_table(q, id)) || !queue_lives(q, q->id.vq))
		return 0;
	s->found = vqa_age(*born, s->now_ms);
	s->a.id = id;
	*born |= VQA_BORN_TOLD;
	return 1;
}

/*
 * Whether hooks missed something since the look before. A hook runs before the
 * driver moves its index, so ahead of it they may be, and behind it not.
 */
static __always_inline __u32 stall_anew(struct vqa_queue *q, __u16 last_used)
{
	struct vqa_progress *p = &q->progress;
	__u32 behind = vqa_used_distance(q->id.packed, q->id.num, q->next_used, last_used);
	__u32 missed = behind && behind <= q->id.num && last_used != p->last_used;

	missed |= p->epoch != q->epoch;
	p->epoch = q->epoch;
	p->last_used = last_used;
	return missed;
}

/** look_at_buffers() - the next one that the device has had for too long */
static __noinline int look_at_buffers(struct vqa_sweep *io)
{
	struct stall s = { .a = { .point = VQA_POINT_SWEEP } };
	struct vqa_queue *q;

	if (!look_open(&s.a, io->vq))
		return 0;
	q = s.a.q;
	s.limit = vqa_stall_limit(
		vqa_queue_class(q->id.device, q->id.index, *(const __u64 *)q->id.name),
		vqa_stall_ms);
	s.num = q->id.num;
	if (!s.limit || s.num > VQA_RING_MAX || q->progress.quiet ||
	    vring_read(s.a.v, vq.num_free) == s.num)
		return 0;
	s.now_ms = bpf_ktime_get_ns() / NSEC_PER_MSEC;
	s.a.last_used = vring_read(s.a.v, last_used_idx);
	barrier();
	s.id = io->from - VQA_LOOK_COUNT + vqa_zero;
	s.anew = s.id ? 0 : stall_anew(q, s.a.last_used);
	walk(stall_step, &s, VQA_RING_MAX + 1);
	if (!s.found)
		return 0;
	io->from = s.id + VQA_LOOK_COUNT;
	io->more = 1;
	s.a.n = q->head[s.a.id & (VQA_RING_MAX - 1)].n;
	return report_word(&s.a, VQA_RULE_STALL, VQA_KIND_NONE, s.found, s.limit);
}

/* @io->from: enum vqa_look_id, and behind them the id of a buffer */
static __always_inline int look_at_queue(struct vqa_sweep *io)
{
	io->more = 0;
	if (io->from < VQA_LOOK_COUNT)
		look_at_words(io);
	return io->more ? 0 : look_at_buffers(io);
}

#endif
