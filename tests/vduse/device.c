// SPDX-License-Identifier: GPL-2.0
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vduse.h>
#include <linux/virtio_config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define QUEUE_SIZE 128
#define PAGE 4096

static int create(const char *name, uint32_t id, uint64_t features, const void *config, size_t size)
{
	struct vduse_dev_config *c = calloc(1, sizeof(*c) + size);
	uint64_t version = VDUSE_API_VERSION;
	int control, err = 0;

	if (!c)
		return -ENOMEM;
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->device_id = id;
	c->features = features;
	c->vq_num = 1;
	c->vq_align = PAGE;
	c->config_size = size;
	memcpy(c->config, config, size);
	control = open("/dev/vduse/control", O_RDWR | O_CLOEXEC);
	if (control < 0 || ioctl(control, VDUSE_SET_API_VERSION, &version) ||
	    ioctl(control, VDUSE_CREATE_DEV, c))
		err = -errno;
	if (control >= 0)
		close(control);
	free(c);
	return err;
}

static int set_up(struct device *d)
{
	struct vduse_vq_config q = { .index = 0, .max_size = QUEUE_SIZE };

	d->kick = eventfd(0, EFD_CLOEXEC);
	return d->kick < 0 || ioctl(d->fd, VDUSE_VQ_SETUP, &q) ? -errno : 0;
}

int device__create(struct device *d, const char *name, uint32_t id, uint64_t features,
		   const void *config, size_t size)
{
	char path[300];
	int err;

	err = create(name, id, features, config, size);
	if (err)
		return err;
	snprintf(path, sizeof(path), "/dev/vduse/%s", name);
	d->fd = open(path, O_RDWR | O_CLOEXEC);
	return d->fd < 0 ? -errno : set_up(d);
}

/* What the kernel takes away, and what else we have of it. */
static void forget(struct device *d, uint64_t start, uint64_t last)
{
	for (unsigned int i = 0; i < d->n_regions; i++) {
		struct region *r = &d->regions[i];

		if (r->last < start || r->start > last)
			continue;
		munmap(r->at, r->last - r->start + 1);
		*r = d->regions[--d->n_regions];
		i--;
	}
}

/* A reset takes the eventfd away. */
static void status_changed(struct device *d, uint8_t status)
{
	struct vduse_vq_eventfd kick = { .index = 0, .fd = d->kick };
	struct vduse_vq_info q = { .index = 0 };

	d->ready = false;
	if (!(status & VIRTIO_CONFIG_S_DRIVER_OK) || ioctl(d->fd, VDUSE_VQ_GET_INFO, &q) ||
	    ioctl(d->fd, VDUSE_VQ_SETUP_KICKFD, &kick))
		return;
	d->num = q.num;
	d->desc = q.desc_addr;
	d->driver = q.driver_addr;
	d->device = q.device_addr;
	d->ready = q.ready;
}

int device__obey(struct device *d)
{
	struct vduse_dev_request ask;
	struct vduse_dev_response answer = { .result = VDUSE_REQ_RESULT_OK };

	if (read(d->fd, &ask, sizeof(ask)) != sizeof(ask))
		return -errno;
	answer.request_id = ask.request_id;
	switch (ask.type) {
	case VDUSE_SET_STATUS:
		status_changed(d, ask.s.status);
		break;
	case VDUSE_UPDATE_IOTLB:
		forget(d, ask.iova.start, ask.iova.last);
		break;
	case VDUSE_GET_VQ_STATE:
		answer.vq_state.index = ask.vq_state.index;
		break;
	default:
		answer.result = VDUSE_REQ_RESULT_FAILED;
	}
	return write(d->fd, &answer, sizeof(answer)) == sizeof(answer) ? 0 : -errno;
}

static struct region *map(struct device *d, uint64_t iova)
{
	struct vduse_iotlb_entry e = { .start = iova, .last = iova };
	struct region *r = &d->regions[d->n_regions];
	int prot, fd;

	if (d->n_regions == REGIONS)
		return NULL;
	fd = ioctl(d->fd, VDUSE_IOTLB_GET_FD, &e);
	if (fd < 0)
		return NULL;
	prot = (e.perm & VDUSE_ACCESS_RO ? PROT_READ : 0) |
	       (e.perm & VDUSE_ACCESS_WO ? PROT_WRITE : 0);
	r->start = e.start;
	r->last = e.last;
	r->at = mmap(NULL, e.last - e.start + 1, prot, MAP_SHARED, fd, e.offset);
	close(fd);
	if (r->at == MAP_FAILED)
		return NULL;
	d->n_regions++;
	return r;
}

void *device__at(struct device *d, uint64_t iova, uint64_t len)
{
	struct region *r = NULL;

	for (unsigned int i = 0; i < d->n_regions && !r; i++)
		if (iova >= d->regions[i].start && iova <= d->regions[i].last)
			r = &d->regions[i];
	if (!r)
		r = map(d, iova);
	return r && len - 1 <= r->last - iova ? r->at + (iova - r->start) : NULL;
}

int device__interrupt(struct device *d)
{
	uint32_t queue = 0;

	return ioctl(d->fd, VDUSE_VQ_INJECT_IRQ, &queue) ? -errno : 0;
}
