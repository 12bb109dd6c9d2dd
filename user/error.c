/* SPDX-License-Identifier: GPL-2.0 */
/* What the user is told on stderr. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL_ENOTSUPP 524

void err__print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("vq-audit: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

void err__cannot_run(const char *way_out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("vq-audit: cannot run here: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	if (way_out)
		fprintf(stderr, "          way out: %s\n", way_out);
}

const char *err__str(int err)
{
	int code = abs(err);

	return code == KERNEL_ENOTSUPP ? "Operation not supported by the kernel" : strerror(code);
}
