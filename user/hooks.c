/* SPDX-License-Identifier: GPL-2.0 */
/* The table of programs that hang on the kernel, and which of them a run takes. */
#include "hooks.h"

#include <string.h>

#include <bpf/libbpf.h>

enum hook_use {
	HOOK_AUDIT = 1 << 0,
	HOOK_REGISTRY = 1 << 1, /* finding queues takes it */
	HOOK_OPTIONAL = 1 << 2, /* not every kernel has the place, or needs it */
	HOOK_FLIGHT = 1 << 3, /* for the flight recorder alone */
	HOOK_PROGRESS = 1 << 4, /* for the look at progress alone */
	HOOK_LEDGER = 1 << 5, /* for the ledger of DMA mappings alone */
	HOOK_OWN_MAP = 1 << 6, /* where a queue can map otherwise than by the DMA API */
};

#define PATCHED TIER_BIT(TIER_PATCHED)
#define OUTSIDE TIERS_OUTSIDE

#define ADD(function)                                                                       \
	{ "exit_" function, OUTSIDE, HOOK_AUDIT | HOOK_OPTIONAL },                          \
		{ "enter_" function, OUTSIDE, HOOK_AUDIT | HOOK_REGISTRY | HOOK_OPTIONAL }, \
	{                                                                                   \
		"adds_" function, PATCHED, HOOK_LEDGER | HOOK_OPTIONAL                      \
	}

#define LEDGER(program, use)                                            \
	{                                                               \
		program, TIERS_ALL, HOOK_LEDGER | HOOK_OPTIONAL | (use) \
	}

/*
 * Three programs, the first one first: those at a function run from the last one that was
 * attached on, those at an event from the first.
 */
#define FUNCTION(call, use) \
	LEDGER(call "_last", use), LEDGER(call "_second", use), LEDGER(call "_first", use)
#define EVENT(call) LEDGER(call "_first", 0), LEDGER(call "_second", 0), LEDGER(call "_last", 0)

/*
 * In the order of attachment. They go the other way round, also when the kernel closes what a
 * daemon that was killed has left. Nothing is judged before all are there, but until the last
 * one is gone whoever is left judges; so each comes behind those whose word it takes: an unmap
 * behind what says that the device has returned the buffer, and a publication behind all.
 */
static const struct hook hooks[] = {
	{ "switched", TIERS_ALL, HOOK_AUDIT | HOOK_OPTIONAL },
	FUNCTION("map", 0),
	EVENT("map_page"),
	EVENT("map_phys"),
	FUNCTION("vduse_map", HOOK_OWN_MAP),
	EVENT("domain_map"),
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
	FUNCTION("bounce", 0),
	EVENT("copy"),
	FUNCTION("unmap", 0),
	EVENT("unmap_phys"),
	FUNCTION("vduse_unmap", HOOK_OWN_MAP),
	EVENT("domain_unmap"),
	{ "vq_publish_failed", PATCHED, HOOK_AUDIT },
	/* Registers queues as it meets them: from then on no completion must be missed. */
	{ "vq_publish", PATCHED, HOOK_AUDIT },
	ADD("add_sgs"),
	ADD("add_outbuf"),
	ADD("add_inbuf"),
	ADD("add_inbuf_ctx"),
	ADD("add_outbuf_premapped"),
	ADD("add_inbuf_premapped"),
	ADD("add_inbuf_cache_clean"),
};

_Static_assert(sizeof(hooks) / sizeof(hooks[0]) == HOOKS, "HOOKS counts them");

const struct hook *hook__get(size_t i)
{
	return &hooks[i];
}

static bool has_event(const struct kbtf *btf, const char *event)
{
	return kbtf__event_arguments(btf, event) >= 0;
}

/* What a function does, and the event that tells it better, where the kernel has that. */
static const struct {
	const char *function, *event;
} events[] = {
	{ "dma_map_page_attrs", "dma_map_page" }, /* 6.12, our series on 6.1 */
	{ "dma_map_page_attrs", "dma_map_phys" },     { "dma_unmap_page_attrs", "dma_unmap_phys" },
	{ "swiotlb_bounce", "swiotlb_copy" },	      { "vduse_domain_map_page", "vduse_map" },
	{ "vduse_domain_unmap_page", "vduse_unmap" },
};

static bool is_told(const struct kbtf *btf, const char *function)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (!strcmp(events[i].function, function) && has_event(btf, events[i].event))
			return true;
	return false;
}

/* Whether this kernel has the function or the tracepoint that a program attaches to. */
static bool has_place(const struct bpf_program *prog, const struct kbtf *btf)
{
	const char *section = bpf_program__section_name(prog);
	const char *place = strchr(section, '/') + 1;

	if (!strncmp(section, "f", 1)) /* fentry, fexit, fmod_ret */
		return kbtf__has_func(btf, place) && !is_told(btf, place);
	return has_event(btf, place);
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
	if (h->use & HOOK_OWN_MAP && !kbtf__maps_itself(opts->btf))
		return false;
	return !(h->use & HOOK_OPTIONAL) || has_place(prog, opts->btf);
}
