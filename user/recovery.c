/* SPDX-License-Identifier: GPL-2.0 */
#include "recovery.h"

#include <stdarg.h>
#include <stdio.h>

const char *recovery__name(unsigned int outcome)
{
	static const char *const names[] = {
#define X(id, name, text) [RECOVERY_##id] = name,
		RECOVERIES(X)
#undef X
	};

	return outcome < RECOVERY_COUNT ? names[outcome] : "?";
}

void recovery__printf(struct recovery *r, enum recovery_outcome outcome, const char *fmt, ...)
{
	va_list ap;

	r->outcome = outcome;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
}
