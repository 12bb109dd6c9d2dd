/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether buffers get on, and whether the two sides tell each other what they
 * ask to be told: pure as check.h is.
 *
 * A look at a queue finds a state; what only counts once it stood for a while
 * is found by several looks. So neither publication nor completion takes a time.
 */
#ifndef VQ_AUDIT_PROGRESS_H
#define VQ_AUDIT_PROGRESS_H

#include "vq_audit/words.h"

#define VQA_NO_NOTIFY 1 /* of a split ring's used.flags */
#define VQA_EVENT_DISABLE 1 /* a packed ring's event flags: nothing is asked for */

#define VQA_GRACE_MS 2000 /* by when a notification, either way, has arrived */
#define VQA_STORM_RATE 40 /* interrupts without progress a second that are let pass */
#define VQA_QUEUE_MAX 32768 /* descriptors of a ring (virtio 1.2, 2.7, 2.8) */
#define VQA_CONTROL_SHARE 10 /* of the limit of a request, for a command: one tenth */
#define VQA_STALL_DEFAULT 30000

/** enum vqa_class - how long a device may have a buffer of a queue */
enum vqa_class {
	VQA_CLASS_REQUEST,
	VQA_CLASS_CONTROL, /* the driver waits, and often everybody behind it */
	VQA_CLASS_KEPT, /* for as long as it likes, although it can read from it */
};

/** enum vqa_quiet - why the device has to leave a queue alone */
enum vqa_quiet {
	VQA_QUIET_NOT,
	VQA_QUIET_EARLY, /* it was registered before DRIVER_OK */
	VQA_QUIET_RESET, /* the device was reset: the queue is dead, and goes */
};

/** struct vqa_look - one look at a queue */
struct vqa_look {
	struct vqa_words w;
	__u16 added; /* published since the driver last looked whether to notify */
	__u16 driver_event; /* split: used_event; packed: off_wrap of the driver */
	__u16 unread; /* used by the device and not read by the driver */
	__u16 in_flight; /* descriptors */
	__u32 storm; /* interrupts without progress, a second */
	__u8 avail_wrap; /* packed: of the driver's avail position */
	__u8 owed; /* 1: the driver found that it is to notify; nobody has since */
	__u8 interrupted; /* 1: an interrupt came for what is unread */
	__u8 quiet; /* enum vqa_quiet */
	__u8 wrote; /* 1: the device used something since it was to leave the queue alone */
	__u8 pad[3];
}; /* added and unread in steps of the driver's index */

/* The ends of a device's name that make it a queue of commands: "control", "control-o", ... */
#define VQA_NAME_CONTROL 0x6c6f72746e6f63ULL
#define VQA_NAME_MASK 0xffffffffffffffULL

/**
 * vqa_queue_class() - what kind of queue that is
 * @device: virtio device id
 * @index: of the queue in its device
 * @name: the first eight bytes of the queue's name, as a little-endian number
 *
 * Buffers that the device may only write to wait for something to say, and need
 * no class. These have a part to read, too: statistics of a balloon (5), periods
 * of sound (25), lines of a GPIO (41), frames of a video device (30, 31).
 */
static inline __u32 vqa_queue_class(__u32 device, __u32 index, __u64 name)
{
	if ((device == 5 && index == 2) || (device == 25 && (index == 2 || index == 3)) ||
	    (device == 41 && index == 1) || ((device == 30 || device == 31) && !index))
		return VQA_CLASS_KEPT;
	if (device == 16) /* a GPU's drawing takes its time */
		return VQA_CLASS_REQUEST;
	if ((name & VQA_NAME_MASK) == VQA_NAME_CONTROL || (device == 25 && !index))
		return VQA_CLASS_CONTROL;
	return VQA_CLASS_REQUEST;
}

/* How long a device may have a buffer, in ms; 0: for ever. @ms: what requests are given. */
static inline __u32 vqa_stall_limit(__u32 class, __u32 ms)
{
	if (class == VQA_CLASS_KEPT)
		return 0;
	return class == VQA_CLASS_CONTROL ? (ms + VQA_CONTROL_SHARE - 1) / VQA_CONTROL_SHARE : ms;
}

/*
 * When a look first met a buffer: ms since boot, of 31 bits, in which 0 means
 * that none has. The other bit says that it was reported.
 */
