/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one table of rules. Everything that enumerates rules (enums, names,
 * --help, documents, metric labels) is made from it or checked against it.
 */
#ifndef VQ_AUDIT_RULES_H
#define VQ_AUDIT_RULES_H

/*
 * X(ID, name, severity, blame, spec, text)
 *
 * name:     what users type and see
 * severity: CRITICAL (memory safety), HIGH, MEDIUM, LOW
 * blame:    DEVICE or GUEST: whose word is doubted, not whose intent
 * spec:     section of the virtio specification (numbered so since 1.2) that the rule rests on
 * text:     one line: what holds as long as the rule is kept
 */
#define VQA_RULES(X)                                                                               \
	X(DESC_TAMPER, "desc-tamper", CRITICAL, DEVICE, "2.7.5, 2.8.4",                            \
	  "a published descriptor's address, length, WRITE, INDIRECT, next and id stay as "        \
	  "written")                                                                               \
	X(NEXT_FLIP, "next-flip", CRITICAL, DEVICE, "2.7.5, 2.8.6",                                \
	  "the NEXT flag of a published descriptor stays as written")                              \
	X(INDIRECT_TAMPER, "indirect-tamper", CRITICAL, DEVICE, "2.7.5.3, 2.8.7",                  \
	  "the entries of a published indirect table stay as written")                             \
	X(USED_ID_RANGE, "used-id-range", CRITICAL, DEVICE, "2.7.8, 2.8.2",                        \
	  "the id of a used element is smaller than the ring")                                     \
	X(USED_NOT_HEAD, "used-not-head", CRITICAL, DEVICE, "2.7.8, 2.8.2",                        \
	  "the id of a used element is that of a buffer in flight")                                \
	X(USED_LEN_OVER, "used-len-over", HIGH, DEVICE, "2.7.8.2, 2.8.4",                          \
	  "a used length does not exceed the bytes that the device may write")                     \
	X(USED_WRAP, "used-wrap", HIGH, DEVICE, "2.8.1, 2.8.2",                                    \
	  "AVAIL and USED of a packed descriptor change only where a completion may be written")   \
	X(USED_IDX_JUMP, "used-idx-jump", CRITICAL, DEVICE, "2.7.8",                               \
	  "the used index does not run ahead of the buffers in flight")                            \
	X(USED_REWRITE, "used-rewrite", HIGH, DEVICE, "2.7.8.2",                                   \
	  "a used element stays as it was first seen")                                             \
	X(USED_LEN_SHORT, "used-len-short", MEDIUM, DEVICE, "2.7.8.2, 5.2.6",                      \
	  "a device that must write something, a disk its status byte, says that it wrote it")     \
	X(FREE_CONSERVE, "free-conserve", CRITICAL, DEVICE, "2.7.13, 2.7.14",                      \
	  "a buffer gives back as many descriptors as it had, in front of the free list")          \
	X(SHADOW_DAMAGE, "shadow-damage", CRITICAL, GUEST, "2.7.5, 2.8.4",                         \
	  "the kernel's private copy of a buffer stays as it was at publication")                  \
	X(CHAIN_SHAPE, "chain-shape", HIGH, GUEST, "2.7.4, 2.7.5, 2.8.4",                          \
	  "a chain fits the ring and 2^32 bytes, ends, and has what is read before what is "       \
	  "written")                                                                               \
	X(PUBLISH_ORDER, "publish-order", HIGH, GUEST, "2.7.6, 2.8.6",                             \
	  "the available index never goes back; a packed chain's head becomes available last")     \
	X(STALE_AVAIL, "stale-avail", HIGH, GUEST, "2.8.6, 2.8.16",                                \
	  "a buffer that could not be published leaves no available descriptor behind")            \
	X(INDIRECT_UNNEGOTIATED, "indirect-unnegotiated", MEDIUM, GUEST, "2.7.5.3",                \
	  "indirect tables are used only where that was negotiated")                               \
	X(INDIRECT_SHAPE, "indirect-shape", HIGH, GUEST, "2.7.5.3, 2.8.7",                         \
	  "an indirect table has whole entries, holds no further table, and stands alone")         \
	X(AVAIL_TAMPER, "avail-tamper", MEDIUM, DEVICE, "2.7.6",                                   \
	  "the available index and ring stay as the driver wrote them")                            \
	X(EVENT_TAMPER, "event-tamper", MEDIUM, DEVICE, "2.7.7, 2.8.10",                           \
	  "the flags by which the driver asks for interrupts stay as it wrote them")               \
	X(USED_IDX_BACK, "used-idx-back", HIGH, DEVICE, "2.7.8", "the used index never goes back") \
	X(USED_FLAGS, "used-flags", LOW, DEVICE, "2.7.10",                                         \
	  "the used ring's flags have defined bits only, and none beside EVENT_IDX")               \
	X(DEVICE_EVENT, "device-event", LOW, DEVICE, "2.7.10, 2.8.10",                             \
	  "what the device writes to ask for notifications is defined, and within the ring")       \
	X(STALL, "stall", MEDIUM, DEVICE, "2.7.8, 2.8.13",                                         \
	  "the device gives a buffer that it can read back within the time that its queue allows") \
	X(KICK_MISSING, "kick-missing", MEDIUM, GUEST, "2.7.13.4, 2.8.17",                         \
	  "the driver notifies the device of a buffer of which the device asks to be notified")    \
	X(NOTIFY_MISSING, "notify-missing", MEDIUM, DEVICE, "2.7.7.2, 2.8.10",                     \
	  "the device interrupts for a used buffer of which the driver asks to be told")           \
	X(NOTIFY_STORM, "notify-storm", LOW, DEVICE, "2.7.7.2, 2.8.10",                            \
	  "interrupts for which nothing was used stay below 40 a second")                          \
	X(BEFORE_DRIVER_OK, "before-driver-ok", HIGH, DEVICE, "2.1.2, 3.1.1",                      \
	  "the device leaves a queue alone until the driver has set DRIVER_OK")                    \
	X(AFTER_RESET, "after-reset", HIGH, DEVICE, "2.4.1",                                       \
	  "the device leaves a queue alone once it was reset")                                     \
	X(QUEUE_SIZE, "queue-size", LOW, DEVICE, "2.7, 2.8, 4.1.4.3",                              \
	  "a ring has at most 32768 descriptors, and a split one a power of two")                  \
	X(DMA_UNMAPPED, "dma-unmapped", CRITICAL, GUEST, "2.7.13.1, 2.8.15",                       \
	  "a published descriptor lies inside a live DMA mapping of its device")                   \
	X(DMA_DIRECTION, "dma-direction", HIGH, GUEST, "2.7.5, 2.8.15",                            \
	  "what the device may write is mapped to be written by it, and what it reads to be read") \
	X(DMA_UNMAP_MISMATCH, "dma-unmap-mismatch", CRITICAL, GUEST, "2.7.14, 2.8.18",             \
	  "a buffer's memory is unmapped once, as it was mapped: address, size and direction")     \
	X(DMA_EARLY_UNMAP, "dma-early-unmap", CRITICAL, GUEST, "2.7.14, 2.8.18",                   \
	  "what the device still has is not unmapped")                                             \
	X(DMA_LEAK, "dma-leak", MEDIUM, GUEST, "2.7.14, 2.8.18",                                   \
	  "what the core mapped for a buffer is unmapped once that came back")                     \
	X(DMA_MAP_ERROR, "dma-map-error", HIGH, GUEST, "2.7.13.1, 2.8.15",                         \
	  "where mapping a buffer fails halfway, what was mapped of it is unmapped")               \
	X(DMA_OVERLAP, "dma-overlap", LOW, USER, "2.7.13.1, 2.8.15",                               \
	  "no two buffers in flight may be written in the same memory")                            \
	X(DMA_WINDOW, "dma-window", CRITICAL, GUEST, "2.7.5, 2.8.15, 6",                           \
	  "an address that the device is given lies where the device may reach")                   \
	X(SWIOTLB_SIZE, "swiotlb-size", CRITICAL, GUEST, "2.7.14, 2.8.18",                         \
	  "no more is copied to or from a bounce buffer than was mapped there")                    \
	X(SWIOTLB_LEAK, "swiotlb-leak", HIGH, GUEST, "2.7.13.1, 2.8.15",                           \
	  "a bounce buffer that the device is to write was filled before: nothing old is in it")

