/* SPDX-License-Identifier: GPL-2.0 */
/* What an audit is made of: for the rooms of audit.h alone. */
#ifndef VQA_USER_AUDIT_IMPL_H
#define VQA_USER_AUDIT_IMPL_H

#include "audit.h"
#include "hooks.h"
#include "object.h"

struct audit {
	struct vq_audit_bpf *skel;
	enum tier tier;
	struct bpf_program *program[HOOKS]; /* NULL: not of this tier */
	struct bpf_link *link[HOOKS];
	int survey_fd, sweep_fd, look_fd, ledger_fd;
};

#endif
