/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_HOOKS_H
#define VQA_USER_HOOKS_H

#include <stddef.h>

#include "audit.h"

struct bpf_program;

#define HOOKS 90

/** struct hook - a program, in the order in which they are attached */
struct hook {
	const char *program;
	unsigned int tiers; /* a TIER_BIT each */
	unsigned int use; /* enum hook_use */
};

/** hook__get - hook @i of HOOKS, in the order in which they are attached */
const struct hook *hook__get(size_t i);

/** hook__wanted - whether it is to be loaded */
bool hook__wanted(const struct hook *h, const struct bpf_program *prog,
		  const struct audit_opts *opts);

#endif
