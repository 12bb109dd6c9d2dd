/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sweep of a packed ring: slot by slot, from what the driver has taken to
 * what it adds next.
 */
#ifndef BPF_SWEEP_SLOTS_H
#define BPF_SWEEP_SLOTS_H

#include "sweep_state.h"

#define VIRTIO_F_IN_ORDER 35

/* Packed: on to the next slot. */
static __always_inline void sweep_advance(struct sweep *s)
{
	if (++s->cursor >= s->num) {
		s->cursor -= s->num;
		s->wrap ^= 1;
	}
}

/* Packed: whether the id in a slot leads to a chain of which the hooks know nothing. */
verified_once int sweep_old_chain(struct vqa_queue *q, struct sweep *s, __u32 id)
{
	struct head_state h;

	if (!q || !s || id >= s->num || q->head[id & (VQA_RING_MAX - 1)].state != VQA_HEAD_NEVER)
		return 0;
	h = read_packed_head(sweep_vring(s), id);
	if (!h.data || !h.n)
		return 0;
	s->old_id = id;
	s->old = id;
	s->old_left = h.n;
	return 1;
}

/* Whether the driver's indices are as they were at the beginning of the walk. */
static __always_inline int sweep_stands_still(const struct vqa_queue *q, const struct sweep *s)
{
	return vring_read(sweep_vring(s), last_used_idx) == s->first.last_used &&
	       sweep_avail(q, s) == s->first.next_avail;
}

/*
 * Packed: a slot that was published before the start. The id that stands there
 * leads to the kernel's copy of a chain. If that equals what the device can see,
 * it becomes the record. If not, it does where the chain must be: behind the
 * part of it that was right, or behind a chain that was. Else nothing is known.
 */
static long sweep_adopt_step(__u32 i, void *ctx)
{
	const struct sweep_walk *w = ctx;
	struct vqa_queue *q = w->q;
	struct sweep *s = w->s;
	struct vqa_desc *kept = &s->d.want, *slot;
	__u32 head;

	if (!s->left)
		return 1;
	s->left--;
	slot = &q->slot[s->cursor & (VQA_RING_MAX - 1)];
	head = !s->old_left;
	s->d.seen = read_packed_desc(s->t.ring, s->cursor);
	sweep_advance(s);
	if (slot->flags || (!s->old_left && !sweep_old_chain(q, s, s->d.seen.next))) {
		s->old_left = 0;
		s->sure = 0;
		return 0;
	}
	*kept = read_shadow(s->t.shadow, s->old & (VQA_RING_MAX - 1));
	s->old = kept->next;
	s->old_left--;
	kept->next = s->old_id;
	if (kept->addr == DMA_MAPPING_ERROR)
		kept->addr = s->d.seen.addr;
	if (!vqa_desc_diff(s->d.seen, *kept, VQA_FIELDS_PACKED)) {
		s->sure = 1;
		*slot = *kept;
		return 0;
	}
	if (s->sure && sweep_stands_still(q, s))
		*slot = *kept;
	s->sure &= !head;
	s->old_left *= s->sure;
	return 0;
}

/*
 * Packed: what was published at a slot. The flags tell in which lap, so that a
 * record of another one shows. Returns 0 if nothing is known.
 */
static __always_inline int sweep_published(const struct vqa_queue *q, struct sweep *s, __u32 slot)
{
	const struct vqa_head *head;

	s->d.want = q->slot[slot & (VQA_RING_MAX - 1)];
	s->id = s->d.want.next;
	head = &q->head[s->id & (VQA_RING_MAX - 1)];
	s->n = head->n;
	return vqa_packed_is_avail(s->d.want.flags, s->wrap) &&
	       (vqa_patched || head->epoch == q->epoch);
}

/*
 * Packed: which fields of a slot the device may not have written, 0 for none.
 * Unread completions stand one chain's length apart. Behind the last one is the
 * slot of the next, where length and id may be written before the flags.
 */
