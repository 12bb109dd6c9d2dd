/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_POSTURE_SHOW_H
#define VQA_USER_POSTURE_SHOW_H

#include "guest_memory.h"
#include "out.h"
#include "posture_read.h"

/** struct posture_report - what is shown */
struct posture_report {
	enum guest_memory memory;
	bool confidential; /* what the devices were judged for */
	size_t n, unprotected, unknown;
	const struct posture_device *devices; /* @n of them, and their */
	const struct posture *judged;
};

void posture_show__text(struct out *o, const struct posture_report *r);
void posture_show__json(struct out *o, const struct posture_report *r);

#endif
