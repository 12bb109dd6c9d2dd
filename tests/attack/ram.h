/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest memory as the hypervisor sees it: a shared file. Every access is one load or one store of
 * a naturally aligned little-endian word, because the guest works on the same bytes.
 */
#ifndef VQ_ATTACK_RAM_H
#define VQ_ATTACK_RAM_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ram {
	uint8_t *base;
	uint64_t size;
	uint64_t low; /* bytes below the PCI hole */
};

/* 0 or -errno */
int ram__open(struct ram *ram, const char *path);
void ram__close(struct ram *ram);

/* The bytes at a guest-physical address, or NULL when they are not wholly RAM or misaligned. */
void *ram__at(const struct ram *ram, uint64_t gpa, uint64_t len, unsigned int align);
/* And back. */
uint64_t ram__gpa(const struct ram *ram, const uint8_t *at);

static inline uint16_t rd16(const void *p)
{
	return le16toh(__atomic_load_n((const uint16_t *)p, __ATOMIC_ACQUIRE));
}

static inline uint32_t rd32(const void *p)
{
	return le32toh(__atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE));
}

static inline uint64_t rd64(const void *p)
{
	return le64toh(__atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE));
}

static inline void wr16(void *p, uint16_t v)
{
	__atomic_store_n((uint16_t *)p, htole16(v), __ATOMIC_RELEASE);
}

static inline void wr32(void *p, uint32_t v)
{
	__atomic_store_n((uint32_t *)p, htole32(v), __ATOMIC_RELEASE);
}

static inline void wr64(void *p, uint64_t v)
{
	__atomic_store_n((uint64_t *)p, htole64(v), __ATOMIC_RELEASE);
}

/* Only if the word still is `from`. */
static inline bool replace16(void *p, uint16_t from, uint16_t to)
{
	from = htole16(from);
	return __atomic_compare_exchange_n((uint16_t *)p, &from, htole16(to), false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static inline bool replace32(void *p, uint32_t from, uint32_t to)
{
	from = htole32(from);
	return __atomic_compare_exchange_n((uint32_t *)p, &from, htole32(to), false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static inline bool replace64(void *p, uint64_t from, uint64_t to)
{
	from = htole64(from);
	return __atomic_compare_exchange_n((uint64_t *)p, &from, htole64(to), false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

#endif
