/* SPDX-License-Identifier: GPL-2.0 */
/* What the tier can do about a violation must be what the policy asks for. */
#include "enforce.h"

#include "error.h"
#include "names.h"
#include "probe.h"

bool enforce__can(const struct policies *p, enum tier tier)
{
	const char *whose;
	int rule = policies__with(p, VQA_ACT_BREAK, &whose);

	if (tier == TIER_STOCK && rule >= 0) {
		err__cannot_run("load vq_audit_break (modules/); or the kernel series of "
				"kern_patches/; or the "
				"action alert",
				"%s%s%s=break: a stock kernel cannot break a queue before the "
				"driver uses the value",
				whose ?: "", whose ? ": " : "", rule__name(rule));
		return false;
	}
	rule = policies__with(p, VQA_ACT_PANIC, &whose);
	if (tier == TIER_PATCHED && rule >= 0 && !probe__panic_allowed()) {
		err__cannot_run("boot with virtio_ring.audit_panic=1",
				"%s%s%s=panic: the kernel would break the queue instead",
				whose ?: "", whose ? ": " : "", rule__name(rule));
		return false;
	}
	return true;
}
