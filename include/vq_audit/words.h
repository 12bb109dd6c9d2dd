/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of a ring beside its descriptors, and what can be wrong with them:
 * pure as check.h is.
 */
#ifndef VQ_AUDIT_WORDS_H
#define VQ_AUDIT_WORDS_H

#include "vq_audit/check.h"

#define VQA_NO_INTERRUPT 1 /* of a split ring's avail.flags */
#define VQA_EVENT_FLAGS 3 /* the defined bits of a packed ring's event flags */
#define VQA_EVENT_DESC 2 /* at an offset: with EVENT_IDX only */

/**
 * struct vqa_words - one look at them
 *
 * Read in the order last_used, used_idx, next_avail: a driver that goes on
 * meanwhile only makes what is allowed larger. A word of the other ring is 0.
 */
struct vqa_words {
	__u16 last_used; /* the driver's, private */
	__u16 used_idx;
	__u16 next_avail; /* the driver's, private: where it publishes next */
	__u16 avail_idx;
	__u16 driver_flags; /* split: avail.flags */
	__u16 driver_shadow; /* the driver's own copy of that */
	__u16 device_flags; /* split: used.flags */
	__u16 device_event; /* split: avail_event; packed: off_wrap of the device */
	__u32 num; /* of the ring */
	__u8 packed : 1;
	__u8 event : 1; /* EVENT_IDX was negotiated */
	__u8 triggered : 1; /* the driver leaves its event words as they are for now */
	__u8 pad;
	__u16 taken_back; /* split: buffers that were available, and the driver took back unused */
};

/** struct vqa_words_past - what an earlier look found; valid is 0 if there was none */
struct vqa_words_past {
	__u16 last_used;
	__u16 used_idx;
	__u16 device_event;
	__u8 valid;
	__u8 pad;
};

/* Split: what used.idx says against the driver's indices. Behind is further away than ahead. */
static inline __u32 vqa_used_is_behind(__u16 used, __u16 last_used)
{
	return vqa_index_back(used, last_used);
}

/* The device's index went back since the look before, by no more than a ring. */
static inline __u32 vqa_used_went_back(__u16 used, __u16 before, __u32 num)
{
	return (__u16)(before - used - 1) < num;
}

/**
 * vqa_avail_event_jumped() - whether the device wrote an avail_event that it cannot mean
 * @before: what stood there at the look before
 * @low: the driver's used index then
 * @high: its available index now
 *
 * A device that does not want notifications leaves the word as it is, so an
 * old value means nothing. One that was written in between lies within a ring
 * of the buffers that there were to be notified of.
 */
static inline __u32 vqa_avail_event_jumped(__u16 now, __u16 before, __u16 low, __u16 high,
					   __u32 num)
{
	__u16 from = low - num, window = high + num - from;

	return now != before && (__u16)(now - from) > window;
}

/* Split: avail.idx; @behind: by one, as it is while the driver is about to write it. */
static inline __u32 vqa_avail_idx_fault(const struct vqa_words *w, __u32 behind)
{
	__u16 off = w->next_avail - w->avail_idx;

	return behind ? off == 1 : off > 1;
}

/*
 * What the driver writes to turn interrupts off or on: @stale, it may be about
 * to; the other bits nobody ever writes.
 */
static inline __u32 vqa_driver_flags_fault(const struct vqa_words *w, __u32 stale)
{
	__u16 bits = w->packed ? VQA_EVENT_FLAGS : VQA_NO_INTERRUPT;
	__u16 diff = w->driver_flags ^ w->driver_shadow;

	if (!w->packed && w->event) /* then the driver tells by used_event */
		return !stale && w->driver_flags & ~bits;
	if (!stale)
		return (diff & ~bits) != 0;
	return !w->triggered && diff & bits;
}

/* Split: only NO_NOTIFY is defined, and with EVENT_IDX nothing (virtio 1.2, 2.7.10.2). */
static inline __u32 vqa_used_flags_fault(const struct vqa_words *w)
{
	return w->event ? w->device_flags : w->device_flags & ~1;
}

/* Packed: enabled, disabled, or at an offset if that was negotiated (virtio 1.2, 2.8.14). */
static inline __u32 vqa_device_flags_fault(const struct vqa_words *w)
{
	return w->device_flags > (w->event ? VQA_EVENT_DESC : VQA_EVENT_DESC - 1);
}

/* Packed: the offset is one of the ring's. */
static inline __u32 vqa_device_off_fault(const struct vqa_words *w)
{
	return w->device_flags == VQA_EVENT_DESC && vqa_packed_pos(w->device_event) >= w->num;
}

/*
 * Each word in each way in which it can be wrong: X(ID, rule, kind, since). What may be but about
 * to be written counts only after it stood for @since ms.
 */
