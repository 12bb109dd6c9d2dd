/* SPDX-License-Identifier: GPL-2.0 */
#include "guest_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "error.h"

#define TDX_SIGNATURE "IntelTDX    "
#define AMD_SEV (1u << 1) /* CPUID 0x8000001f, EAX: the MSR is there */
#define MSR "/dev/cpu/0/msr"
#define MSR_SEV_STATUS 0xc0010131
#define SEV_ENABLED (1u << 0)
#define SEV_ES_ENABLED (1u << 1)
#define SEV_SNP_ENABLED (1u << 2)

static enum guest_memory judge_sev(const struct guest_cpu *cpu)
{
	if (!cpu->msr_known)
		return GUEST_MEMORY_UNKNOWN;
	if (cpu->msr & SEV_SNP_ENABLED)
		return GUEST_MEMORY_SEV_SNP;
	if (cpu->msr & SEV_ES_ENABLED)
		return GUEST_MEMORY_SEV_ES;
	return cpu->msr & SEV_ENABLED ? GUEST_MEMORY_SEV : GUEST_MEMORY_NONE;
}

enum guest_memory guest_memory__judge(const struct guest_cpu *cpu)
{
	if (!cpu->hypervisor)
		return GUEST_MEMORY_NONE;
	if (!strcmp(cpu->tdx, TDX_SIGNATURE))
		return GUEST_MEMORY_TDX;
	return cpu->amd & AMD_SEV ? judge_sev(cpu) : GUEST_MEMORY_NONE;
}

bool guest_memory__confidential(enum guest_memory memory)
{
	return memory > GUEST_MEMORY_NONE;
}

const char *guest_memory__name(enum guest_memory memory)
{
	static const char *const names[GUEST_MEMORY_COUNT] = {
		[GUEST_MEMORY_UNKNOWN] = "unknown", [GUEST_MEMORY_NONE] = "none",
		[GUEST_MEMORY_TDX] = "tdx",	    [GUEST_MEMORY_SEV] = "sev",
		[GUEST_MEMORY_SEV_ES] = "sev-es",   [GUEST_MEMORY_SEV_SNP] = "sev-snp",
	};

	return memory < GUEST_MEMORY_COUNT ? names[memory] : "?";
}

#ifdef __x86_64__
#include <cpuid.h>

#define LEAF_TDX 0x21
#define LEAF_AMD 0x8000001f
#define HYPERVISOR (1u << 31)

static void read_cpuid(struct guest_cpu *cpu)
{
	unsigned int a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d))
		cpu->hypervisor = c & HYPERVISOR;
	if (__get_cpuid_count(LEAF_TDX, 0, &a, &b, &c, &d)) {
		memcpy(cpu->tdx, &b, sizeof(b));
		memcpy(cpu->tdx + 4, &d, sizeof(d));
		memcpy(cpu->tdx + 8, &c, sizeof(c));
	}
	if (__get_cpuid(LEAF_AMD, &a, &b, &c, &d))
		cpu->amd = a;
}

/* Return: 0 or -errno */
static int read_msr(struct guest_cpu *cpu)
{
	int fd = open(MSR, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (pread(fd, &cpu->msr, sizeof(cpu->msr), MSR_SEV_STATUS) != sizeof(cpu->msr))
		err = errno ? -errno : -EIO;
	close(fd);
	cpu->msr_known = !err;
	return err;
}

enum guest_memory guest_memory__read(void)
{
	struct guest_cpu cpu = { 0 };
	enum guest_memory memory;
	int err = 0;

	read_cpuid(&cpu);
	if (cpu.hypervisor && cpu.amd & AMD_SEV)
		err = read_msr(&cpu);
	memory = guest_memory__judge(&cpu);
	if (memory == GUEST_MEMORY_UNKNOWN)
		err__print("whether memory is encrypted (SEV) cannot be told: " MSR ": %s; "
			   "modprobe msr as root, or --confidential",
			   err__str(err));
	return memory;
}
#else
enum guest_memory guest_memory__read(void)
{
	err__print("whether memory is kept from the hypervisor is told on x86 alone; if it is: "
		   "--confidential");
	return GUEST_MEMORY_UNKNOWN;
}
#endif
