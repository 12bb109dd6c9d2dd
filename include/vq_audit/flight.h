/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flight recorder: the last operations on a queue, kept all the time, and
 * sent with a violation.
 *
 * Operations of a queue come from hooks that its driver serialises, but also
 * from interrupts and notifications, which run beside them. A writer takes a
 * position by an atomic add, and owns the entry there until it is overwritten,
 * N operations later. That much is certain; that a writer is done with its entry
 * is not: a virtual CPU can stand still in the middle of it for as long as the
 * hypervisor likes, and a copy can be taken meanwhile. So each entry carries a
 * sum of what it says and of its position. An entry that is half written, that
 * two writers have met in, or that is still that of an earlier position, has a
 * wrong sum, whatever the order in which its words became visible; it is left
 * out, and counted.
 */
#ifndef VQ_AUDIT_FLIGHT_H
#define VQ_AUDIT_FLIGHT_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Entries of a queue's recorder; a power of two. Of these, --recorder uses so many. */
#define VQA_FLIGHT_MAX 128
#define VQA_FLIGHT_DEFAULT 64
/* The clock is read for so many of a queue in a jiffy, and then for one of so many. */
#define VQA_FLIGHT_TIMED 32

/*
 * What happens to a queue: X(ID, name, text). Said of each: what id, num and len
 * are where they are not the buffer's id, its descriptors in the ring, and 0.
 */
#define VQA_OPS(X)                                                                     \
	/* avail: where it went; on stock kernels, the add has returned by now */      \
	X(ADD, "add", "the driver publishes a buffer")                                 \
	/* id: VQA_OP_NO_ID, num: 0 */                                                 \
	X(ADD_FAILED, "add-failed", "a buffer could not be published")                 \
	/* id: VQA_OP_NO_ID, num: 0; flags: VQA_OP_NOTIFY, VQA_OP_MAYBE */             \
	X(KICK, "kick", "the driver may tell the device of new buffers")               \
	/* id, len: as the device said; num: 0 if unknown */                           \
	X(USED, "used", "the driver reads that the device is done with a buffer")      \
	/* id: VQA_OP_NO_ID if the buffer was not used, or could not be followed */    \
	X(DETACH, "detach", "the buffer is taken out of the ring")                     \
	/* id: VQA_OP_NO_ID, num: 0 */                                                 \
	X(IRQ, "interrupt", "the device interrupts, or the driver looks as if it had") \
	/* id: VQA_OP_NO_ID, num: descriptors in the ring from now on */               \
	X(RESET, "reset", "the queue is reset or resized")                             \
	/* id: VQA_OP_NO_ID, num: 0 */                                                 \
	X(BROKEN, "broken", "the kernel refuses the queue")

enum vqa_op_type {
	VQA_OP_NONE,
#define X(id, name, text) VQA_OP_##id,
	VQA_OPS(X)
#undef X
		VQA_OP_COUNT,
};

#define VQA_OP_NO_ID (~0u)

/* enum vqa_op_flag - of a kick */
enum vqa_op_flag {
	VQA_OP_NOTIFY = 1 << 0, /* the device is to be told */
	VQA_OP_MAYBE = 1 << 1, /* whether it is was not seen */
	VQA_OP_FLAGS = (1 << 2) - 1,
};

/** struct vqa_op - an operation on a queue */
struct vqa_op {
	__u64 time_ns; /* CLOCK_MONOTONIC; of one of VQA_FLIGHT_TIMED before it, where they come
			  thick */
	union {
		struct {
			__u32 id; /* of the buffer, or VQA_OP_NO_ID */
			__u32 len; /* used: bytes, as the device said */
		};
		__u64 who;
	};
	union {
		struct {
			__u16 num; /* descriptors of the buffer in the ring, 0 if unknown */
			__u16 avail; /* the driver's next available index */
			__u16 used; /* the driver's last used index */
			__u8 op; /* enum vqa_op_type */
			__u8 flags; /* enum vqa_op_flag */
		}; /* indices on packed rings: a position, and the wrap counter in bit 15 */
		__u64 what;
	};
	__u64 sum; /* vqa_op_sum() */
};

_Static_assert(sizeof(struct vqa_op) == 32, "an operation takes 32 bytes");

/** struct vqa_flight - the recorder of a queue */
struct vqa_flight {
	__u64 next; /* operations so far: the position of the next one */
	__u64 time_ns; /* when the clock was last read, */
	__u64 tick; /* jiffies of the last operation, */
	__u64 thick; /* and how many there were before it in the same */
	struct vqa_op op[VQA_FLIGHT_MAX]; /* position i is in entry i % N */
};

/* The words of struct vqa_op, as a little-endian host lays out its members. */
static inline __u64 vqa_op_who(__u32 id, __u32 len)
{
	return id | (__u64)len << 32;
}

/* @op: enum vqa_op_type, with enum vqa_op_flag << 8 */
static inline __u64 vqa_op_what(__u32 op, __u16 num, __u16 avail, __u16 used)
{
	return num | (__u64)avail << 16 | (__u64)used << 32 | (__u64)op << 48;
}

/*
 * The sum of an operation at position @pos. Each word is multiplied by an odd
 * number of its own, so that words of two operations do not add up to a third.
 * Of nothing it is not zero: an entry that was never written has a wrong one.
 */
static inline __u64 vqa_op_sum(__u64 time_ns, __u64 who, __u64 what, __u64 pos)
{
	return time_ns * 0x9e3779b97f4a7c15ULL + who * 0xc2b2ae3d27d4eb4fULL +
	       what * 0xff51afd7ed558ccdULL + (pos + 1) * 0xd6e8feb86659fd93ULL;
}

#endif
