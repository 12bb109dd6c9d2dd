// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm.h"

/* A refusal is the queue's state; anything else means that QEMU is gone. */
json_t *vm__ask(struct vm *vm, const char *cmd, json_t *args)
{
	int err = 0;
	json_t *ret;

	if (vm->err) {
		json_decref(args);
		return NULL;
	}
	ret = qmp__cmd(vm->qmp, cmd, args, &err);
	if (!ret && err != -EREMOTEIO)
		vm->err = err;
	return ret;
}

/* ".../peripheral/blk0/virtio-backend" is the device "blk0" */
static bool path_is(const char *path, const char *id)
{
	const char *at = strstr(path, "/peripheral/");
	size_t len = strlen(id);

	if (!at)
		return false;
	at += strlen("/peripheral/");
	return !strncmp(at, id, len) && at[len] == '/';
}

int vm__find(struct vm *vm, const char *id)
{
	json_t *list = vm__ask(vm, "x-query-virtio", NULL), *dev;
	const char *path, *found = NULL;
	unsigned int matches = 0;
	size_t i;

	json_array_foreach(list, i, dev) {
		path = json_string_value(json_object_get(dev, "path"));
		if (!path || (id && !path_is(path, id)))
			continue;
		found = path;
		matches++;
	}
	if (matches == 1)
		vm->path = strdup(found);
	else
		json_array_foreach(list, i, dev)
			fprintf(stderr, "vq-attack: there is %s\n",
				json_string_value(json_object_get(dev, "path")));
	json_decref(list);
	if (vm->err)
		return vm->err;
	return vm->path ? 0 : -ENODEV;
}

/* Is a string that starts with the name among them? QEMU adds an explanation behind a colon. */
static bool has_name(const json_t *names, const char *name)
{
	const json_t *item;
	const char *text;
	size_t i;

	json_array_foreach(names, i, item) {
		text = json_string_value(item);
		if (text && !strncmp(text, name, strlen(name)) &&
		    (text[strlen(name)] == ':' || !text[strlen(name)]))
			return true;
	}
	return false;
}

/*
 * Firmware sets DRIVER_OK, too: SeaBIOS boots from disks, iPXE from the network. Both take at most
 * two device features and none of the ring; Linux never does so on these devices.
 */
static bool looks_like_firmware(const char *name, const json_t *features)
{
	const json_t *ring = json_object_get(features, "transports");

	if (strcmp(name, "virtio-blk") && strcmp(name, "virtio-scsi") && strcmp(name, "virtio-net"))
		return false;
	if (has_name(ring, "VIRTIO_RING_F_EVENT_IDX") ||
	    has_name(ring, "VIRTIO_RING_F_INDIRECT_DESC") || has_name(ring, "VIRTIO_F_RING_PACKED"))
		return false;
	return json_array_size(json_object_get(features, "dev-features")) <= 2;
}

const char DEVICE_BROKEN[] = "QEMU holds the device for broken";

static const char *judge_progress(const json_t *st, const json_t *bits)
{
	if (!has_name(bits, "VIRTIO_CONFIG_S_DRIVER_OK"))
		return "no driver (DRIVER_OK is not set)";
	if (has_name(bits, "VIRTIO_CONFIG_S_FAILED"))
		return "the driver gave up (FAILED is set)";
	if (looks_like_firmware(json_string_value(json_object_get(st, "name")),
				json_object_get(st, "guest-features")))
		return "the driver looks like firmware";
	return NULL;
}

static const char *judge_status(const struct vm *vm, const json_t *st, struct vq_info *info)
{
	const json_t *feat = json_object_get(st, "guest-features");
	const json_t *bits = json_object_get(json_object_get(st, "status"), "statuses");
	const json_t *ring;
	const char *why;

	if (!feat || !json_object_get(st, "name"))
		return "QEMU does not tell the device's status";
	why = vm->any_status ? NULL : judge_progress(st, bits);
	if (why)
		return why;
	if (json_is_true(json_object_get(st, "broken")))
		return DEVICE_BROKEN;
	if (json_is_true(json_object_get(st, "vhost-started")))
		return "the rings are vhost's, QEMU does not drain them";
	ring = json_object_get(feat, "transports");
	info->packed = has_name(ring, "VIRTIO_F_RING_PACKED");
	info->event_idx = has_name(ring, "VIRTIO_RING_F_EVENT_IDX");
	return NULL;
}

const char *vm__driver_ready(struct vm *vm, struct vq_info *info)
{
	json_t *st = vm__ask(vm, "x-query-virtio-status", json_pack("{s:s}", "path", vm->path));
	const char *why;

	if (!st)
		return vm->err ? "QEMU does not answer any more" : "QEMU does not know the device";
	why = judge_status(vm, st, info);
	json_decref(st);
	return why;
}

static uint64_t number(const json_t *obj, const char *key)
{
	return json_integer_value(json_object_get(obj, key));
}

const char *vm__queue(struct vm *vm, struct vq_info *info)
{
	json_t *args = json_pack("{s:s, s:i}", "path", vm->path, "queue", (int)vm->queue);
	json_t *st = vm__ask(vm, "x-query-virtio-queue-status", args);

	if (!st)
		return vm->err ? "QEMU does not answer any more" : "the device has no such queue";
	info->num = number(st, "vring-num");
	info->desc = number(st, "vring-desc");
	info->avail = number(st, "vring-avail");
	info->used = number(st, "vring-used");
	info->used_idx = number(st, "used-idx");
	info->last_avail = number(st, "last-avail-idx");
	info->inuse = number(st, "inuse");
	json_decref(st);
	if (!info->num || !info->desc || !info->avail || !info->used)
		return "the queue is not set up";
	return NULL;
}

static uint64_t bar_address(const json_t *regions, unsigned int bar)
{
	const json_t *region;
	size_t i;

	json_array_foreach(regions, i, region)
		if (number(region, "bar") == bar)
			return number(region, "address");
	return 0;
}

uint64_t vm__bar(struct vm *vm, unsigned int bar)
{
	json_t *buses = vm__ask(vm, "query-pci", NULL);
	const json_t *bus, *dev;
	uint64_t address = 0;
	const char *id;
	size_t i, j;

	json_array_foreach(buses, i, bus)
		json_array_foreach(json_object_get(bus, "devices"), j, dev) {
			id = json_string_value(json_object_get(dev, "qdev_id"));
			if (id && *id && path_is(vm->path, id))
				address = bar_address(json_object_get(dev, "regions"), bar);
		}
	json_decref(buses);
	return address;
}

static int order(struct vm *vm, const char *cmd)
{
	json_decref(vm__ask(vm, cmd, NULL));
	return vm->err;
}

int vm__stop(struct vm *vm)
{
	return order(vm, "stop");
}

int vm__cont(struct vm *vm)
{
	return order(vm, "cont");
}