enum vqa_rule {
#define X(id, name, sev, blame, spec, text) VQA_RULE_##id,
	VQA_RULES(X)
#undef X
		VQA_RULE_COUNT,
};

/* A power of two, so that a mask bounds a rule: what the verifier forgets, it can see again. */
#define VQA_RULE_MAX 64

/* The first ones, which a mask can hold: a buffer's descriptors can violate several. */
#define VQA_RULES_MASKED 8

_Static_assert(VQA_RULE_USED_WRAP < VQA_RULES_MASKED, "rules of descriptors fit a mask");
_Static_assert(VQA_RULE_COUNT <= VQA_RULE_MAX, "a rule has a place in every table");

enum vqa_severity {
	VQA_SEV_LOW,
	VQA_SEV_MEDIUM,
	VQA_SEV_HIGH,
	VQA_SEV_CRITICAL,
};

enum vqa_blame {
	VQA_BLAME_DEVICE,
	VQA_BLAME_GUEST,
	VQA_BLAME_USER, /* whoever may read and write in the guest can bring it about */
};

/* What is done about a violation, in rising order; the strongest one wins. */
#define VQA_ACTIONS(X)                                                                   \
	X(IGNORE, "ignore", "count it, say nothing")                                     \
	X(LOG, "log", "record it")                                                       \
	X(ALERT, "alert", "record it as an alert")                                       \
	X(BREAK, "break", "alert, and break the queue before the driver uses the value") \
	X(PANIC, "panic", "alert, and panic the kernel before the driver uses the value")

enum vqa_action {
#define X(id, name, text) VQA_ACT_##id,
	VQA_ACTIONS(X)
#undef X
		VQA_ACT_COUNT,
};

/* Why a completion was not audited. Every completion is audited or has one of these. */
#define VQA_SKIPS(X)                                                                     \
	X(BEFORE_START, "before-start", "published before the audit of the queue began") \
	X(MISSED, "missed", "a hook did not run")                                        \
	X(RACED, "raced", "the device was faster than the record could be made")         \
	X(RING_TOO_LARGE, "ring-too-large",                                              \
	  "the ring has more descriptors than the auditor's table")                      \
	X(TABLE_TOO_LONG, "table-too-long", "the indirect table is too long to walk")    \
	X(THINNED, "thinned", "left out at random: --sample, or --budget")

enum vqa_skip {
#define X(id, name, text) VQA_SKIP_##id,
	VQA_SKIPS(X)
#undef X
		VQA_SKIP_COUNT,
};

#endif
