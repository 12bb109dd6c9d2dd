/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_RECOVERY_H
#define VQA_USER_RECOVERY_H

#include "virtio_dev.h"

/* How an attempt to recover a device went: X(ID, name, what it means). */
#define RECOVERIES(X)                                                                  \
	X(DONE, "recovered", "the driver let go of the device and drives it again")    \
	X(REFUSED, "refused", "it was not tried: it would do harm, or cannot succeed") \
	X(FAILED, "failed", "the driver let go, or did not, and does not drive it")    \
	X(HUNG, "hung", "the driver does not let go: nothing but a reboot helps")      \
	X(GIVEN_UP, "given-up", "it broke again, after as many attempts as are allowed")

enum recovery_outcome {
#define X(id, name, text) RECOVERY_##id,
	RECOVERIES(X)
#undef X
		RECOVERY_COUNT,
};

#define RECOVERY_TEXT 512

/** struct recovery - an attempt, and its outcome */
struct recovery {
	struct virtio_dev device; /* as it was before; its name at least */
	enum recovery_outcome outcome;
	unsigned int attempt, attempts; /* of how many; 0: by hand */
	long long time_ns; /* CLOCK_MONOTONIC at its end */
	char text[RECOVERY_TEXT]; /* what was done, or why not and what helps */
};

/** recovery__name - a word for programs */
const char *recovery__name(unsigned int outcome);

/** recovery__printf - set the outcome and its text */
void recovery__printf(struct recovery *r, enum recovery_outcome outcome, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
