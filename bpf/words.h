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

/* A look at a queue begins. Returns 0 if its ring is just being rebuilt. */
static __always_inline int queue_look(struct vqa_queue *q)
{
	q->looked = q->life;
	barrier();
	return !(q->looked & VQA_REBUILDING);
}

/* Whether the queue still has the ring that it had then, so that what was read was its own. */
verified_once int queue_lives(struct vqa_queue *q, __u64 vq)
{
	return q && q->id.vq == vq && q->life == q->looked &&
	       !vring_read(((struct vring_virtqueue *)vq), broken);
}

/** struct ring_order - what differs in the available ring: the first entry that does */
struct ring_order {
	__u32 sign; /* of all that differs; 0: nothing does */
	__u16 seen;
	__u16 want;
	__u32 where;
};

/** struct ring_order_walk - a walk along it */
struct ring_order_walk {
	struct vqa_queue *q;
	__u64 ring;
	__u32 left;
	__u16 at;
	__u16 pad;
	struct ring_order found;
};

static long ring_order_step(__u32 i, void *ctx)
{
	struct ring_order_walk *o = ctx;
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
		if (!o->found.sign) {
			o->found.seen = seen;
			o->found.want = want - 1;
			o->found.where = place;
		}
		o->found.sign = vqa_mix(o->found.sign, (__u64)place << 32 | seen << 16 | want,
					VQA_SHADOW_KEY) |
				1;
	}
	o->at++;
	return 0;
}

/* All entries from @at on that are published and not got back; not the one being written. */
verified_once __u32 ring_order_read(struct vqa_queue *q, struct ring_order *found, __u64 vq,
				    __u32 at, __u32 avail)
{
	struct vring_virtqueue *v = (struct vring_virtqueue *)vq;
	struct ring_order_walk w = { .q = q, .at = at };
	__u32 n = (__u16)(avail - at), num;

	if (!q || !found)
		return 0;
	num = q->id.num;
	w.ring = (__u64)split_read(v, vring.avail) + VRING_AVAIL_RING;
	w.left = (n <= num && num <= VQA_RING_MAX ? n : 0) + vqa_zero;
	w.found.sign = vqa_zero;
	walk(ring_order_step, &w, VQA_RING_MAX);
	*found = w.found;
	return w.found.sign;
}

static __always_inline void read_split_words(const struct vqa_queue *q, struct vring_virtqueue *v,
					     struct vqa_words *w)
{
	__u64 avail = (__u64)split_read(v, vring.avail), used = (__u64)split_read(v, vring.used);
	__u64 event = used + VRING_USED_RING + sizeof(struct vring_used_elem) * (__u64)w->num;

