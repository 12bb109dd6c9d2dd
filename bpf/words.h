/* SPDX-License-Identifier: GPL-2.0 */
/* The sweep's look at the words of a ring beside its descriptors. */
#ifndef BPF_WORDS_H
#define BPF_WORDS_H

#include "audit.h"
#include "order.h"
#include "vq_audit/words.h"

#define NSEC_PER_MSEC 1000000ULL
#define WORD_IDLE_NS NSEC_PER_SEC /* what the driver is about to write it has written by then */
#define WORD_FAST 16384 /* publications between two sweeps, from which on 16 bits tell nothing */

/* The queue that is to be swept. Returns 0 if it is gone, or broken: nothing is right there. */
static __always_inline int audit_open(struct audit *a, const struct vqa_sweep *io)
{
	__u64 key = io->vq;

	a->q = bpf_map_lookup_elem(&queues, &key);
	if (!a->q || !a->q->ready)
		return 0;
	a->v = read_vring((void *)key);
	return !vring_read(a->v, broken);
}

/** struct ring_order - a walk along the available ring */
struct ring_order {
	struct vqa_queue *q;
	__u64 ring;
	__u32 left;
	__u32 sign; /* of all that differs */
	__u16 at;
	__u16 seen; /* the first that differs */
	__u16 want;
	__u16 where;
};

static long ring_order_step(__u32 i, void *ctx)
{
	struct ring_order *o = ctx;
	__u32 want, place;
	__u16 seen;

	if (!o->left)
		return 1;
	o->left--;
	want = order_at(o->q, o->at);
	place = o->at & (o->q->id.num - 1);
	seen = kernel_read(vring_avail, o->ring + sizeof(__u16) * (__u64)place, flags);
	if (!want && seen < o->q->id.num) /* published before the start: as it is now */
		order_note(o->q, seen, 0, o->at);
	if (want && seen != want - 1) {
		if (!o->sign) {
			o->seen = seen;
			o->want = want - 1;
			o->where = place;
		}
		o->sign = vqa_mix(o->sign, (__u64)place << 32 | seen << 16 | want, SHADOW_KEY) | 1;
	}
	o->at++;
	return 0;
}

/* All entries that the driver has published and not got back; not the one it may be writing. */
static __always_inline void ring_order_read(struct ring_order *o, struct audit *a)
{
	__u32 n = (__u16)(a->cursor - a->last_used), num = a->q->id.num;

	o->q = a->q;
	o->ring = (__u64)split_read(a->v, vring.avail) + VRING_AVAIL_RING;
	o->at = a->last_used;
	o->left = (n <= num && num <= VQA_RING_MAX ? n : 0) + vqa_zero;
	o->sign = vqa_zero;
	walk(ring_order_step, o, VQA_RING_MAX);
}

static __always_inline void read_split_words(struct vring_virtqueue *v, struct vqa_words *w)
{
	__u64 avail = (__u64)split_read(v, vring.avail), used = (__u64)split_read(v, vring.used);
	__u64 event = used + VRING_USED_RING + sizeof(struct vring_used_elem) * (__u64)w->num;

	w->last_used = vring_read(v, last_used_idx);
	barrier();
	w->used_idx = read_used_idx(v);
	barrier();
	w->next_avail = split_read(v, avail_idx_shadow);
	w->avail_idx = kernel_read(vring_avail, avail, idx);
	w->driver_flags = kernel_read(vring_avail, avail, flags);
	w->driver_shadow = split_read(v, avail_flags_shadow);
	w->device_flags = kernel_read(vring_used, used, flags);
	w->device_event = kernel_read(vring_avail, event, flags);
}

static __always_inline void read_packed_words(struct vring_virtqueue *v, struct vqa_words *w)
{
	__u64 driver = (__u64)packed_read(v, vring.driver);
	__u64 device = (__u64)packed_read(v, vring.device);

	w->last_used = vring_read(v, last_used_idx);
	barrier();
	w->next_avail = packed_read(v, next_avail_idx);
	w->driver_flags = kernel_read(vring_packed_desc_event, driver, flags);
	w->driver_shadow = packed_read(v, event_flags_shadow);
	w->device_event = kernel_read(vring_packed_desc_event, device, off_wrap);
	w->device_flags = kernel_read(vring_packed_desc_event, device, flags);
}

static __noinline int read_words(const struct audit *a, struct vqa_words *w)
{
	struct vring_virtqueue *v = a->v;

	w->packed = a->q->id.packed;
	w->num = a->q->id.num;
	w->event = vring_read(v, event);
	w->triggered = vring_read(v, event_triggered);
	if (w->packed)
		read_packed_words(v, w);
	else
		read_split_words(v, w);
	return 0;
}

/* What a word in a wrong state is called. */
struct word_rule {
	__u8 rule;
	__u8 kind;
	__u16 since_ms;
};

static const struct word_rule word_rules[VQA_WORD_MAX] = {
#define X(id, rule, kind, since) { VQA_RULE_##rule, VQA_KIND_##kind, since },
	VQA_WORDS(X)
#undef X
};

