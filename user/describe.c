/* SPDX-License-Identifier: GPL-2.0 */
/* An event in words. */
#include "describe.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
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

bool describe__writable_known(const struct vqa_event *e)
{
	return e->writable != UINT32_MAX && !(e->fields & VQA_F_USED_ID);
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
	static const char *const nouns[FIELD_COUNT] = {
		"address",	    "length",	   "NEXT flag", "WRITE flag", "INDIRECT flag",
		"AVAIL/USED flags", "other flags", "next",	"id",	      "used id",
		"used length",
	};
	__u32 left = e->fields;
	const char *before = "";

	for (unsigned int bit = 0; bit < FIELD_COUNT; bit++) {
		if (!(left & 1u << bit))
			continue;
		left &= ~(1u << bit);
		append(buf, size, "%s%s", before, nouns[bit]);
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
	default:
		append_fields(e, buf, size);
	}
}

char *describe__what(const struct vqa_event *e, char *buf, size_t size)
{
	buf[0] = 0;
	if (!describe__is_desc(e)) {
		append_used(e, buf, size);
		return buf;
	}
	append_place(e, buf, size);
	append(buf, size, ": ");
	append_divergence(e, buf, size);
	return buf;
}

/* The virtio core refuses such an id by itself, whatever our verdict is. */
static bool core_refuses(const struct vqa_event *e)
{
	return e->rule == VQA_RULE_USED_ID_RANGE || e->rule == VQA_RULE_USED_NOT_HEAD;
}

const char *describe__done(const struct vqa_event *e, enum tier tier)
{
	switch (e->action) {
	case VQA_ACT_BREAK:
		return "queue-broken";
	case VQA_ACT_PANIC:
		return tier == TIER_PATCHED ? "panic" : "panic-by-daemon";
	default:
		return "recorded";
	}
}

const char *describe__done_text(const struct vqa_event *e, enum tier tier)
{
	switch (e->action) {
	case VQA_ACT_BREAK:
		return "queue broken before the driver used the buffer";
	case VQA_ACT_PANIC:
		return tier == TIER_PATCHED ? "kernel panic before the driver used the buffer"
					    : "kernel panic now, by vq-audit, after the fact";
	default:
		return core_refuses(e) ? "recorded; the virtio core refuses such an id and breaks "
					 "the queue by itself"
				       : "recorded; the driver went on with the buffer";
	}
}
