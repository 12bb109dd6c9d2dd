/* SPDX-License-Identifier: GPL-2.0 */
/* The table of programs that hang on the kernel, and which of them a run takes. */
#include "hooks.h"

#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

enum hook_use {
	HOOK_AUDIT = 1 << 0,
	HOOK_REGISTRY = 1 << 1, /* finding queues takes it */
	HOOK_OPTIONAL = 1 << 2, /* not every kernel has the place, or needs it */
	HOOK_FLIGHT = 1 << 3, /* for the flight recorder alone */
	HOOK_PROGRESS = 1 << 4, /* for the look at progress alone */
	HOOK_LEDGER = 1 << 5, /* for the ledger of DMA mappings alone */
	HOOK_NO_EVENT = 1 << 6, /* where the kernel has no event for it */
};

#define PATCHED TIER_BIT(TIER_PATCHED)
#define OUTSIDE TIERS_OUTSIDE

#define ADD(function)                                                                       \
	{ "exit_" function, OUTSIDE, HOOK_AUDIT | HOOK_OPTIONAL },                          \
		{ "enter_" function, OUTSIDE, HOOK_AUDIT | HOOK_REGISTRY | HOOK_OPTIONAL }, \
	{                                                                                   \
		"adds_" function, PATCHED, HOOK_LEDGER | HOOK_OPTIONAL                      \
	}

#define LEDGER(program, where)                                            \
	{                                                                 \
		program, TIERS_ALL, HOOK_LEDGER | HOOK_OPTIONAL | (where) \
	}

static const struct hook hooks[] = {
	{ "pci_status", TIERS_ALL, HOOK_PROGRESS | HOOK_OPTIONAL },
	{ "device_reset", TIERS_ALL, HOOK_PROGRESS | HOOK_OPTIONAL },
	{ "pci_notify", TIERS_ALL, HOOK_PROGRESS | HOOK_OPTIONAL },
	{ "vq_bad", PATCHED, HOOK_AUDIT },
	{ "vq_del", PATCHED, HOOK_AUDIT | HOOK_REGISTRY },
	{ "vq_reset", PATCHED, HOOK_AUDIT },
	{ "vq_create", PATCHED, HOOK_AUDIT | HOOK_REGISTRY },
	{ "vq_detach", PATCHED, HOOK_AUDIT },
	{ "vq_irq", PATCHED, HOOK_AUDIT },
	{ "vq_kick", PATCHED, HOOK_FLIGHT },
	{ "vq_verdict", PATCHED, HOOK_AUDIT | HOOK_OPTIONAL },
	{ "vq_verdict_w", PATCHED, HOOK_AUDIT | HOOK_OPTIONAL },
	/* Its attachment makes the kernel ask for verdicts, so the verdict is there first. */
	{ "vq_used_arm", PATCHED, HOOK_AUDIT },
	{ "vq_publish_failed", PATCHED, HOOK_AUDIT },
	/* Registers queues as it meets them: from then on no completion must be missed. */
	{ "vq_publish", PATCHED, HOOK_AUDIT },
	{ "stock_del", OUTSIDE, HOOK_AUDIT | HOOK_REGISTRY },
	{ "reset_ends", TIERS_ALL, HOOK_AUDIT | HOOK_OPTIONAL },
	{ "reset_begins", TIERS_ALL, HOOK_AUDIT | HOOK_OPTIONAL },
	{ "resize_ends", TIERS_ALL, HOOK_AUDIT | HOOK_OPTIONAL },
	{ "resize_begins", TIERS_ALL, HOOK_AUDIT | HOOK_OPTIONAL },
	{ "stock_irq", OUTSIDE, HOOK_AUDIT },
	{ "stock_kick_prepare", OUTSIDE, HOOK_FLIGHT | HOOK_OPTIONAL },
	{ "stock_kick", OUTSIDE, HOOK_FLIGHT | HOOK_OPTIONAL },
	{ "stock_taken_split", OUTSIDE, HOOK_AUDIT },
	{ "stock_taken_packed", OUTSIDE, HOOK_AUDIT },
	{ "flight_detach_buf_split", OUTSIDE, HOOK_FLIGHT | HOOK_OPTIONAL },
	{ "flight_detach_buf_packed", OUTSIDE, HOOK_FLIGHT | HOOK_OPTIONAL },
	{ "flight_detach_buf_split_in_order", OUTSIDE, HOOK_FLIGHT | HOOK_OPTIONAL },
	{ "flight_detach_buf_packed_in_order", OUTSIDE, HOOK_FLIGHT | HOOK_OPTIONAL },
	{ "stock_detach_split", OUTSIDE, HOOK_AUDIT | HOOK_OPTIONAL },
	{ "stock_detach_packed", OUTSIDE, HOOK_AUDIT | HOOK_OPTIONAL },
	{ "stock_detach_split_7", OUTSIDE, HOOK_AUDIT | HOOK_OPTIONAL },
	{ "stock_detach_packed_7", OUTSIDE, HOOK_AUDIT | HOOK_OPTIONAL },
	{ "stock_used_split", OUTSIDE, HOOK_AUDIT | HOOK_REGISTRY },
	{ "stock_used_packed", OUTSIDE, HOOK_AUDIT | HOOK_REGISTRY },
	ADD("add_sgs"),
	ADD("add_outbuf"),
	ADD("add_inbuf"),
	ADD("add_inbuf_ctx"),
	ADD("add_outbuf_premapped"),
	ADD("add_inbuf_premapped"),
	ADD("add_inbuf_cache_clean"),
	/* Programs at a function run from the last one that was attached on, those at an event
	 * from the first. */
	LEDGER("bounce_last", 0),
	LEDGER("bounce_second", 0),
	LEDGER("bounce_first", 0),
	LEDGER("unmap_last", HOOK_NO_EVENT),
	LEDGER("unmap_second", HOOK_NO_EVENT),
	LEDGER("unmap_first", HOOK_NO_EVENT),
	LEDGER("unmap_phys_first", 0),
	LEDGER("unmap_phys_second", 0),
	LEDGER("unmap_phys_last", 0),
	LEDGER("map_last", HOOK_NO_EVENT),
	LEDGER("map_second", HOOK_NO_EVENT),
	LEDGER("map_first", HOOK_NO_EVENT),
	LEDGER("map_phys_first", 0),
	LEDGER("map_phys_second", 0),
	LEDGER("map_phys_last", 0),
};

