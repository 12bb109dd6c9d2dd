/* SPDX-License-Identifier: GPL-2.0 */
#include "posture_read.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

/* Proposed; legacy devices have VIRTIO_F_ANY_LAYOUT there. See pci_window.h. */
#define POSTURE_F_SWIOTLB 27

#define LINE 256 /* of an attribute; "features" has up to 128 bits */

/* The first line of an attribute of a device. Return: 0 or -errno */
static int read_line(const char *device, const char *attribute, char line[LINE])
{
	char path[PATH_MAX];
	FILE *f;
	int err = 0;

	snprintf(path, sizeof(path), "%s/%s", device, attribute);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (!fgets(line, LINE, f))
		err = -EIO;
	fclose(f);
	line[err ? 0 : strcspn(line, "\n")] = 0;
	return err;
}

static void copy_name(char name[POSTURE_NAME], const char *from)
{
	snprintf(name, POSTURE_NAME, "%s", from);
}

/* The last part of where a link of a device leads; "" if there is no such link. */
static void read_link(const char *device, const char *link, char name[POSTURE_NAME])
{
	char path[PATH_MAX], to[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", device, link);
	name[0] = 0;
	if (realpath(path, to))
		copy_name(name, strrchr(to, '/') + 1);
}

int posture_read__features(const char *text, struct posture_facts *f)
{
	size_t bits = strspn(text, "01");

	if (text[bits] || bits <= VIRTIO_F_ACCESS_PLATFORM)
		return -EINVAL;
	f->access_platform = text[VIRTIO_F_ACCESS_PLATFORM] == '1';
	f->indirect = text[VIRTIO_RING_F_INDIRECT_DESC] == '1';
	f->swiotlb = text[VIRTIO_F_VERSION_1] == '1' && text[POSTURE_F_SWIOTLB] == '1';
	return 0;
}

enum posture_iommu posture_read__iommu(const char *type)
{
	for (enum posture_iommu i = POSTURE_IOMMU_IDENTITY; i < POSTURE_IOMMU_COUNT; i++)
		if (!strcmp(type, posture__iommu_name(i)))
			return i;
	return POSTURE_IOMMU_UNKNOWN;
}

/*
 * Of the device that the buffers are mapped for. That is the parent, but on vdpa,
 * where it is another one that the parent knows.
 */
static enum posture_iommu read_iommu(const char *device, const char *transport)
{
	char type[LINE];
	int err;

	if (!strcmp(transport, "vdpa"))
		return POSTURE_IOMMU_UNKNOWN;
	err = read_line(device, "../iommu_group/type", type);
	if (err == -ENOENT)
		return POSTURE_IOMMU_NONE;
	return err ? POSTURE_IOMMU_UNKNOWN : posture_read__iommu(type);
}

/* A vDPA device's own parent is of the class that it is made by. */
static bool is_vduse(const char *device, const char *transport)
{
	char class[POSTURE_NAME];

	read_link(device, "../../subsystem", class);
	return !strcmp(transport, "vdpa") && !strcmp(class, "vduse");
}

int posture_read__device(unsigned int index, struct posture_device *ret)
{
	char link[PATH_MAX], path[PATH_MAX], line[LINE];
	struct posture_device d = { .index = index };
	int err;

	/* Where it is really, so that ".." is its parent. */
	snprintf(link, sizeof(link), POSTURE_SYSFS "/virtio%u", index);
	if (!realpath(link, path))
		return -errno;
	err = read_line(path, "device", line);
	if (err)
		return err;
	d.type = strtoul(line, NULL, 0);
	err = read_line(path, "features", line) ?: posture_read__features(line, &d.facts);
	if (err)
		return err;
	read_link(path, "..", d.bus);
	read_link(path, "../subsystem", d.transport);
	read_link(path, "driver", d.driver);
	d.facts.driver = d.driver[0];
	d.facts.iommu = read_iommu(path, d.transport);
	d.facts.vduse = is_vduse(path, d.transport);
	*ret = d;
	return 0;
}

static int by_index(const void *a, const void *b)
{
	const struct posture_device *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* A device that goes meanwhile is left out. */
static int read_all(DIR *dir, struct posture_device **devices, size_t *n)
{
	struct dirent *entry;
	unsigned int index;
	int err;

	while ((entry = readdir(dir))) {
		struct posture_device *more;

		if (sscanf(entry->d_name, "virtio%u", &index) != 1)
			continue;
		more = realloc(*devices, (*n + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		*devices = more;
		err = posture_read__device(index, &more[*n]);
		if (!err)
			++*n;
		else if (err != -ENOENT && err != -ENODEV)
			return err;
	}
	return 0;
}

int posture_read__devices(struct posture_device **ret, size_t *ret_n)
{
	struct posture_device *devices = NULL;
	DIR *dir = opendir(POSTURE_SYSFS);
	size_t n = 0;
	int err;

	if (!dir)
		return -errno;
	err = read_all(dir, &devices, &n);
	closedir(dir);
	if (err) {
		free(devices);
		return err;
	}
	if (n)
		qsort(devices, n, sizeof(*devices), by_index);
	*ret = devices;
	*ret_n = n;
	return 0;
}

static enum fact fact(bool yes)
{
	return yes ? FACT_YES : FACT_NO;
}

/* What protects does so only if it is so of each queue. */
static void all_have(enum fact *f, enum fact queue)
{
	if (*f != FACT_NO)
		*f = queue;
}

static void one_has(enum fact *f, enum fact queue)
{
	if (*f != FACT_YES)
		*f = queue;
}

void posture_read__queue(struct posture_facts *f, const struct queue_view *v)
{
	__u8 dma = v->survey.dma;

	all_have(&f->dma_api, fact(v->id.dma_api));
	if (!v->survey.found || !(dma & VQA_DMA_KNOWN))
		return;
	one_has(&f->own_ops, fact(dma & VQA_DMA_OWN_OPS));
	all_have(&f->bounce, fact(dma & VQA_DMA_FORCE_BOUNCE));
	all_have(&f->restricted, fact(dma & VQA_DMA_RESTRICTED));
}
