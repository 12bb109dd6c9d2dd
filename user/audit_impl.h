/* SPDX-License-Identifier: GPL-2.0 */
/* What an audit is made of: for the rooms of audit.h alone. */
#ifndef VQA_USER_AUDIT_IMPL_H
#define VQA_USER_AUDIT_IMPL_H

#include "audit.h"
#include "links.h"
#include "object.h"
#include "vq_audit/facts.h"

struct audit {
	struct vq_audit_bpf *skel;
	enum tier tier;
	struct links links;
	bool pinned; /* or to be */
	bool taken_over; /* what hangs was there before */
	bool attached;
	bool is_view; /* another process's, which is not to be touched */
	struct vqa_facts facts; /* of what is pinned */
	int survey_fd, sweep_fd, look_fd, ledger_fd;
};

/** audit__adopt - each queue takes what user space says by now. Return: how many, or -errno */
int audit__adopt(const struct audit *a);

#endif
