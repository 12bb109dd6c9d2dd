/* SPDX-License-Identifier: GPL-2.0 */
#include "disk_use.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE 4096

/* struct part - a disk, or a partition of it */
struct part {
	const char *proc, *dir, *name;
	char number[32]; /* "253:1" */
};

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Return: @path, or one that leads nowhere if that is too long */
static const char *join(char path[PATH_MAX], const char *dir, const char *name)
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		path[0] = 0;
	return path;
}

/* The first entry of a directory; false if it has none. */
static bool first_entry(const char *path, char name[VIRTIO_DEV_NAME])
{
	DIR *dir = opendir(path);
	struct dirent *e = NULL;

	while (dir && (e = readdir(dir)) && e->d_name[0] == '.')
		;
	if (e)
		snprintf(name, VIRTIO_DEV_NAME, "%.63s", e->d_name);
	if (dir)
		closedir(dir);
	return e;
}

/* A device mapper, a RAID: what is made of it. */
static bool is_held(const struct part *p, struct disk_use *u)
{
	char path[PATH_MAX], holder[VIRTIO_DEV_NAME];

	if (!first_entry(join(path, p->dir, "holders"), holder))
		return false;
	snprintf(u->by, sizeof(u->by), "%s is part of %s", p->name, holder);
	return true;
}

/* Whether a line of mountinfo is of that part. A btrfs has a number of its own, and names it. */
static bool is_mount_of(const struct part *p, char *line, const char **ret_at)
{
	char *source = strstr(line, " - "), *number, *at;
	char name[PATH_MAX] = "";

	if (!source || sscanf(source, " - %*s %4095s", name) != 1)
		return false;
	*source = 0;
	number = strtok(line, " ");
	for (int i = 0; i < 2 && number; i++)
		number = strtok(NULL, " ");
	at = number && strtok(NULL, " ") ? strtok(NULL, " ") : NULL;
	*ret_at = at;
	return at && (!strcmp(number, p->number) || !strcmp(base(name), p->name));
}

static bool is_mounted(const struct part *p, struct disk_use *u)
{
	char path[PATH_MAX], line[LINE];
	const char *at;
	bool found = false;
	FILE *f;

	f = fopen(join(path, p->proc, "self/mountinfo"), "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = is_mount_of(p, line, &at);
	if (found)
		snprintf(u->by, sizeof(u->by), "%s is mounted at %s", p->name, at);
	if (f)
		fclose(f);
	return found;
}

static bool is_swap(const struct part *p, struct disk_use *u)
{
	char path[PATH_MAX], line[LINE];
	bool found = false;
	FILE *f;

	f = fopen(join(path, p->proc, "swaps"), "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, " \t")] = 0;
		found = !strcmp(base(line), p->name);
	}
	if (found)
		snprintf(u->by, sizeof(u->by), "%s is a swap", p->name);
	if (f)
		fclose(f);
	return found;
}

/* Return: whether @dir is a disk or a partition that somebody needs */
static bool is_used(const char *proc, const char *dir, const char *name, struct disk_use *u)
{
	struct part p = { .proc = proc, .dir = dir, .name = name };
	char path[PATH_MAX];
	FILE *f;
	int n;

	f = fopen(join(path, dir, "dev"), "re");
	if (!f)
		return false;
	n = fscanf(f, "%31s", p.number);
	fclose(f);
	return n == 1 && (is_held(&p, u) || is_mounted(&p, u) || is_swap(&p, u));
}

static void find_user(const char *proc, const char *dir, struct disk_use *u)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if (is_used(proc, dir, u->disk, u))
		return;
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		if (!strncmp(e->d_name, u->disk, strlen(u->disk)) &&
		    is_used(proc, join(path, dir, e->d_name), e->d_name, u))
			break;
	}
	if (d)
		closedir(d);
}

static unsigned long in_flight(const char *dir)
{
	unsigned long reads = 0, writes = 0;
	char path[PATH_MAX];
	FILE *f;

	f = fopen(join(path, dir, "inflight"), "re");
	if (f && fscanf(f, "%lu %lu", &reads, &writes) != 2)
		reads = writes = 0;
	if (f)
		fclose(f);
	return reads + writes;
}

void disk_use__read(const char *sysfs, const char *proc, const struct virtio_dev *d,
		    struct disk_use *ret)
{
	char block[PATH_MAX / 2], dir[PATH_MAX];

	*ret = (struct disk_use){ 0 };
	snprintf(block, sizeof(block), "%s/bus/virtio/devices/%s/block", sysfs, d->name);
	if (!first_entry(block, ret->disk))
		return;
	ret->in_flight = in_flight(join(dir, block, ret->disk));
	find_user(proc, dir, ret);
}
