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
#define VQA_RULES(X)                                                                        \
	X(DESC_TAMPER, "desc-tamper", CRITICAL, DEVICE, "2.7.5, 2.8.4",                     \
	  "a published descriptor's address, length, WRITE, INDIRECT, next and id stay as " \
	  "written")                                                                        \
	X(NEXT_FLIP, "next-flip", CRITICAL, DEVICE, "2.7.5, 2.8.6",                         \
	  "the NEXT flag of a published descriptor stays as written")                       \
	X(INDIRECT_TAMPER, "indirect-tamper", CRITICAL, DEVICE, "2.7.5.3, 2.8.7",           \
	  "the entries of a published indirect table stay as written")                      \
	X(USED_ID_RANGE, "used-id-range", CRITICAL, DEVICE, "2.7.8, 2.8.2",                 \
	  "the id of a used element is smaller than the ring")                              \
	X(USED_NOT_HEAD, "used-not-head", CRITICAL, DEVICE, "2.7.8, 2.8.2",                 \
	  "the id of a used element is that of a buffer in flight")                         \
	X(USED_LEN_OVER, "used-len-over", HIGH, DEVICE, "2.7.8.2, 2.8.4",                   \
	  "a used length does not exceed the bytes that the device may write")              \
	X(USED_WRAP, "used-wrap", HIGH, DEVICE, "2.8.1, 2.8.2",                             \
	  "AVAIL and USED of a packed descriptor change only where a completion may be written")

enum vqa_rule {
#define X(id, name, sev, blame, spec, text) VQA_RULE_##id,
	VQA_RULES(X)
#undef X
		VQA_RULE_COUNT,
};

enum vqa_severity {
	VQA_SEV_LOW,
	VQA_SEV_MEDIUM,
	VQA_SEV_HIGH,
	VQA_SEV_CRITICAL,
};

enum vqa_blame {
	VQA_BLAME_DEVICE,
	VQA_BLAME_GUEST,
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
	X(MISSED, "missed", "the hook did not run")                                      \
	X(NO_SHADOW, "no-shadow", "this kernel keeps no complete shadow of the queue")   \
	X(RING_TOO_LARGE, "ring-too-large",                                              \
	  "the ring has more descriptors than the auditor's table")                      \
	X(SHADOW_ODD, "shadow-odd", "the private chain does not end; nothing to compare with")

enum vqa_skip {
#define X(id, name, text) VQA_SKIP_##id,
	VQA_SKIPS(X)
#undef X
		VQA_SKIP_COUNT,
};

#endif
