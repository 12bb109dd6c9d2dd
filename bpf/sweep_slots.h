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
	if (++s->a.cursor >= s->m->num) {
		s->a.cursor -= s->m->num;
		s->m->wrap ^= 1;
	}
}

/* Packed: whether the id in a slot leads to a chain of which the hooks know nothing. */
static __noinline int sweep_old_chain(struct sweep *s, __u32 id)
{
	struct vqa_queue *q = s->a.q;
	struct head_state h;

	if (id >= s->m->num || q->head[id & (VQA_RING_MAX - 1)].state != VQA_HEAD_NEVER)
		return 0;
	h = read_packed_head(s->a.v, id);
	if (!h.data || !h.n)
		return 0;
	s->m->old_id = id;
	s->m->old = id;
	s->m->old_left = h.n;
	return 1;
}

/* Whether the driver's indices are as they were at the beginning of the walk. */
static __always_inline int sweep_stands_still(const struct sweep *s)
{
	return vring_read(s->a.v, last_used_idx) == s->m->first.last_used &&
	       sweep_avail(s->a.q, s->a.v) == s->m->first.next_avail;
}

/*
 * Packed: a slot that was published before the start. The id that stands there
 * leads to the kernel's copy of a chain. If that equals what the device can see,
 * it becomes the record. If not, it does where the chain must be: behind the
 * part of it that was right, or behind a chain that was. Else nothing is known.
 */
static long sweep_adopt_step(__u32 i, void *ctx)
{
	struct sweep *s = ctx;
	struct audit *a = &s->a;
	struct vqa_desc *kept = &a->d.want, *slot;
	__u32 head;

	if (!a->left)
		return 1;
	a->left--;
	slot = &a->q->slot[a->cursor & (VQA_RING_MAX - 1)];
	head = !s->m->old_left;
	a->d.seen = read_packed_desc(a->t.ring, a->cursor);
	sweep_advance(s);
	if (slot->flags || (!s->m->old_left && !sweep_old_chain(s, a->d.seen.next))) {
		s->m->old_left = 0;
		s->m->sure = 0;
		return 0;
	}
	*kept = read_shadow(a->t.shadow, s->m->old & (VQA_RING_MAX - 1));
	s->m->old = kept->next;
	s->m->old_left--;
	kept->next = s->m->old_id;
	if (kept->addr == DMA_MAPPING_ERROR)
		kept->addr = a->d.seen.addr;
	if (!vqa_desc_diff(a->d.seen, *kept, VQA_FIELDS_PACKED)) {
		s->m->sure = 1;
		*slot = *kept;
		return 0;
	}
	if (s->m->sure && sweep_stands_still(s))
		*slot = *kept;
	s->m->sure &= !head;
	s->m->old_left *= s->m->sure;
	return 0;
}

/*
 * Packed: what was published at a slot. The flags tell in which lap, so that a
 * record of another one shows. Returns 0 if nothing is known.
 */
static __always_inline int sweep_published(struct sweep *s, __u32 slot)
{
	const struct vqa_queue *q = s->a.q;
	const struct vqa_head *head;

	s->a.d.want = q->slot[slot & (VQA_RING_MAX - 1)];
	s->a.id = s->a.d.want.next;
	head = &q->head[s->a.id & (VQA_RING_MAX - 1)];
	s->a.n = head->n;
	return vqa_packed_is_avail(s->a.d.want.flags, s->m->wrap) &&
	       (vqa_patched || head->epoch == q->epoch);
}

/*
 * Packed: which fields of a slot the device may not have written, 0 for none.
 * Unread completions stand one chain's length apart. Behind the last one is the
 * slot of the next, where length and id may be written before the flags.
 */
static __noinline __u32 sweep_slot_mask(struct sweep *s, __u32 slot)
{
	const struct vqa_desc *seen = &s->a.d.seen;
	__u32 mask = VQA_FIELDS_PACKED, n;

	if (s->m->fresh == slot + 1)
		mask &= ~(VQA_F_NEXT_FLAG | VQA_F_WRITE | VQA_F_INDIRECT | VQA_F_FLAGS |
			  VQA_F_AVAIL_USED);
	if (s->m->edge)
		return mask;
	if (s->m->span) {
		s->m->span--;
		return mask;
	}
	if (!vqa_packed_is_used(seen->flags, s->m->wrap)) {
		s->m->edge = slot + 1;
		return mask & ~(VQA_F_LEN | VQA_F_ID);
	}
	n = seen->next < s->m->num ? read_packed_head(s->a.v, seen->next).n : 0;
	/* A false id, or a completion that stands for several: the ring cannot be followed. */
	if (!n || s->a.q->features >> VIRTIO_F_IN_ORDER & 1)
		s->a.left = vqa_zero;
	s->m->span = n - 1;
	return 0;
}

static long sweep_slot_step(__u32 i, void *ctx)
{
	struct sweep *s = ctx;
	struct audit *a = &s->a;
	__u32 slot = a->cursor, mask;

	if (!a->left)
		return 1;
	a->left--;
	a->d.seen = read_packed_desc(a->t.ring, slot);
	mask = sweep_slot_mask(s, slot) + vqa_zero;
	if (mask && sweep_published(s, slot) && sweep_desc(s, mask, slot))
		return 1;
	sweep_advance(s);
	return 0;
}

/* Packed: the way is along all slots between what the driver has taken and what it adds next. */
static __always_inline void sweep_set_out(struct sweep *s)
{
	struct audit *a = &s->a;
	__u16 last_used = vring_read(a->v, last_used_idx);
	__u32 free = vring_read(a->v, vq.num_free);

	a->t = read_packed_tables(a->v);
	a->cursor = vqa_packed_pos(last_used) + vqa_zero;
	a->left = (free < s->m->num ? s->m->num - free : 0) + vqa_zero;
	s->m->wrap = last_used >> VQA_WRAP_BIT;
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

static __noinline int sweep_slots(struct sweep *s)
{
	s->m->fresh = sweep_fresh(s->a.q);
	barrier();
	sweep_set_out(s);
	s->a.d.found = vqa_zero;
	s->m->span = 0;
	s->m->edge = 0;
	walk(sweep_slot_step, s, VQA_RING_MAX);
	return 0;
}

/* Packed: once, what was published before the start. */
static __noinline int sweep_adopt(struct sweep *s)
{
	struct vqa_queue *q = s->a.q;

	if (!q->id.packed || q->swept.adopted)
		return 0;
	q->swept.adopted = 1;
	if (q->id.shadow != VQA_SHADOW_WHOLE)
		return 0;
	sweep_state(s, &s->m->first);
	sweep_set_out(s);
	s->m->old_left = 0;
	s->m->sure = 0;
	walk(sweep_adopt_step, s, VQA_RING_MAX);
	return 0;
}

/* Packed: nothing may have been completed meanwhile, or what follows was the device's to write. */
static __always_inline int sweep_edge_holds(struct sweep *s, __u16 last_used)
{
	__u32 slot = s->m->edge - 1, wrap = last_used >> VQA_WRAP_BIT;

	if (!s->m->edge)
		return 1;
	wrap ^= slot < vqa_packed_pos(last_used);
	return !vqa_packed_is_used(read_packed_desc(s->a.t.ring, slot).flags, wrap);
}

#endif