#define VQA_WORDS(X)                                            \
	X(AVAIL_IDX, AVAIL_TAMPER, AVAIL_IDX, 0)                \
	X(AVAIL_IDX_LATE, AVAIL_TAMPER, AVAIL_IDX, 1000)        \
	X(AVAIL_RING, AVAIL_TAMPER, AVAIL_RING, 0)              \
	X(DRIVER_FLAGS, EVENT_TAMPER, DRIVER_FLAGS, 0)          \
	X(DRIVER_FLAGS_STALE, EVENT_TAMPER, DRIVER_FLAGS, 1000) \
	X(USED_BEHIND, USED_IDX_BACK, USED_BEHIND, 0)           \
	X(USED_BACK, USED_IDX_BACK, USED_BACK, 0)               \
	X(USED_AHEAD, USED_IDX_JUMP, NONE, 0)                   \
	X(USED_FLAGS, USED_FLAGS, USED_FLAGS, 0)                \
	X(DEVICE_FLAGS, DEVICE_EVENT, DEVICE_FLAGS, 0)          \
	X(DEVICE_OFF, DEVICE_EVENT, DEVICE_OFF, 0)              \
	X(AVAIL_EVENT, DEVICE_EVENT, AVAIL_EVENT, 0)

enum vqa_word {
#define X(id, rule, kind, since) VQA_WORD_##id,
	VQA_WORDS(X)
#undef X
		VQA_WORD_COUNT,
};

_Static_assert(VQA_WORD_COUNT <= VQA_WORD_MAX, "the state of a queue has room for each");

#define VQA_WORD_BIT(id) (1u << VQA_WORD_##id)

#define VQA_WORDS_SPLIT                                                                      \
	(VQA_WORD_BIT(AVAIL_IDX) | VQA_WORD_BIT(AVAIL_IDX_LATE) | VQA_WORD_BIT(AVAIL_RING) | \
	 VQA_WORD_BIT(USED_BEHIND) | VQA_WORD_BIT(USED_BACK) | VQA_WORD_BIT(USED_AHEAD) |    \
	 VQA_WORD_BIT(USED_FLAGS) | VQA_WORD_BIT(AVAIL_EVENT))
#define VQA_WORDS_PACKED (VQA_WORD_BIT(DEVICE_FLAGS) | VQA_WORD_BIT(DEVICE_OFF))

/**
 * vqa_word_fault() - whether a word is wrong in one of the ways of enum vqa_word
 *
 * One way a call: all at once are more paths than the verifier follows. Of the
 * entries of the available ring nothing is known here.
 */
static inline __u32 vqa_word_fault(const struct vqa_words *w, const struct vqa_words_past *p,
				   __u32 word)
{
	if ((w->packed ? VQA_WORDS_SPLIT : VQA_WORDS_PACKED) >> word & 1)
		return 0;
	switch (word) {
	case VQA_WORD_AVAIL_IDX:
		return vqa_avail_idx_fault(w, 0);
	case VQA_WORD_AVAIL_IDX_LATE:
		return vqa_avail_idx_fault(w, 1);
	case VQA_WORD_DRIVER_FLAGS:
		return vqa_driver_flags_fault(w, 0);
	case VQA_WORD_DRIVER_FLAGS_STALE:
		return vqa_driver_flags_fault(w, 1);
	case VQA_WORD_USED_BEHIND:
		return vqa_used_is_behind(w->used_idx, w->last_used);
	case VQA_WORD_USED_BACK:
		return p->valid && !vqa_used_is_behind(w->used_idx, w->last_used) &&
		       vqa_used_went_back(w->used_idx, p->used_idx, w->num);
	case VQA_WORD_USED_AHEAD:
		return !vqa_used_is_behind(w->used_idx, w->last_used) &&
		       vqa_used_idx_jump(w->used_idx, w->last_used, w->next_avail + w->taken_back);
	case VQA_WORD_USED_FLAGS:
		return vqa_used_flags_fault(w);
	case VQA_WORD_DEVICE_FLAGS:
		return vqa_device_flags_fault(w);
	case VQA_WORD_DEVICE_OFF:
		return vqa_device_off_fault(w);
	case VQA_WORD_AVAIL_EVENT:
		return w->event && p->valid &&
		       vqa_avail_event_jumped(w->device_event, p->device_event, p->last_used,
					      w->next_avail, w->num);
	default:
		return 0;
	}
}

/** vqa_word_pair() - a wrong word, and beside it what it should be, or what it is measured by */
static inline void vqa_word_pair(const struct vqa_words *w, const struct vqa_words_past *p,
				 __u32 word, __u64 *seen, __u64 *want)
{
	*want = 0;
	switch (word) {
	case VQA_WORD_AVAIL_IDX:
	case VQA_WORD_AVAIL_IDX_LATE:
		*seen = w->avail_idx;
		*want = w->next_avail;
		return;
	case VQA_WORD_DRIVER_FLAGS:
	case VQA_WORD_DRIVER_FLAGS_STALE:
		*seen = w->driver_flags;
		*want = w->packed || !w->event ? w->driver_shadow : 0;
		return;
	case VQA_WORD_USED_BEHIND:
		*seen = w->used_idx;
		*want = w->last_used;
		return;
	case VQA_WORD_USED_BACK:
		*seen = w->used_idx;
		*want = p->used_idx;
		return;
	case VQA_WORD_USED_AHEAD:
		*seen = w->used_idx;
		*want = w->next_avail;
		return;
	case VQA_WORD_DEVICE_OFF:
		*seen = vqa_packed_pos(w->device_event);
		*want = w->num - 1;
		return;
	case VQA_WORD_AVAIL_EVENT:
		*seen = w->device_event;
		*want = w->next_avail;
		return;
	default:
		*seen = w->device_flags;
	}
}

#endif
