/* SPDX-License-Identifier: GPL-2.0 */
/* An event in words. */
#include "describe.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "describe_dma.h"
#include "describe_progress.h"
#include "text.h"
#include "vq_audit/check.h"

bool describe__is_desc(const struct vqa_event *e)
{
	return e->fields & DESCRIBE_DESC_FIELDS;
}

__u16 describe__flag_bits(__u32 fields)
{
	const __u16 avail_used = VQA_DESC_F_AVAIL | VQA_DESC_F_USED;
	const __u16 named = VQA_DESC_F_NEXT | VQA_DESC_F_WRITE | VQA_DESC_F_INDIRECT | avail_used;

	return (fields & VQA_F_NEXT_FLAG ? VQA_DESC_F_NEXT : 0) |
	       (fields & VQA_F_WRITE ? VQA_DESC_F_WRITE : 0) |
	       (fields & VQA_F_INDIRECT ? VQA_DESC_F_INDIRECT : 0) |
	       (fields & VQA_F_AVAIL_USED ? avail_used : 0) |
	       (fields & VQA_F_FLAGS ? (__u16)~named : 0);
}

bool describe__is_buffer(const struct vqa_event *e)
{
	if (e->fields & VQA_F_DMA)
		return e->id != VQA_OP_NO_ID;
	return e->chain || describe__is_desc(e) || e->fields & (VQA_F_USED_ID | VQA_F_USED_LEN);
}

bool describe__writable_known(const struct vqa_event *e)
{
	return e->fields & VQA_F_USED_LEN ||
	       (e->point == VQA_POINT_USED && !(e->fields & VQA_F_USED_ID));
}