verified_once __u32 sweep_slot_mask(struct vqa_queue *q, struct sweep *s, __u32 slot)
{
	__u32 mask = VQA_FIELDS_PACKED, n;

	if (!q || !s)
		return 0;
	if (s->fresh == slot + 1)
		mask &= ~(VQA_F_NEXT_FLAG | VQA_F_WRITE | VQA_F_INDIRECT | VQA_F_FLAGS |
			  VQA_F_AVAIL_USED);
	if (s->edge)
		return mask;
	if (s->span) {
		s->span--;
		return mask;
	}
	if (!vqa_packed_is_used(s->d.seen.flags, s->wrap)) {
		s->edge = slot + 1;
		return mask & ~(VQA_F_LEN | VQA_F_ID);
	}
	n = s->d.seen.next < s->num ? read_packed_head(sweep_vring(s), s->d.seen.next).n : 0;
	/* A false id, or a completion that stands for several: the ring cannot be followed. */
	if (!n || q->features >> VIRTIO_F_IN_ORDER & 1)
		s->left = 0;
	s->span = n - 1;
	return 0;
}

static long sweep_slot_step(__u32 i, void *ctx)
{
	const struct sweep_walk *w = ctx;
	struct vqa_queue *q = w->q;
	struct sweep *s = w->s;
	__u32 slot = s->cursor, mask;

	if (!s->left)
		return 1;
	s->left--;
	s->d.seen = read_packed_desc(s->t.ring, slot);
	mask = sweep_slot_mask(q, s, slot);
	if (mask && sweep_published(q, s, slot) && sweep_desc(q, s, mask, slot))
		return 1;
	sweep_advance(s);
	return 0;
}

/* Packed: the way is along all slots between what the driver has taken and what it adds next. */
static __always_inline void sweep_set_out(struct sweep *s)
{
	struct vring_virtqueue *v = sweep_vring(s);
	__u16 last_used = vring_read(v, last_used_idx);
	__u32 free = vring_read(v, vq.num_free);

	s->t = read_packed_tables(v);
	s->cursor = vqa_packed_pos(last_used);
	s->left = free < s->num ? s->num - free : 0;
	s->wrap = last_used >> VQA_WRAP_BIT;
}

/*
 * Our series tells of a buffer before its first descriptor's flags are written.
 * Which one that is, is looked up at each walk, and must be the same behind it.
 */
static __always_inline __u32 sweep_fresh(const struct vqa_queue *q)
{
	const struct vqa_swept *s = &q->swept;

	return s->idle && s->published == q->c.published ? 0 : s->head_slot + 1;
}

verified_once int sweep_slots(struct vqa_queue *q, struct sweep *s)
{
	struct sweep_walk w = { .q = q, .s = s };

	if (!q || !s)
		return 0;
	s->fresh = sweep_fresh(q);
	barrier();
	sweep_set_out(s);
	s->d.found = 0;
	s->span = 0;
	s->edge = 0;
	walk(sweep_slot_step, &w, VQA_RING_MAX);
	return 0;
}

/* Packed: once, what was published before the start. */
verified_once int sweep_adopt(struct vqa_queue *q, struct sweep *s)
{
	struct sweep_walk w = { .q = q, .s = s };

	if (!q || !s || !q->id.packed || q->swept.adopted)
		return 0;
	q->swept.adopted = 1;
	if (q->id.shadow != VQA_SHADOW_WHOLE)
		return 0;
	sweep_state(q, s, &s->first);
	sweep_set_out(s);
	s->old_left = 0;
	s->sure = 0;
	walk(sweep_adopt_step, &w, VQA_RING_MAX);
	return 0;
}

/* Packed: nothing may have been completed meanwhile, or what follows was the device's to write. */
static __always_inline int sweep_edge_holds(const struct sweep *s, __u16 last_used)
{
	__u32 slot = s->edge - 1, wrap = last_used >> VQA_WRAP_BIT;

	if (!s->edge)
		return 1;
	wrap ^= slot < vqa_packed_pos(last_used);
	return !vqa_packed_is_used(read_packed_desc(s->t.ring, slot).flags, wrap);
}

#endif
