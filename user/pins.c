/* SPDX-License-Identifier: GPL-2.0 */
/* An audit in the BPF file system. */
#include "pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "error.h"

#define MAPS PINS_DIR "/maps"
#define LINKS PINS_DIR "/links"
#define FACTS MAPS "/facts"
#define LOCK "/run/vq-audit.lock"
#define PATH_LEN 128

static int open_lock(int flags)
{
	return open(LOCK, flags | O_CLOEXEC, 0600);
}

int pins__holder(void)
{
	int fd = open_lock(O_RDONLY), pid = 0;
	char text[16] = "";

	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		pid = read(fd, text, sizeof(text) - 1) > 0 ? atoi(text) : -1;
	close(fd);
	return pid;
}

int pins__lock(void)
{
	int fd = open_lock(O_RDWR | O_CREAT);

	if (fd < 0) {
		int err = -errno;

		err__cannot_run("run it as root", LOCK ": %s", err__str(err));
		return err;
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		err__cannot_run("there is one daemon for what is pinned: end it, or run without "
				"--pin",
				"process %d audits with --pin already", pins__holder());
		close(fd);
		return -EBUSY;
	}
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", getpid()) < 0)
		err__print(LOCK ": %s", err__str(errno));
	return 0; /* the descriptor is the lock */
}

int pins__read_facts(struct vqa_facts *ret)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info), zero = 0;
	void *value;
	int fd, err;

	memset(ret, 0, sizeof(*ret));
	fd = bpf_obj_get(FACTS);
	if (fd < 0)
		return -errno;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	/* Another version's may be larger, or smaller; its first words are the same. */
	value = err ? NULL : calloc(1, info.value_size + sizeof(*ret));
	if (!err && !value)
		err = -ENOMEM;
	err = err ?: bpf_map_lookup_elem(fd, &zero, value);
	if (!err)
		memcpy(ret, value, sizeof(*ret));
	free(value);
	close(fd);
	return err ?: ret->whole ? 0 : -ENOENT;
}

static int by_name_backwards(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

static int no_dots(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* Return: how many files went, or -errno */
static int empty(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, no_dots, by_name_backwards), removed = 0, err = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		char path[PATH_LEN + sizeof(names[i]->d_name)];

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (unlink(path))
			err = -errno;
		else
			removed++;
		free(names[i]);
	}
	free(names);
	if (!err && rmdir(dir))
		err = -errno;
	return err ?: removed;
}

int pins__remove(void)
{
	int links = empty(LINKS), maps = links < 0 ? 0 : empty(MAPS);

	if (links < 0 || maps < 0)
		return links < 0 ? links : maps;
	if (rmdir(PINS_DIR) && errno != ENOENT)
		return -errno;
	return links + maps;
}

int pins__prepare(void)
{
	int n = pins__remove();

	if (n > 0)
		err__print("what a start that failed had left in " PINS_DIR " was removed: %d", n);
	if (n >= 0 && !mkdir(PINS_DIR, 0700) && !mkdir(MAPS, 0700) && !mkdir(LINKS, 0700))
		return 0;
	n = n < 0 ? n : -errno;
	err__cannot_run("run it as root; \"mount -t bpf bpf /sys/fs/bpf\", if that is missing",
			PINS_DIR ": %s", err__str(n));
	return n;
}

/* A dot, as in ".bss", is no name there. */
static void without_dots(char *path)
{
	while ((path = strchr(path, '.')))
		*path = '_';
}

int pins__set_maps(struct bpf_object *obj)
{
	char path[PATH_LEN];
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, obj) {
		snprintf(path, sizeof(path), MAPS "/%s", bpf_map__name(map));
		without_dots(path);
		err = err ?: bpf_map__set_pin_path(map, path);
	}
	return err;
}

/* Their order is in their names, for a version that has other hooks. */
static void link_path(char *path, size_t i, const char *program)
{
	snprintf(path, PATH_LEN, LINKS "/%03zu_%s", i, program);
}

int pins__keep_link(struct bpf_link *link, size_t i, const char *program)
{
	char path[PATH_LEN];

	link_path(path, i, program);
	return bpf_link__pin(link, path);
}

struct bpf_link *pins__open_link(size_t i, const char *program)
{
	char path[PATH_LEN];

	link_path(path, i, program);
	return bpf_link__open(path);
}
