/* SPDX-License-Identifier: GPL-2.0 */
/* Where the ledger meets the rings: a buffer that is published must lie in live mappings. */
#ifndef BPF_LEDGER_PUBLISH_H
#define BPF_LEDGER_PUBLISH_H

#include "bounce.h"

/** struct ledger_walk - a walk along the descriptors of a buffer that is published */
struct ledger_walk {
	struct vqa_queue *q;
	struct tables t; /* of the indirect table; else the kernel's private copy alone */
	struct vqa_map_fault *fault; /* of the first one that is wrong */
	__u32 head;
	__u32 serial;
	__u32 left; /* steps to go */
	__u32 slot; /* place in the ring, or in the table */
	__u32 cursor; /* place in the private copy */
	__u32 all_ring; /* 1: the core maps every buffer of the queue */
	__u32 pad;
};

/* The mapping that begins at an address, or, if none does any more, at the page that it is in. */
static __always_inline struct vqa_mapping *ledger_find(struct vqa_dma_key *key)
{
	struct vqa_mapping *m = bpf_map_lookup_elem(&mappings, key), *page;
	struct vqa_dma_key start = *key;

	if (m && vqa_mapping_live(m->live))
		return m;
	start.addr &= ~(__u64)(LEDGER_PAGE - 1);
	start.place ^= key->addr ^ start.addr;
	page = bpf_map_lookup_elem(&mappings, &start);
	if (!page || !vqa_mapping_live(page->live) || page->live & VQA_MAPPING_GOING ||
	    key->addr - start.addr >= page->size)
		return m;
	*key = start;
	return page;
}

/* Whether memory that seems unmapped may lie in a mapping that begins on an earlier page. */
static __always_inline int ledger_spanned(__u64 dev, const struct vqa_mapping *m)
{
	struct ledger_device *device = ledger_device(dev);

	return device && device->wide && device->wide >= m->since;
}

/* What is wrong with a descriptor in a mapping that is known, if it can be said. */
static __always_inline __u32 ledger_fault(struct ledger_walk *w, const struct vqa_dma_key *key,
					  const struct vqa_mapping *m, struct vqa_desc d)
{
	__u32 live = vqa_mapping_live(m->live);
	__u32 kind = vqa_mapping_fault(m, live, d.addr - key->addr, d);

	if (kind && (vqa_mapping_doubted(m, live, ledger_missed_map_at, traced_from) ||
		     (!live && ledger_spanned(key->dev, m)))) {
		ledger_count(VQA_LEDGER_DOUBTS);
		return VQA_KIND_NONE;
	}
	return kind || key->addr != d.addr ? kind : bounce_fault(key, m);
}

static __always_inline __u32 ledger_rule_of(__u32 kind)
{
	switch (kind) {
	case VQA_KIND_MAP_SHARED:
		return VQA_RULE_DMA_OVERLAP;
	case VQA_KIND_OUTSIDE:
		return VQA_RULE_DMA_WINDOW;
	case VQA_KIND_MAP_DIRECTION:
		return VQA_RULE_DMA_DIRECTION;
	case VQA_KIND_SLOT_STALE:
		return VQA_RULE_SWIOTLB_LEAK;
	default:
		return VQA_RULE_DMA_UNMAPPED;
	}
}

/* One fault of a buffer is reported: that of its first descriptor that has any. */
static __always_inline void ledger_note(struct ledger_walk *w, __u32 kind, struct vqa_desc d,
					struct vqa_desc want)
{
	if (!kind || w->fault->kind)
		return;
	w->fault->kind = kind;
	w->fault->rule = ledger_rule_of(kind);
	w->fault->seen =
		mapping_desc(d.addr, d.len,
			     d.flags & VQA_DESC_F_WRITE ? VQA_DMA_FROM_DEVICE : VQA_DMA_TO_DEVICE);
	w->fault->want = want;
}

/* Whether the buffer that was published there before is with the device still. */
static __always_inline int ledger_shares(struct ledger_walk *w, const struct vqa_mapping *m)
{
	__u64 vq = m->vq;
	struct vqa_queue *q = w->q;

	if (vq != q->id.vq)
		q = vq ? queue_find(vq) : 0;
	return q && q->ready && mapping_in_flight(q, m);
}

/* Does it lie where another one may be written? */
static __always_inline void ledger_overlap(struct ledger_walk *w, const struct vqa_mapping *m,
					   __u64 offset, struct vqa_desc d)
{
	__u32 kind = vqa_overlap_fault(m, offset, d);

	if (kind && ledger_shares(w, m))
		ledger_note(w, kind, d, mapping_desc(m->key.addr + m->offset, m->len, m->dir));
}