static void __attribute__((format(printf, 3, 4)))
append(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

static void append_place(const struct vqa_event *e, char *buf, size_t size)
{
	if (e->table)
		append(buf, size, "entry %u of the indirect table of buffer %u", e->entry, e->id);
	else
		append(buf, size, "descriptor %u of buffer %u", e->slot, e->id);

	if (e->table && e->entries)
		append(buf, size, " (%u entr%s)", e->entries, e->entries == 1 ? "y" : "ies");
	else if (!e->table && e->chain)
		append(buf, size, " (%u descriptor%s)", e->chain, text__plural(e->chain));
}

/* The flag that alone diverges, or 0. */
static __u16 only_flag(const struct vqa_event *e)
{
	const __u32 named = VQA_F_NEXT_FLAG | VQA_F_WRITE | VQA_F_INDIRECT | VQA_F_AVAIL_USED;
	__u16 diff = (e->seen.flags ^ e->want.flags) & describe__flag_bits(e->fields);

	if (e->fields & ~named || !diff || diff & (diff - 1))
		return 0;
	return text__flag_name(diff) ? diff : 0;
}

static void append_fields(const struct vqa_event *e, char *buf, size_t size)
{
	__u32 left = e->fields;
	const char *before = "";

	for (unsigned int bit = 0; bit < VQA_FIELD_COUNT; bit++) {
		if (!(left & 1u << bit))
			continue;
		left &= ~(1u << bit);
		append(buf, size, "%s%s", before, field__noun(bit));
		before = left & (left - 1) ? ", " : " and ";
	}
	append(buf, size, " differ%s from what the driver wrote",
	       e->fields & (e->fields - 1) ? "" : "s");
}

static void append_divergence(const struct vqa_event *e, char *buf, size_t size)
{
	__u16 flag = only_flag(e);

	if (!flag)
		append_fields(e, buf, size);
	else if (e->seen.flags & flag)
		append(buf, size, "%s is set; the driver wrote it clear", text__flag_name(flag));
	else
		append(buf, size, "%s is clear; the driver wrote it set", text__flag_name(flag));
}

static void append_used(const struct vqa_event *e, char *buf, size_t size)
{
	append(buf, size, "used element: ");
	switch (e->rule) {
	case VQA_RULE_USED_ID_RANGE:
		append(buf, size, "id %u is not one of the ring's %u descriptors", e->id,
		       e->queue.num);
		break;
	case VQA_RULE_USED_NOT_HEAD:
		append(buf, size, "id %u is not the head of a buffer in flight: %s", e->id,
		       kind__text(e->kind));
		break;
	case VQA_RULE_USED_LEN_OVER:
		append(buf, size,
		       "length %u is more than the %u byte%s that the device may write to buffer "
		       "%u",
		       e->used_len, e->writable, text__plural(e->writable), e->id);
		break;
	case VQA_RULE_USED_LEN_SHORT:
		append(buf, size,
		       "length %u of buffer %u, to which a disk writes a status byte at least",
		       e->used_len, e->id);
		break;
	default:
		append_fields(e, buf, size);
	}
}

/* A word of the ring that belongs to no buffer. */
static void append_word(const struct vqa_event *e, char *buf, size_t size)
{
	unsigned long long seen = e->seen.addr, want = e->want.addr;

	append(buf, size, "%s", kind__text(e->kind));
	if (e->kind == VQA_KIND_AVAIL_RING)
		append(buf, size, ": entry %u is %llu, not %llu", e->id, seen, want);
	else if (e->kind == VQA_KIND_AVAIL_EVENT)
		append(buf, size, ": %llu; available index %llu", seen, want);
	else if (e->kind == VQA_KIND_DEVICE_OFF)
		append(buf, size, ": %llu, beyond %llu", seen, want);
	else if (e->kind == VQA_KIND_USED_FLAGS || e->kind == VQA_KIND_DEVICE_FLAGS)
		append(buf, size, ": 0x%llx", seen);
	else
		append(buf, size, ": %llu, not %llu", seen, want);
}

/* What is told by two numbers, or in one sentence. */
static void append_other(const struct vqa_event *e, char *buf, size_t size)
{
	unsigned long long seen = e->seen.addr, want = e->want.addr;

	switch (e->rule) {
	case VQA_RULE_USED_IDX_JUMP:
		append(buf, size,
		       "used index %llu is beyond what was made available: available index %llu",
		       seen, want);
		return;
	case VQA_RULE_USED_REWRITE:
		append(buf, size,
		       "the used element changed after it was seen: id %u, length %u now; id %u, "
		       "length %u before",
		       (__u32)seen, (__u32)(seen >> 32), (__u32)want, (__u32)(want >> 32));
		return;
	case VQA_RULE_STALE_AVAIL:
		append(buf, size, "%s: descriptor %u", kind__text(e->kind), e->id);
		return;
	}
	if (describe_progress(e, buf, size) || describe_dma(e, buf, size))
		return;
	if (e->kind >= VQA_KIND_AVAIL_IDX) {
		append_word(e, buf, size);
		return;
	}
	append(buf, size, "buffer %u", e->id);
	if (e->chain)
		append(buf, size, " (%u descriptor%s)", e->chain, text__plural(e->chain));
	append(buf, size, ": ");
	if (e->rule == VQA_RULE_INDIRECT_TAMPER)
		append(buf, size, "its indirect table is not what the driver published");
	else if (e->rule == VQA_RULE_SHADOW_DAMAGE)
		append(buf, size, "the kernel's private copy of it changed while it was in flight");
	else if (e->rule == VQA_RULE_INDIRECT_UNNEGOTIATED)
		append(buf, size, "an indirect table, which was not negotiated");
	else
		append(buf, size, "%s", kind__text(e->kind));
	if (e->fields & VQA_F_WORD)
		append(buf, size, ": %llu, not %llu", seen, want);
}

char *describe__what(const struct vqa_event *e, char *buf, size_t size)
{
	buf[0] = 0;
	if (e->fields & (VQA_F_USED_ID | VQA_F_USED_LEN)) {
		append_used(e, buf, size);
	} else if (!describe__is_desc(e)) {
		append_other(e, buf, size);
	} else {
		append_place(e, buf, size);
		append(buf, size, ": ");
		append_divergence(e, buf, size);
	}
	return buf;
}

const char *describe__quirk(unsigned int rule)
{
	if (rule == VQA_RULE_KICK_MISSING)
		return "log at most: Linux's driver never notifies an IOMMU of its event buffers";
	return "log at most: SCSI adapters, legacy devices, and buffers without a byte to write "
	       "have such lengths by long habit";
}

/* The virtio core refuses such an id by itself, whatever our verdict is. */
static bool core_refuses(const struct vqa_event *e)
{
	return e->rule == VQA_RULE_USED_ID_RANGE || e->rule == VQA_RULE_USED_NOT_HEAD;
}

bool describe__panics(const struct vqa_event *e, enum tier tier)
{
	return tier == TIER_PATCHED && e->point == VQA_POINT_USED;
}

const char *describe__done(const struct vqa_event *e, enum tier tier)
{
	switch (e->action) {
	case VQA_ACT_BREAK:
		return "queue-broken";
	case VQA_ACT_PANIC:
		return describe__panics(e, tier) ? "panic" : "panic-by-daemon";
	default:
		return "recorded";
	}
}

const char *describe__done_text(const struct vqa_event *e, enum tier tier)
{
	bool in_time = e->point == VQA_POINT_USED;

	switch (e->action) {
	case VQA_ACT_BREAK:
		return in_time ? "queue broken before the driver used the buffer" : "queue broken";
	case VQA_ACT_PANIC:
		return describe__panics(e, tier) ? "kernel panic before the driver used the buffer"
						 : "kernel panic now, by vq-audit, after the fact";
	default:
		if (core_refuses(e))
			return "recorded; the virtio core refuses such an id and breaks the queue "
			       "by itself";
		return in_time ? "recorded; the driver went on with the buffer"
			       : "recorded; the driver went on";
	}
}
