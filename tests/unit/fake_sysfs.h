/* SPDX-License-Identifier: GPL-2.0 */
/* A /sys and a /proc with one virtio device, in a directory of their own. */
#ifndef TESTS_UNIT_FAKE_SYSFS_H
#define TESTS_UNIT_FAKE_SYSFS_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOME "devices/pci0000:00/0000:00:02.0/virtio1"
#define VIRTIO "bus/virtio"

/** struct fake - paths of the two; fake__new() makes them, fake__free() removes them */
struct fake {
	char root[32], sys[64], proc[64];
};

static inline char *fake__path(const struct fake *f, const char *path, char buf[512])
{
	snprintf(buf, 512, "%s/%s", f->root, path);
	return buf;
}

static inline void fake__run(const char *command)
{
	if (system(command))
		fail_msg("%s", command);
}

/* A file with that text, in directories that are made. */
static inline void fake__write(const struct fake *f, const char *path, const char *text)
{
	char full[512], command[1100], *slash;
	FILE *file;

	fake__path(f, path, full);
	slash = strrchr(full, '/');
	snprintf(command, sizeof(command), "mkdir -p '%.*s'", (int)(slash - full), full);
	fake__run(command);
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static inline void fake__link(const struct fake *f, const char *path, const char *to)
{
	char a[512], b[512];

	fake__path(f, path, a);
	fake__path(f, to, b);
	unlink(a);
	assert_int_equal(symlink(b, a), 0);
}

/* What a file has; "" if there is none. */
static inline const char *fake__read(const struct fake *f, const char *path)
{
	static char text[256];
	char full[512];
	FILE *file = fopen(fake__path(f, path, full), "r");

	text[0] = 0;
	if (file) {
		if (!fgets(text, sizeof(text), file))
			text[0] = 0;
		fclose(file);
	}
	return text;
}

/* virtio1, of that type, driven and well. */
static inline void fake__new(struct fake *f, const char *driver, const char *type)
{
	char path[128];

	snprintf(f->root, sizeof(f->root), "/tmp/vq-fake.XXXXXX");
	assert_non_null(mkdtemp(f->root));
	snprintf(f->sys, sizeof(f->sys), "%s/sys", f->root);
	snprintf(f->proc, sizeof(f->proc), "%s/proc", f->root);
	fake__write(f, "sys/" HOME "/device", type);
	fake__write(f, "sys/" HOME "/status", "0x0000000f\n");
	fake__write(f, "sys/" VIRTIO "/devices/empty", "");
	fake__link(f, "sys/" VIRTIO "/devices/virtio1", "sys/" HOME);
	fake__write(f, "sys/bus/pci/devices/0000:00:1f.0", "");
	fake__write(f, "sys/" VIRTIO "/drivers_probe", "");
	snprintf(path, sizeof(path), "sys/" VIRTIO "/drivers/%s/bind", driver);
	fake__write(f, path, "");
	snprintf(path, sizeof(path), "sys/" VIRTIO "/drivers/%s/unbind", driver);
	fake__write(f, path, "");
	snprintf(path, sizeof(path), "sys/" VIRTIO "/drivers/%s", driver);
	fake__link(f, "sys/" HOME "/driver", path);
	fake__write(f, "proc/swaps", "Filename Type Size Used Priority\n");
	fake__write(f, "proc/self/mountinfo", "21 1 0:19 / / rw - rootfs rootfs rw\n");
}

static inline void fake__free(struct fake *f)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf '%s'", f->root);
	fake__run(command);
}

#endif