/* Is the descriptor where its device may reach? */
static __always_inline void ledger_bound(struct ledger_walk *w, struct vqa_desc d)
{
	const struct vqa_windows *windows = &w->q->windows;
	struct vqa_desc want = { .addr = windows->window[0].first, .flags = windows->source };

	if (!windows->n)
		return;
	ledger_count(VQA_LEDGER_WINDOW_DESCS);
	if (!vqa_windows_hold(windows, d.addr, d.len))
		ledger_note(w, VQA_KIND_OUTSIDE, d, want);
}

static __always_inline void ledger_look(struct ledger_walk *w, struct vqa_desc d, __u32 ring)
{
	struct vqa_dma_key key = { .addr = d.addr, .dev = w->q->dma_dev };
	struct vqa_mapping *m;

	ledger_bound(w, d);
	if (!key.dev)
		return;
	key.place = vqa_dma_place(vqa_dma_mark(key.dev), d.addr);
	m = ledger_find(&key);
	if (!m || m->live & VQA_MAPPING_GOING || vqa_mapping_unknown(m, traced_from) ||
	    !vqa_mapping_is(m, &key)) {
		ledger_count(VQA_LEDGER_UNKNOWN_DESCS);
		return;
	}
	ledger_count(VQA_LEDGER_DESCS);
	ledger_note(w, ledger_fault(w, &key, m, d), d, mapping_desc(key.addr, m->size, m->dir));
	ledger_overlap(w, m, d.addr - key.addr, d);
	vqa_mapping_publish(m, d.addr - key.addr, d);
	m->vq = w->q->id.vq;
	m->serial = w->serial;
	m->head = w->head;
	m->ring = ring;
}

/* Where the core keeps, descriptor by descriptor, whether it is to unmap, it keeps no address. */
static __always_inline __u32 mapped_by_ring(const struct ledger_walk *w)
{
	if (w->all_ring || HEADS_TELL_PREMAPPED)
		return w->all_ring;
	return read_shadow(w->t.shadow, w->cursor).addr != DMA_MAPPING_ERROR;
}

/* The next descriptor's place in the ring, and in the private copy. */
static __always_inline void ledger_ring_next(struct ledger_walk *w, struct vqa_desc d)
{
	if (!w->q->id.packed) {
		w->slot = w->cursor = d.next;
		return;
	}
	if (w->left)
		w->cursor = read_shadow_next(w->t.shadow, w->cursor);
	if (++w->slot >= w->q->id.num)
		w->slot -= w->q->id.num;
}

static long ledger_ring_step(__u32 i, void *ctx)
{
	struct ledger_walk *w = ctx;
	struct vqa_desc d;

	if (!w->left)
		return 1;
	w->left--;
	d = w->q->slot[w->slot & (VQA_RING_MAX - 1)];
	ledger_look(w, d, mapped_by_ring(w));
	ledger_ring_next(w, d);
	return !w->left;
}

static long ledger_table_step(__u32 i, void *ctx)
{
	struct ledger_walk *w = ctx;
	struct vqa_desc d;

	if (!w->left)
		return 1;
	w->left--;
	d = read_split_desc(w->t.ring, w->slot);
	if (w->q->id.packed)
		d.flags = d.next;
	ledger_look(w, d, w->all_ring);
	w->slot++;
	return !w->left;
}

/*
 * Buffer @id, which was just recorded, is published: does its memory lie in live
 * mappings? Returns what is wrong, with q->map_fault, to be reported by who has
 * the stack for it.
 */
verified_once int ledger_publish(struct vqa_queue *q, __u32 slot, __u32 id, __u32 num)
{
	struct ledger_walk w = { .q = q, .cursor = id, .head = id };
	const struct vqa_head *head;

	if (!q || !vqa_armed || (!q->dma_dev && !q->windows.n))
		return 0;
	head = &q->head[id & (VQA_RING_MAX - 1)];
	if (head->state != VQA_HEAD_IN_FLIGHT)
		return 0;
	w.fault = &q->map_fault;
	w.fault->kind = VQA_KIND_NONE;
	w.fault->head = id;
	w.fault->point = VQA_POINT_PUBLISH;
	w.serial = ++q->serial[id & (VQA_RING_MAX - 1)];
	w.all_ring = HEADS_TELL_PREMAPPED ? !read_head_premapped(rings_states(q), q->id.packed, id)
					  : read_all_ring(queue_vring(q));
	w.left = num + vqa_zero;
	w.slot = q->id.packed ? slot : id;
	w.t = rings_tables(q);
	walk(ledger_ring_step, &w, VQA_RING_MAX);
	if (head->bytes) {
		w.left = head->bytes / sizeof(struct vqa_desc) + vqa_zero;
		w.slot = vqa_zero;
		w.t = read_indirect_tables(rings_table(q, id), w.left);
		walk(ledger_table_step, &w, WALK_TABLE_MAX);
	}
	return q->map_fault.kind;
}

#endif
