/* SPDX-License-Identifier: GPL-2.0 */
/* Whether the guest's memory is kept from its hypervisor, and by what. */
#ifndef VQA_USER_GUEST_MEMORY_H
#define VQA_USER_GUEST_MEMORY_H

#include <stdbool.h>

#include <linux/types.h>

enum guest_memory {
	GUEST_MEMORY_UNKNOWN,
	GUEST_MEMORY_NONE, /* the hypervisor can read and write all of it */
	GUEST_MEMORY_TDX,
	GUEST_MEMORY_SEV,
	GUEST_MEMORY_SEV_ES,
	GUEST_MEMORY_SEV_SNP,
	GUEST_MEMORY_COUNT,
};

/** struct guest_cpu - what the CPU says of it; 0 where it has no such leaf */
struct guest_cpu {
	bool hypervisor; /* CPUID 1, ECX bit 31 */
	char tdx[13]; /* CPUID 0x21: EBX, EDX, ECX, and NUL */
	__u32 amd; /* CPUID 0x8000001f, EAX */
	bool msr_known;
	__u64 msr; /* 0xc0010131 */
};

/** guest_memory__judge - what that means, as systemd-detect-virt --cvm takes it */
enum guest_memory guest_memory__judge(const struct guest_cpu *cpu);

/** guest_memory__read - of the machine this runs on; says on stderr why if it is unknown */
enum guest_memory guest_memory__read(void);

/** guest_memory__confidential - whether it is known to be kept from the hypervisor */
bool guest_memory__confidential(enum guest_memory memory);

const char *guest_memory__name(enum guest_memory memory);

#endif
