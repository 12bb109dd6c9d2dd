/* SPDX-License-Identifier: GPL-2.0 */
/* What QEMU tells about one queue of one virtio device, and stopping and resuming its guest. */
#ifndef VQ_ATTACK_VM_H
#define VQ_ATTACK_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "qmp.h"

struct vq_info {
	bool packed, event_idx;
	uint16_t num;
	uint64_t desc, avail, used; /* guest-physical */
	/* QEMU's own cursors; positions in the ring when packed */
	uint16_t used_idx;
	uint16_t last_avail;
	uint16_t inuse; /* split: chains popped and not completed; packed: their descriptors */
};

struct vm {
	struct qmp *qmp;
	char *path; /* QOM path of the device */
	unsigned int queue;
	bool any_status; /* before DRIVER_OK and after FAILED, too */
	int err; /* not 0 once QEMU no longer answers */
};

/* Takes the reference to args. What QEMU returns, or NULL: it refused, or is gone (vm->err). */
json_t *vm__ask(struct vm *vm, const char *cmd, json_t *args);

/* Resolves a device id (or the only device, id NULL) to its path; 0 or -errno. */
int vm__find(struct vm *vm, const char *id);

/* Both return NULL, or why the queue cannot be attacked now. */
const char *vm__driver_ready(struct vm *vm, struct vq_info *info);
const char *vm__queue(struct vm *vm, struct vq_info *info);

extern const char DEVICE_BROKEN[];

/* Where a base address register of the device points, 0: unknown. */
uint64_t vm__bar(struct vm *vm, unsigned int bar);

int vm__stop(struct vm *vm);
int vm__cont(struct vm *vm);

#endif