	w->last_used = vring_read(v, last_used_idx);
	barrier();
	w->used_idx = read_used_idx(read_used_ring(v));
	barrier();
	w->next_avail = split_read(v, avail_idx_shadow);
	w->taken_back = avail_taken_back(q, w->next_avail);
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

verified_once int read_words(struct vqa_queue *q, struct vqa_words *w, __u64 vq)
{
	struct vring_virtqueue *v = (struct vring_virtqueue *)vq;

	if (!q || !w)
		return 0;
	w->packed = q->id.packed;
	w->num = q->id.num;
	w->event = vring_read(v, event);
	w->triggered = vring_read(v, event_triggered);
	if (w->packed)
		read_packed_words(v, w);
	else
		read_split_words(q, v, w);
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

/** struct sighting - a word, as a sweep found it */
struct sighting {
	__u64 vq; /* the queue's address */
	__u64 seen;
	__u64 want;
	__u32 word; /* enum vqa_word */
	__u32 sign; /* of what is wrong with it, 0 if nothing is */
	__u32 where; /* its index, if it is one of many */
	__u32 last_used;
};

static __always_inline int word_report(struct vqa_queue *q, const struct sighting *w, __u32 rule,
				       __u32 kind)
{
	struct finding f = {
		.rule = rule,
		.kind = kind,
		.fields = VQA_F_WORD,
		.point = VQA_POINT_SWEEP,
		.last_used = w->last_used,
		.placed = 1,
		.id = w->where,
	};

	f.d.seen.addr = w->seen;
	f.d.want.addr = w->want;
	f.d.at = w->where;
	return report_rule(q, &f, VQA_POINT_SWEEP);
}

/* Keeps what stands, and reports it once. */
verified_once int word_stands(struct vqa_queue *q, struct sighting *w)
{
	struct vqa_standing *s;
	struct word_rule r;
	__u64 now = bpf_ktime_get_ns();

	if (!q || !w)
		return 0;
	s = &q->swept.word[w->word & (VQA_WORD_MAX - 1)];
	if (!w->sign) {
		s->since_ns = 0;
		return 0;
	}
	if (!s->since_ns || s->sign != w->sign) {
		s->since_ns = now;
		s->sign = w->sign;
		s->told = 0;
	}
	r = word_rules[w->word & (VQA_WORD_MAX - 1)];
	if (s->told || now - s->since_ns < r.since_ms * NSEC_PER_MSEC || !queue_lives(q, w->vq))
		return 0;
	s->told = 1;
	return word_report(q, w, r.rule, r.kind);
}

/** struct looks - two looks at the words, one right after the other */
struct looks {
	struct vqa_words first, second;
	struct vqa_words_past past;
	__u32 settled; /* 1 if the driver stood still in between */
};

/* Judges a word in one of the ways in which it can be wrong; fills in @w. */
verified_once int word_judge(struct looks *l, struct sighting *w)
{
	if (!l || !w)
		return 0;
	vqa_word_pair(&l->first, &l->past, w->word, &w->seen, &w->want);
	w->sign = 0;
	if (l->settled && vqa_word_fault(&l->first, &l->past, w->word) &&
	    vqa_word_fault(&l->second, &l->past, w->word))
		w->sign = vqa_mix(w->want, w->seen, VQA_SHADOW_KEY) | 1;
	return 0;
}

/** struct word_walk - word by word */
struct word_walk {
	struct vqa_queue *q;
	struct looks l;
	struct sighting w;
};

static long word_step(__u32 i, void *ctx)
{
	struct word_walk *k = ctx;

	if (k->w.word >= VQA_WORD_COUNT)
		return 1;
	if (k->w.word != VQA_WORD_AVAIL_RING) {
		word_judge(&k->l, &k->w);
		word_stands(k->q, &k->w);
	}
	k->w.word++;
	return 0;
}

static __always_inline int same_driver(const struct vqa_words *a, const struct vqa_words *b)
{
	return a->last_used == b->last_used && a->next_avail == b->next_avail;
}

/** sweep_order() - the entries of the available ring: what two looks find alike */
verified_once int sweep_order(struct vqa_queue *q, __u64 vq)
{
	struct vring_virtqueue *v = (struct vring_virtqueue *)vq;
	struct sighting w = { .vq = vq, .word = VQA_WORD_AVAIL_RING };
	struct ring_order o = {};
	__u16 avail;

	if (!q || q->id.packed)
		return 0;
	w.last_used = vring_read(v, last_used_idx);
	avail = split_read(v, avail_idx_shadow);
	w.sign = ring_order_read(q, &o, vq, w.last_used, avail);
	if (w.sign && (w.sign != ring_order_read(q, &o, vq, w.last_used, avail) ||
		       w.last_used != vring_read(v, last_used_idx) ||
		       avail != split_read(v, avail_idx_shadow) ||
		       (q->avail_known == VQA_AVAIL_NEXT && q->next_avail != avail))) {
		q->swept.c.unsettled++;
		return 0;
	}
	w.seen = o.seen;
	w.want = o.want;
	w.where = o.where;
	return word_stands(q, &w);
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
verified_once int sweep_words(struct vqa_queue *q, __u64 vq)
{
	struct word_walk k = { .q = q, .w.vq = vq };
	struct vqa_swept *s;
	__u64 published;

	if (!q)
		return 0;
	s = &q->swept;
	s->c.sweeps++;
	published = q->c.published;
	read_words(q, &k.l.first, vq);
	k.l.past.last_used = s->last_used;
	k.l.past.used_idx = s->used_idx;
	k.l.past.device_event = s->device_event;
	k.l.past.valid = s->valid && s->generation == q->id.generation &&
			 published - s->published < WORD_FAST;
	read_words(q, &k.l.second, vq);
	k.l.settled = same_driver(&k.l.first, &k.l.second);
	k.w.last_used = k.l.first.last_used;
	k.w.word = vqa_zero;
	walk(word_step, &k, VQA_WORD_COUNT + 1);
	s->idle = words_idle(q, published);
	s->published = published;
	words_remember(q, &k.l.first);
	return 0;
}

#endif
