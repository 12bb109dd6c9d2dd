/* SPDX-License-Identifier: GPL-2.0 */
/* Where each device may reach: what user space has found out, or the kernel says. */
#ifndef BPF_WINDOW_H
#define BPF_WINDOW_H

#include "mapping.h"
#include "vduse.h"

/* By name of the parent device, as in struct vqa_queue_id. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, char[VQA_NAME_LEN]);
	__type(value, struct vqa_windows);
} windows SEC(".maps");

extern const void xen_grant_dma_ops __ksym __weak;

/* Where all that the device gets is bounced to, and nothing translates. */
static __always_inline int window_of_swiotlb(struct device *dev, struct vqa_window *w)
{
	struct io_tlb_mem *mem = read_bounce_memory(dev);

	return mem && read_bounce(dev) && read_untranslated(dev) && read_bounce_window(mem, w);
}

/* A granted page's address has this bit, and any other address is none. */
static __always_inline int window_of_xen(struct device *dev, struct vqa_window *w)
{
	if (!&xen_grant_dma_ops || !bpf_core_field_exists(((struct device *)0)->dma_ops) ||
	    kernel_read(device, dev, dma_ops) != &xen_grant_dma_ops)
		return 0;
	w->first = VQA_XEN_GRANT;
	w->last = ~0ULL;
	return 1;
}

static __always_inline __u32 window_of_device(struct device *dev, struct vqa_window *w)
{
	if (window_of_swiotlb(dev, w))
		return VQA_WINDOW_SWIOTLB;
	if (window_of_xen(dev, w))
		return VQA_WINDOW_XEN;
	return vduse_window(vduse_domain_of_device(dev), w) ? VQA_WINDOW_VDUSE : VQA_WINDOW_NONE;
}

/* What user space says, if it does. Who publishes meanwhile finds none, or all of it. */
static __always_inline int window_said(struct vqa_queue *q)
{
	const struct vqa_windows *said = bpf_map_lookup_elem(&windows, q->id.bus);
	struct vqa_windows *w = &q->windows;

	if (!said || w->n)
		return !!said;
	w->source = said->source;
	__builtin_memcpy(w->window, said->window, sizeof(w->window));
	barrier();
	w->n = said->n;
	return 1;
}

/* A queue is registered. */
static __always_inline void window_adopt(struct vqa_queue *q)
{
	struct vqa_windows *w = &q->windows;

	if (!vqa_dma || !q->id.dma_api || window_said(q))
		return;
	if (q->own_map)
		w->source = vduse_window(q->dma_dev, &w->window[0]) ? VQA_WINDOW_VDUSE
								    : VQA_WINDOW_NONE;
	else if (q->dma_dev)
		w->source = window_of_device((void *)q->dma_dev, &w->window[0]);
	w->n = w->source != VQA_WINDOW_NONE;
}

static long window_step(const void *map, const __u32 *place, struct vqa_queue *q, void *ctx)
{
	if (q->ready && q->id.dma_api)
		window_said(q);
	return 0;
}

/* User space has learnt more since; what a queue is held against already stays. */
static __always_inline void windows_adopt_all(void)
{
	__u32 none = 0;

	if (vqa_dma)
		bpf_for_each_map_elem(&queues, window_step, &none, 0);
}

#endif
