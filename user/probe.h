/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_PROBE_H
#define VQA_USER_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "kbtf.h"
#include "tier.h"

#define PROBE_WHY 160

/** struct probe_env - what the probes look at; read once */
struct probe_env {
	struct kbtf btf;
	int btf_err; /* why there is no type information, or 0 */
	unsigned long long caps; /* effective capabilities, a bit each */
};

/** struct probe - a row of the table: something that the kernel or the user may lack */
struct probe {
	const char *name;
	bool (*have)(const struct probe_env *env);
	const char *missing; /* the reason, as a clause */
	const char *way_out;
	unsigned int needed; /* tiers that cannot do without, a TIER_BIT each */
};

/** struct probes - the outcome, row by row */
struct probes {
	struct probe_env env;
	bool *have; /* by index */
};

/** probes__run - try every row. Returns 0, or -ENOMEM (said on stderr); probes__free() either way.
 */
int probes__run(struct probes *p);
void probes__free(struct probes *p);

/** probe__row - row @i of the table, or NULL behind its end */
const struct probe *probe__row(size_t i);

/** probes__tier - the best tier for which nothing is missing, or TIER_NONE */
enum tier probes__tier(const struct probes *p);

/** probes__explain_none - say on stderr what is missing for the tier that needs least */
void probes__explain_none(const struct probes *p);

/** probe__panic_allowed - whether the kernel was booted with virtio_ring.audit_panic=1 */
bool probe__panic_allowed(void);

/** probe__functions_traced - whether programs at functions run; the sysctl can change at any time
 */
bool probe__functions_traced(void);

#define PROBE_REPLAY "/sys/module/virtio_ring/parameters/audit_replay"
#define PROBE_FTRACE "/proc/sys/kernel/ftrace_enabled"

#endif