/* Keeps what stands, and reports it once. @sign: of what is wrong with the word, 0 if nothing is */
static __always_inline int word_stands(struct audit *a, __u32 word, __u32 sign, __u64 seen,
				       __u64 want)
{
	struct vqa_standing *s;
	struct word_rule r;
	__u64 now;

	word &= VQA_WORD_MAX - 1;
	s = &a->q->swept.word[word];
	if (!sign) {
		s->since_ns = 0;
		return 0;
	}
	now = bpf_ktime_get_ns();
	if (!s->since_ns || s->sign != sign) {
		s->since_ns = now;
		s->sign = sign;
		s->told = 0;
	}
	r = word_rules[word];
	if (s->told || now - s->since_ns < r.since_ms * NSEC_PER_MSEC)
		return 0;
	s->told = 1;
	return report_word(a, r.rule, r.kind, seen, want);
}

/** struct word_walk - what two looks found, word by word */
struct word_walk {
	struct audit *a;
	struct vqa_words w;
	struct vqa_words again;
	struct vqa_words_past past;
	__u32 settled; /* 1 if the driver stood still in between */
	__u32 word;
};

static long word_step(__u32 i, void *ctx)
{
	struct word_walk *k = ctx;
	__u64 seen, want;
	__u32 sign = 0;

	if (k->word >= VQA_WORD_COUNT)
		return 1;
	if (k->word != VQA_WORD_AVAIL_RING) {
		vqa_word_pair(&k->w, &k->past, k->word, &seen, &want);
		if (k->settled && vqa_word_fault(&k->w, &k->past, k->word) &&
		    vqa_word_fault(&k->again, &k->past, k->word))
			sign = vqa_mix(want, seen, SHADOW_KEY) | 1;
		word_stands(k->a, k->word, sign, seen, want);
	}
	k->word++;
	return 0;
}

static __always_inline int same_driver(const struct vqa_words *a, const struct vqa_words *b)
{
	return a->last_used == b->last_used && a->next_avail == b->next_avail;
}

/** sweep_order() - the entries of the available ring: what two looks find alike */
static __noinline int sweep_order(const struct vqa_sweep *io)
{
	struct audit a = { .point = VQA_POINT_SWEEP };
	struct ring_order o = {};
	__u32 sign;

	if (!audit_open(&a, io) || a.q->id.packed)
		return 0;
	a.last_used = vring_read(a.v, last_used_idx);
	a.cursor = split_read(a.v, avail_idx_shadow);
	ring_order_read(&o, &a);
	if (!o.sign)
		return word_stands(&a, VQA_WORD_AVAIL_RING, 0, 0, 0);
	sign = o.sign;
	ring_order_read(&o, &a);
	if (o.sign != sign || a.last_used != vring_read(a.v, last_used_idx) ||
	    (__u16)a.cursor != split_read(a.v, avail_idx_shadow) ||
	    (a.q->avail_known && a.q->next_avail != (__u16)a.cursor)) {
		a.q->swept.c.unsettled++;
		return 0;
	}
	a.id = o.where;
	return word_stands(&a, VQA_WORD_AVAIL_RING, o.sign, o.seen, o.want);
}

/* Leaves to the next sweep what it compares with. */
static __always_inline void words_remember(struct vqa_queue *q, const struct vqa_words *w)
{
	struct vqa_swept *s = &q->swept;

	s->last_used = w->last_used;
	s->used_idx = w->used_idx;
	s->device_event = w->device_event;
	s->generation = q->id.generation;
	s->valid = 1;
}

/* Since when the driver has published nothing, if that is long enough to have written it all. */
static __always_inline int words_idle(struct vqa_queue *q, __u64 published)
{
	struct vqa_swept *s = &q->swept;
	__u64 now = bpf_ktime_get_ns();

	if (!s->valid || published != s->published)
		s->idle_ns = now;
	return now - s->idle_ns >= WORD_IDLE_NS;
}

/** sweep_words() - all other words */
static __noinline int sweep_words(const struct vqa_sweep *io)
{
	struct audit a = { .point = VQA_POINT_SWEEP };
	struct word_walk k = { .a = &a };
	struct vqa_swept *s;
	__u64 published;

	if (!audit_open(&a, io))
		return 0;
	s = &a.q->swept;
	s->c.sweeps++;
	published = a.q->c.published;
	read_words(&a, &k.w);
	k.past.last_used = s->last_used;
	k.past.used_idx = s->used_idx;
	k.past.device_event = s->device_event;
	k.past.valid = s->valid && s->generation == a.q->id.generation &&
		       published - s->published < WORD_FAST;
	read_words(&a, &k.again);
	k.settled = same_driver(&k.w, &k.again);
	a.last_used = k.w.last_used;
	k.word = vqa_zero;
	walk(word_step, &k, VQA_WORD_COUNT + 1);
	s->idle = words_idle(a.q, published);
	s->published = published;
	words_remember(a.q, &k.w);
	return 1;
}

#endif