_Static_assert(sizeof(hooks) / sizeof(hooks[0]) == HOOKS, "HOOKS counts them");

const struct hook *hook__get(size_t i)
{
	return &hooks[i];
}

/* Whether this kernel has the function or the tracepoint that a program attaches to. */
static bool has_place(const struct bpf_program *prog, const struct kbtf *btf)
{
	const char *section = bpf_program__section_name(prog);
	const char *place = strchr(section, '/') + 1;
	char name[128];

	if (!strncmp(section, "f", 1)) /* fentry, fexit, fmod_ret */
		return kbtf__has_func(btf, place);
	snprintf(name, sizeof(name), "btf_trace_%s", place);
	return kbtf__has_typedef(btf, name);
}

static unsigned int wanted_use(const struct audit_opts *opts)
{
	if (opts->registry_only)
		return HOOK_REGISTRY;
	return HOOK_AUDIT | (opts->recorder ? HOOK_FLIGHT : 0) |
	       (opts->progress ? HOOK_PROGRESS : 0) | (opts->max_mappings ? HOOK_LEDGER : 0);
}

bool hook__wanted(const struct hook *h, const struct bpf_program *prog,
		  const struct audit_opts *opts)
{
	if (!(h->tiers & TIER_BIT(opts->tier)))
		return false;
	if (!(h->use & wanted_use(opts)))
		return false;
	if (h->use & HOOK_NO_EVENT && kbtf__has_typedef(opts->btf, "btf_trace_dma_map_phys"))
		return false;
	return !(h->use & HOOK_OPTIONAL) || has_place(prog, opts->btf);
}
