/* SPDX-License-Identifier: GPL-2.0 */
#include "virtio_dev.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICES "%s/bus/virtio/devices"

static int read_number(const char *dir, const char *attribute, unsigned int *ret)
{
	char path[PATH_MAX];
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "%s/%s", dir, attribute);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	n = fscanf(f, "%i", (int *)ret);
	fclose(f);
	return n == 1 ? 0 : -EIO;
}

/* The last part of where a path leads; "" if it leads nowhere. */
static void last_part(const char *dir, const char *link, char name[VIRTIO_DEV_NAME])
{
	char path[PATH_MAX], to[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, link);
	name[0] = 0;
	if (realpath(path, to))
		snprintf(name, VIRTIO_DEV_NAME, "%s", strrchr(to, '/') + 1);
}

static int read_device(const char *devices, const char *entry, struct virtio_dev *ret)
{
	struct virtio_dev d = { 0 };
	char link[PATH_MAX], dir[PATH_MAX];
	int err;

	if (snprintf(link, sizeof(link), "%s/%s", devices, entry) >= (int)sizeof(link) ||
	    !realpath(link, dir))
		return -ENOENT;
	snprintf(d.name, sizeof(d.name), "%.63s", entry);
	last_part(dir, "..", d.bus);
	last_part(dir, "driver", d.driver);
	err = read_number(dir, "device", &d.type);
	if (!err)
		*ret = d;
	return err;
}

/* Whether some other bus has a device of that name. */
static int no_such(const char *sysfs, const char *name)
{
	static const char *const buses[] = { "pci", "platform", "ccw", "vdpa" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(buses) / sizeof(buses[0]); i++) {
		snprintf(path, sizeof(path), "%s/bus/%s/devices/%s", sysfs, buses[i], name);
		if (!access(path, F_OK))
			return -ENODEV;
	}
	return -ENOENT;
}

int virtio_dev__find(const char *sysfs, const char *name, struct virtio_dev *ret)
{
	char devices[PATH_MAX];
	struct dirent *entry;
	struct virtio_dev d;
	bool found = false;
	DIR *dir;

	if (strchr(name, '/') || name[0] == '.' || !name[0])
		return -ENOENT;
	snprintf(devices, sizeof(devices), DEVICES, sysfs);
	dir = opendir(devices);
	if (!dir)
		return no_such(sysfs, name);
	while (!found && (entry = readdir(dir)))
		found = entry->d_name[0] != '.' && !read_device(devices, entry->d_name, &d) &&
			(!strcmp(d.name, name) || !strcmp(d.bus, name));
	closedir(dir);
	if (!found)
		return no_such(sysfs, name);
	*ret = d;
	return 0;
}

int virtio_dev__status(const char *sysfs, const struct virtio_dev *d)
{
	char dir[PATH_MAX];
	unsigned int status;
	int err;

	snprintf(dir, sizeof(dir), DEVICES "/%s", sysfs, d->name);
	err = read_number(dir, "status", &status);
	return err ?: (int)status;
}
