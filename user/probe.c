/* SPDX-License-Identifier: GPL-2.0 */
/* What this kernel and this user can do: one row per capability. */
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>

#include "error.h"
#include "series.h"

#define PANIC_PARAMETER "/sys/module/virtio_ring/parameters/audit_panic"
#define JIT_SYSCTL "/proc/sys/net/core/bpf_jit_enable"
#define LOCKDOWN "/sys/kernel/security/lockdown"

#define OUTSIDE TIERS_OUTSIDE
#define MODULE TIER_BIT(TIER_MODULE)
#define PATCHED TIER_BIT(TIER_PATCHED)
#define ALL TIERS_ALL

static bool has_cap(const struct probe_env *env, int cap)
{
	return env->caps >> cap & 1;
}

static bool has_privilege(const struct probe_env *env)
{
	return has_cap(env, CAP_SYS_ADMIN) || (has_cap(env, CAP_BPF) && has_cap(env, CAP_PERFMON));
}

static bool has_btf(const struct probe_env *env)
{
	return !env->btf_err;
}

static bool has_ring(const struct probe_env *env)
{
	return kbtf__has_func(&env->btf, "vring_interrupt");
}

static bool can_read_module_btf(const struct probe_env *env)
{
	return !env->btf.ring || has_cap(env, CAP_SYS_ADMIN);
}

/* The first character of a file, or 0. */
static char first_char(const char *path)
{
	FILE *f = fopen(path, "re");
	int c;

	if (!f)
		return 0;
	c = fgetc(f);
	fclose(f);
	return c == EOF ? 0 : c;
}

static bool has_jit(const struct probe_env *env)
{
	char c = first_char(JIT_SYSCTL);

	(void)env;
	/* Only root may read it: what cannot be read is not held against the kernel. */
	return c ? c != '0' : access(JIT_SYSCTL, F_OK) == 0;
}

static bool has_rdonly_cast(const struct probe_env *env)
{
	return kbtf__can_cast(&env->btf);
}

/* The state in force stands in brackets. A file that is not there locks nothing. */
static bool is_confidential(void)
{
	char line[128] = "";
	FILE *f = fopen(LOCKDOWN, "re");

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	return strstr(line, "[confidentiality]");
}

static bool may_read(const struct probe_env *env)
{
	return has_rdonly_cast(env) || !is_confidential();
}

bool probe__functions_traced(void)
{
	return first_char(PROBE_FTRACE) != '0';
}

static bool has_tracing(const struct probe_env *env)
{
	(void)env;
	return probe__functions_traced();
}

static bool has_fentry(const struct probe_env *env)
{
	return kbtf__has_func(&env->btf, "register_ftrace_direct");
}

static bool has_get_buf(const struct probe_env *env)
{
	return kbtf__has_func(&env->btf, "virtqueue_get_buf_ctx_split") &&
	       kbtf__has_func(&env->btf, "virtqueue_get_buf_ctx_packed") &&
	       kbtf__has_func(&env->btf, "virtqueue_add_sgs") &&
	       kbtf__has_func(&env->btf, "vring_del_virtqueue");
}

static bool has_tracepoints(const struct probe_env *env)
{
	return series__traces(&env->btf);
}

static bool knows_tracepoints(const struct probe_env *env)
{
	return series__is_known(&env->btf);
}

static bool has_verdict(const struct probe_env *env)
{
	return kbtf__has_func(&env->btf, "virtqueue_audit_used") ||
	       kbtf__has_typedef(&env->btf, "btf_trace_vq_used_verdict");
}

static bool has_break(const struct probe_env *env)
{
	return kbtf__can_break(&env->btf);
}

static bool has_replay(const struct probe_env *env)
{
	(void)env;
	return access(PROBE_REPLAY, F_OK) == 0;
}

bool probe__panic_allowed(void)
{
	return first_char(PANIC_PARAMETER) == 'Y';
}

static bool has_panic(const struct probe_env *env)
{
	(void)env;
	return probe__panic_allowed();
}

#define SERIES "a kernel with the series of kern_patches/ and CONFIG_VIRTIO_RING_AUDIT=y"

