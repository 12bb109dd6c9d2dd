/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Publications that fail because memory cannot be mapped: what was mapped for them
 * before must not stay so. A mapping was made for one if its task made it on its CPU
 * in between; passes over the ledger look which of those are left.
 */
#ifndef BPF_LEDGER_ERROR_H
#define BPF_LEDGER_ERROR_H

#include "ledger.h"

/* The driver is about to publish something. */
static __always_inline void ledger_add_begins(struct vqa_queue *q)
{
	struct ledger_cpu *cpu = q->dma_dev ? ledger_cpu() : 0;

	if (!cpu)
		return;
	q->add_error.vq = q->id.vq;
	q->add_error.from = cpu->made;
	q->add_error.task = bpf_get_current_pid_tgid();
	q->add_error.cpu = bpf_get_smp_processor_id();
}

/* It did. */
static __always_inline void ledger_add_ends(struct vqa_queue *q)
{
	q->add_error.vq = 0;
}

static __always_inline void ledger_keep_error(struct ledger_device *device,
					      const struct vqa_map_error *e)
{
	for (__u32 i = 0; i < LEDGER_ERRORS; i++) {
		if (device->error[i].vq)
			continue;
		device->error[i] = *e;
		return;
	}
	ledger_count(VQA_LEDGER_UNCHECKED_ERRORS);
}

/* It could not. If nobody saw it begin, or it moved to another CPU, that is counted. */
verified_once int ledger_add_failed(struct vqa_queue *q)
{
	struct ledger_device *device = q && q->dma_dev ? ledger_device(q->dma_dev) : 0;
	struct ledger_cpu *cpu = ledger_cpu();
	struct vqa_map_error *e;

	if (!device || !cpu || device->map_errors == device->seen_errors)
		return 0; /* it was not for memory */
	device->seen_errors = device->map_errors;
	e = &q->add_error;
	if (!e->vq || e->cpu != bpf_get_smp_processor_id() ||
	    e->task != (__u32)bpf_get_current_pid_tgid()) {
		ledger_count(VQA_LEDGER_UNCHECKED_ERRORS);
	} else {
		e->to = cpu->made;
		ledger_keep_error(device, e);
	}
	e->vq = 0;
	return 0;
}

#endif