#define VQA_BORN_TOLD 0x80000000u
#define VQA_BORN_MS 0x7fffffffu

static inline __u32 vqa_born(__u64 now_ms)
{
	return (now_ms & VQA_BORN_MS) ?: 1;
}

/* Its age, of which a look's period may be missing. */
static inline __u32 vqa_age(__u32 born, __u64 now_ms)
{
	return (vqa_born(now_ms) - born) & VQA_BORN_MS;
}

/* Whether an index that is @now after @steps went past @event, the one asked for. */
static inline __u32 vqa_event_passed(__u16 event, __u16 now, __u16 steps)
{
	return (__u16)(now - event - 1) < steps;
}

/* The same of a packed ring: @off_wrap with its wrap counter in bit 15, @now with @wrap. */
static inline __u32 vqa_packed_event_passed(__u16 off_wrap, __u16 now, __u16 wrap, __u32 num,
					    __u16 steps)
{
	__u16 event = vqa_packed_pos(off_wrap);

	if (off_wrap >> VQA_WRAP_BIT != wrap)
		event -= num;
	return vqa_event_passed(event, now, steps);
}

/* Whether the device asks to be told of the last @steps that were made available. */
static inline __u32 vqa_device_asks(const struct vqa_look *l, __u16 steps)
{
	const struct vqa_words *w = &l->w;

	if (!w->packed && w->event)
		return vqa_event_passed(w->device_event, w->next_avail, steps);
	if (!w->packed)
		return !(w->device_flags & VQA_NO_NOTIFY);
	if (w->device_flags == VQA_EVENT_DESC)
		return vqa_packed_event_passed(w->device_event, w->next_avail, l->avail_wrap,
					       w->num, steps);
	return w->device_flags != VQA_EVENT_DISABLE;
}

/* Whether the device has met all that is available, as it waits for what comes next. */
static inline __u32 vqa_device_has_all(const struct vqa_look *l)
{
	const struct vqa_words *w = &l->w;

	if (!w->packed)
		return w->event && w->device_event == w->next_avail;
	return w->device_flags == VQA_EVENT_DESC &&
	       w->device_event == (w->next_avail | l->avail_wrap << VQA_WRAP_BIT);
}

/* Nobody looked whether the device is to be told of buffers, of which it asks to be told. */
static inline __u32 vqa_kick_none(const struct vqa_look *l)
{
	return l->added && vqa_device_asks(l, l->added);
}

/*
 * Somebody did, found that it is, and did not tell it. A device that has gone on
 * by itself since, or is at it, needs no telling.
 */
static inline __u32 vqa_kick_lost(const struct vqa_look *l)
{
	return l->owed && !l->added && l->in_flight > l->unread && !vqa_device_has_all(l) &&
	       (l->w.event || vqa_device_asks(l, 1)) &&
	       !(l->w.packed && l->w.device_flags == VQA_EVENT_DISABLE);
}

/**
 * vqa_kick_quirk() - whether it is habit of the driver not to notify the device there
 * @device: virtio device id
 * @index: of the queue in its device
 *
 * Linux fills the event queue of an IOMMU and never says so (viommu_fill_evtq()).
 */
static inline int vqa_kick_quirk(__u32 device, __u32 index)
{
	const __u32 iommu = 23; /* VIRTIO_ID_IOMMU */

	return device == iommu && index == 1;
}

/* Whether the driver asks to be told of what it has not read. */
static inline __u32 vqa_driver_asks(const struct vqa_look *l)
{
	const struct vqa_words *w = &l->w;
	__u16 end = vqa_packed_advance(w->last_used, l->unread, w->num);

	if (!w->packed)
		return !(w->driver_shadow & VQA_NO_INTERRUPT) &&
		       (!w->event ||
			vqa_event_passed(l->driver_event, w->last_used + l->unread, l->unread));
	if (w->driver_shadow == VQA_EVENT_DESC)
		return vqa_packed_event_passed(l->driver_event, vqa_packed_pos(end),
					       end >> VQA_WRAP_BIT, w->num, l->unread);
	return w->driver_shadow != VQA_EVENT_DISABLE;
}

/* What a device used lies there unread, and no interrupt came for it. */
static inline __u32 vqa_silent(const struct vqa_look *l)
{
	return l->unread && !l->interrupted && vqa_driver_asks(l);
}

