/* SPDX-License-Identifier: GPL-2.0 */
/* How a rule is violated, and where that is found. */
#ifndef VQ_AUDIT_KINDS_H
#define VQ_AUDIT_KINDS_H

/* In which way a rule is violated that can be in several: X(ID, name, text). */
#define VQA_KINDS(X)                                                                               \
	X(NONE, "none", "it is one")                                                               \
	X(NEVER, "never-issued", "it is free; none was published under it since the audit began")  \
	X(REPLAYED, "replayed", "it is free; the buffer under it was completed before")            \
	X(MID_CHAIN, "mid-chain", "it belongs to one, but further down the chain")                 \
	X(LONG, "long", "it has more descriptors than the ring")                                   \
	X(BYTES, "bytes", "its lengths add up to 2^32 bytes or more")                              \
	X(ORDER, "order", "a part that the device may read follows one that it may write")         \
	X(LOOP, "loop", "its last descriptor leads on to another")                                 \
	X(LENGTH, "length", "its table's length is 0, or no multiple of 16")                       \
	X(NESTED, "nested", "its table holds an indirect descriptor")                              \
	X(ENTRY, "entry", "an entry of its table leads out of the table")                          \
	X(CHAINED, "chained", "INDIRECT and NEXT are set in one descriptor")                       \
	X(HEAD_EARLY, "head-early", "its first descriptor is available before the others")         \
	X(RETREAT, "retreat", "the available index went back")                                     \
	X(STALE, "stale", "a descriptor that belongs to no buffer is marked available")            \
	X(FREE_COUNT, "free-count",                                                                \
	  "the driver's count of free descriptors does not rise by its length")                    \
	X(FREE_TAIL, "free-tail",                                                                  \
	  "its last descriptor does not lead to the free list there was before")                   \
	X(AVAIL_IDX, "avail-idx", "avail.idx is not what the driver wrote")                        \
	X(AVAIL_RING, "avail-ring", "an entry of the available ring is not what the driver wrote") \
	X(DRIVER_FLAGS, "driver-flags", "the driver's flags are not what it wrote")                \
	X(USED_BEHIND, "used-behind", "used.idx is behind what the driver has taken")              \
	X(USED_BACK, "used-back", "used.idx went back")                                            \
	X(USED_FLAGS, "used-flags", "used.flags has a bit that it may not have")                   \
	X(DEVICE_FLAGS, "device-flags", "the device's event flags have no such value")             \
	X(DEVICE_OFF, "device-off", "the device's event offset is beyond the ring")                \
	X(AVAIL_EVENT, "avail-event", "avail_event was written far from what is available")        \
	X(KICK_NONE, "kick-none",                                                                  \
	  "nobody looked whether the device is to be notified, which it asks for")                 \
	X(KICK_LOST, "kick-lost", "the driver found that it is to notify the device, and did not") \
	X(SIZE_ODD, "size-odd", "a split ring's size is no power of two")                          \
	X(SIZE_RANGE, "size-range", "a ring's size is 0 or more than 32768")                       \
	X(QUIET_IRQ, "quiet-interrupt", "the device interrupts")                                   \
	X(QUIET_USED, "quiet-used", "the device uses buffers")                                     \
	X(MAP_ENDED, "map-ended", "its mapping was undone before")                                 \
	X(MAP_BEYOND, "map-beyond", "it reaches beyond its mapping")                               \
	X(MAP_DIRECTION, "map-direction", "it was mapped for the other direction")                 \
	X(UNMAP_TWICE, "unmap-twice", "it is not mapped any more")                                 \
	X(UNMAP_SIZE, "unmap-size", "it was mapped with another size")                             \
	X(UNMAP_DIRECTION, "unmap-direction", "it was mapped for another direction")               \
	X(MAP_IN_FLIGHT, "map-in-flight", "the device still has the buffer")                       \
	X(MAP_LEFT, "map-left", "it stays mapped, although the buffer came back")                  \
	X(MAP_ORPHAN, "map-orphan",                                                                \
	  "it stays mapped, although its buffer was never published: mapping the rest failed")     \
	X(MAP_SHARED, "map-shared", "another buffer in flight may be written there")               \
	X(OUTSIDE, "outside", "the device may not reach there")                                    \
	X(COPY_BEYOND, "copy-beyond", "more is copied than was mapped there")                      \
	X(SLOT_STALE, "slot-stale", "its bounce buffer still holds what was there before")

/* enum vqa_kind - the first ones: how an id came to be no head of a buffer in flight */
enum vqa_kind {
#define X(id, name, text) VQA_KIND_##id,
	VQA_KINDS(X)
#undef X
		VQA_KIND_COUNT,
};

/* Where a violation was found: X(ID, name, text). */
#define VQA_POINTS(X)                                                  \
	X(USED, "used", "as the buffer came back")                     \
	X(PUBLISH, "publish", "as the buffer was published")           \
	X(DETACH, "detach", "as the buffer was taken out of the ring") \
	X(IRQ, "interrupt", "as the device raised an interrupt")       \
	X(SWEEP, "sweep", "while the buffer was in flight")            \
	X(UNMAP, "unmap", "as memory was unmapped")                    \
	X(COPY, "copy", "as swiotlb copied")                           \
	X(LEDGER, "ledger", "on a pass over the ledger of mappings")

enum vqa_point {
#define X(id, name, text) VQA_POINT_##id,
	VQA_POINTS(X)
#undef X
		VQA_POINT_COUNT,
};

#endif
