// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ram.h"

/* QEMU's q35: all of RAM lies below the hole unless it would reach 2.75 GiB; then 2 GiB do. */
#define Q35_LOW_LIMIT 0xb0000000ULL
#define Q35_LOW_SPLIT 0x80000000ULL
#define HIGH_START 0x100000000ULL

static uint64_t low_bytes(uint64_t size)
{
	return size >= Q35_LOW_LIMIT ? Q35_LOW_SPLIT : size;
}

int ram__open(struct ram *ram, const char *path)
{
	struct stat st;
	void *map;
	int fd, err = 0;

	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		err = -errno;
		goto out;
	}
	map = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		err = -errno;
		goto out;
	}
	ram->base = map;
	ram->size = st.st_size;
	ram->low = low_bytes(ram->size);
out:
	close(fd);
	return err;
}

void ram__close(struct ram *ram)
{
	if (ram->base)
		munmap(ram->base, ram->size);
	ram->base = NULL;
}

void *ram__at(const struct ram *ram, uint64_t gpa, uint64_t len, unsigned int align)
{
	uint64_t end = ram->low;

	if (gpa % align)
		return NULL;
	if (gpa >= HIGH_START) {
		gpa = gpa - HIGH_START + ram->low;
		end = ram->size;
	}
	if (gpa >= end || len > end - gpa)
		return NULL;
	return ram->base + gpa;
}

uint64_t ram__gpa(const struct ram *ram, const uint8_t *at)
{
	uint64_t offset = at - ram->base;

	return offset < ram->low ? offset : offset - ram->low + HIGH_START;
}