/**
 * vqa_storm_rate() - interrupts without progress, a second
 * @idle: of the queue that came meanwhile
 * @others: interrupts of the device's other queues that had a reason. Where queues
 *          share a vector, each of those is one for nothing here
 * @ms: not 0
 */
static inline __u32 vqa_storm_rate(__u32 idle, __u32 others, __u32 ms)
{
	return idle > others ? (__u64)(idle - others) * 1000 / ms : 0;
}

/*
 * What a look can find: X(ID, rule, kind, since). What may be but under way
 * counts only after it stood for @since ms.
 */
#define VQA_LOOKS(X)                                        \
	X(KICK_NONE, KICK_MISSING, KICK_NONE, VQA_GRACE_MS) \
	X(KICK_LOST, KICK_MISSING, KICK_LOST, VQA_GRACE_MS) \
	X(SILENT, NOTIFY_MISSING, NONE, VQA_GRACE_MS)       \
	X(STORM, NOTIFY_STORM, NONE, 0)                     \
	X(SIZE_ODD, QUEUE_SIZE, SIZE_ODD, 0)                \
	X(SIZE_RANGE, QUEUE_SIZE, SIZE_RANGE, 0)            \
	X(EARLY_USED, BEFORE_DRIVER_OK, QUIET_USED, 0)      \
	X(RESET_USED, AFTER_RESET, QUIET_USED, 0)

enum vqa_look_id {
#define X(id, rule, kind, since) VQA_LOOK_##id,
	VQA_LOOKS(X)
#undef X
		VQA_LOOK_COUNT,
};

_Static_assert(VQA_LOOK_COUNT <= VQA_LOOK_MAX, "the state of a queue has room for each");

/** vqa_look_fault() - whether a look found one of enum vqa_look_id */
static inline __u32 vqa_look_fault(const struct vqa_look *l, __u32 id)
{
	const struct vqa_words *w = &l->w;

	switch (id) {
	case VQA_LOOK_SIZE_ODD:
		return !w->packed && w->num & (w->num - 1);
	case VQA_LOOK_SIZE_RANGE:
		return !w->num || w->num > VQA_QUEUE_MAX;
	case VQA_LOOK_EARLY_USED:
		return l->quiet == VQA_QUIET_EARLY && l->wrote;
	case VQA_LOOK_RESET_USED:
		return l->quiet == VQA_QUIET_RESET && l->wrote;
	case VQA_LOOK_STORM:
		return l->storm > VQA_STORM_RATE;
	}
	if (l->quiet) /* nothing has to get on there */
		return 0;
	switch (id) {
	case VQA_LOOK_KICK_NONE:
		return vqa_kick_none(l);
	case VQA_LOOK_KICK_LOST:
		return vqa_kick_lost(l);
	case VQA_LOOK_SILENT:
		return vqa_silent(l);
	default:
		return 0;
	}
}

/** vqa_look_pair() - what was found in numbers, and what it is measured by */
static inline void vqa_look_pair(const struct vqa_look *l, __u32 id, __u64 *seen, __u64 *want)
{
	*want = 0;
	switch (id) {
	case VQA_LOOK_KICK_NONE:
	case VQA_LOOK_KICK_LOST:
		*seen = l->w.next_avail;
		*want = vqa_packed_pos(l->w.device_event);
		return;
	case VQA_LOOK_SILENT:
		*seen = l->unread;
		return;
	case VQA_LOOK_STORM:
		*seen = l->storm;
		*want = VQA_STORM_RATE;
		return;
	case VQA_LOOK_SIZE_ODD:
	case VQA_LOOK_SIZE_RANGE:
		*seen = l->w.num;
		*want = VQA_QUEUE_MAX;
		return;
	default:
		*seen = l->w.used_idx;
	}
}

/* What must not change while a state stands; not 0. */
static inline __u32 vqa_look_sign(const struct vqa_look *l, __u32 id)
{
	__u32 at = 0;

	if (id == VQA_LOOK_KICK_NONE || id == VQA_LOOK_KICK_LOST)
		at = l->w.next_avail;
	else if (id == VQA_LOOK_SILENT)
		at = l->w.last_used;
	return at << 1 | 1;
}

#endif