static const struct probe rows[] = {
	{ "privilege to load and attach", has_privilege,
	  "neither CAP_SYS_ADMIN, nor CAP_BPF and CAP_PERFMON", "run it as root", ALL },
	{ "kernel type information", has_btf, "the kernel has no BTF (/sys/kernel/btf/vmlinux)",
	  "a kernel with CONFIG_DEBUG_INFO_BTF=y", ALL },
	{ "virtio rings", has_ring, "virtio_ring is neither built in nor loaded, or has no BTF",
	  "modprobe virtio_ring; or a kernel with CONFIG_DEBUG_INFO_BTF_MODULES=y", ALL },
	{ "type information of modules", can_read_module_btf,
	  "virtio_ring is a module, and reading its BTF takes CAP_SYS_ADMIN",
	  "run it as root, or with CAP_SYS_ADMIN", ALL },
	{ "BPF just-in-time compiler", has_jit, "programs cannot be attached without it",
	  "sysctl net.core.bpf_jit_enable=1; or a kernel with CONFIG_BPF_JIT=y", ALL },
	{ "direct reads of kernel memory", has_rdonly_cast,
	  "no bpf_rdonly_cast() of virtio_ring's types: every read is a probe, ten times as dear",
	  "Linux 6.2 or later, with virtio built in", 0 },
	{ "permission to read kernel memory", may_read,
	  "lockdown=confidentiality, and direct reads are not to be had here",
	  "boot with lockdown=integrity; or Linux 6.2 or later, with virtio built in", ALL },
	{ "programs at functions", has_fentry,
	  "the kernel cannot attach programs to functions (fentry)",
	  "a kernel with CONFIG_DYNAMIC_FTRACE=y and direct calls", ALL },
	{ "tracing of functions is on", has_tracing,
	  "kernel.ftrace_enabled is 0: programs at functions are attached, and never run",
	  "sysctl kernel.ftrace_enabled=1", ALL },
	{ "functions that move buffers", has_get_buf,
	  "one of virtqueue_get_buf_ctx_split(), virtqueue_get_buf_ctx_packed(), "
	  "virtqueue_add_sgs() and vring_del_virtqueue() cannot be found in BTF",
	  "a kernel whose compiler kept them; or the patched tier", OUTSIDE },
	{ "tracepoints in virtqueues", has_tracepoints, "the kernel series is not applied", SERIES,
	  PATCHED },
	{ "tracepoints of this version", knows_tracepoints,
	  "the kernel series is of another version: it traces other arguments than expected here",
	  "the vq-audit that came with the kernel; or a kernel with the series of this one",
	  PATCHED },
	{ "verdict before use", has_verdict, "the kernel asks nobody for a verdict", SERIES,
	  PATCHED },
	{ "break from a program", has_break, "the kernel has no bpf_virtqueue_break()",
	  "load vq_audit_break (modules/); or " SERIES, MODULE },
	{ "list of all queues", has_replay,
	  "the kernel has no virtio_ring.audit_replay: queues appear at first use", SERIES, 0 },
	{ "panic by the kernel", has_panic,
	  "virtio_ring.audit_panic is off: a panic verdict would break the queue instead",
	  "boot with virtio_ring.audit_panic=1 (patched kernels)", 0 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct probe *probe__row(size_t i)
{
	return i < ROWS ? &rows[i] : NULL;
}

static unsigned long long effective_caps(void)
{
	unsigned long long caps = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	fclose(f);
	return caps;
}

int probes__run(struct probes *p)
{
	memset(p, 0, sizeof(*p));
	p->have = calloc(ROWS, sizeof(*p->have));
	if (!p->have) {
		err__print("%s", err__str(ENOMEM));
		return -ENOMEM;
	}
	p->env.caps = effective_caps();
	p->env.btf_err = kbtf__open(&p->env.btf);
	for (size_t i = 0; i < ROWS; i++)
		p->have[i] = rows[i].have(&p->env);
	return 0;
}

void probes__free(struct probes *p)
{
	kbtf__close(&p->env.btf);
	free(p->have);
	p->have = NULL;
}

static const struct probe *first_missing(const struct probes *p, enum tier tier)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].needed & TIER_BIT(tier) && !p->have[i])
			return &rows[i];
	return NULL;
}

enum tier probes__tier(const struct probes *p)
{
	for (enum tier tier = TIER_COUNT - 1; tier > TIER_NONE; tier--)
		if (!first_missing(p, tier))
			return tier;
	return TIER_NONE;
}

void probes__explain_none(const struct probes *p)
{
	const struct probe *row = first_missing(p, TIER_STOCK);

	if (!row)
		return;
	err__cannot_run(row->way_out, "%s", row->missing);
	err__print("\"vq-audit check\" shows all that is missing");
}
