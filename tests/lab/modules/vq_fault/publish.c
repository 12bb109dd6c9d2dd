// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio core cannot be asked to publish a bad chain. So a probe on its tracepoint changes ring
 * and shadow alike, just before a program on the same tracepoint looks: probes run by priority.
 */
#include <linux/tracepoint.h>

#include "vq_fault.h"

#define FIRST 1000 /* BPF programs have TRACEPOINT_DEFAULT_PRIO, 10 */
#define MAX_CHANGES 8

static struct {
	void *at;
	u32 before;
	unsigned int width;
} changes[MAX_CHANGES];
static unsigned int changes_n;

static struct {
	struct tracepoint *tp;
	void *probe;
	struct virtqueue *vq;
	at_publish publish;
	at_detach detach;
} armed;

static void remember(void *at, unsigned int width, u32 before)
{
	if (WARN_ON_ONCE(changes_n == MAX_CHANGES))
		return;
	changes[changes_n].at = at;
	changes[changes_n].width = width;
	changes[changes_n++].before = before;
}

void change16(u16 *at, u16 to)
{
	remember(at, sizeof(*at), *at);
	WRITE_ONCE(*at, to);
}

void change32(u32 *at, u32 to)
{
	remember(at, sizeof(*at), *at);
	WRITE_ONCE(*at, to);
}

void change_bool(bool *at, bool to)
{
	remember(at, sizeof(*at), *at);
	WRITE_ONCE(*at, to);
}

void undo_changes(void)
{
	while (changes_n) {
		changes_n--;
		switch (changes[changes_n].width) {
		case sizeof(bool):
			*(bool *)changes[changes_n].at = changes[changes_n].before;
			break;
		case sizeof(u16):
			*(u16 *)changes[changes_n].at = changes[changes_n].before;
			break;
		default:
			*(u32 *)changes[changes_n].at = changes[changes_n].before;
			break;
		}
	}
}

static void on_publish(void *data, struct virtqueue *vq, u32 slot, u32 id, u32 num)
{
	if (vq == armed.vq)
		armed.publish(to_vvq(vq), slot, id, num);
}

static void on_detach(void *data, struct virtqueue *vq, u32 id)
{
	if (vq == armed.vq)
		armed.detach(to_vvq(vq), id);
}

struct wanted {
	struct notifier_block of_modules;
	const char *name;
	struct tracepoint *found;
};

static void match(struct tracepoint *tp, void *arg)
{
	struct wanted *w = arg;

	if (!strcmp(tp->name, w->name))
		w->found = tp;
}

/* Where virtio_ring is a module: a notifier that comes is told of all that are there. */
static int match_module(struct notifier_block *nb, unsigned long state, void *data)
{
	struct wanted *w = container_of(nb, struct wanted, of_modules);
	struct module *mod = ((struct tp_module *)data)->mod;
	unsigned int i;

	for (i = 0; i < mod->num_tracepoints; i++)
		match(tracepoint_ptr_deref(mod->tracepoints_ptrs + i), w);
	return NOTIFY_OK;
}

/* A name, and no symbol, so that the module loads on kernels that have not got it. */
static int arm(struct virtqueue *vq, const char *name, void *probe)
{
	struct wanted w = { .name = name, .of_modules = { .notifier_call = match_module } };
	int err;

	for_each_kernel_tracepoint(match, &w);
	if (!w.found && !register_tracepoint_module_notifier(&w.of_modules))
		unregister_tracepoint_module_notifier(&w.of_modules);
	if (!w.found)
		return -EOPNOTSUPP;
	armed.vq = vq;
	err = tracepoint_probe_register_prio(w.found, probe, NULL, FIRST);
	if (err)
		return err;
	armed.tp = w.found;
	armed.probe = probe;
	return 0;
}

int publish_arm(struct virtqueue *vq, at_publish fn)
{
	armed.publish = fn;
	return arm(vq, "vq_publish", on_publish);
}

int detach_arm(struct virtqueue *vq, at_detach fn)
{
	armed.detach = fn;
	return arm(vq, "vq_detach", on_detach);
}

void disarm(void)
{
	if (!armed.tp)
		return;
	tracepoint_probe_unregister(armed.tp, armed.probe, NULL);
	tracepoint_synchronize_unregister();
	armed.tp = NULL;
}
