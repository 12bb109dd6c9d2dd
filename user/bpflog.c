/* SPDX-License-Identifier: GPL-2.0 */
/* libbpf's messages: silent unless something fails, and then only their end. */
#include "bpflog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#define KEPT_BYTES 16384
#define TAIL_LINES 24

static char kept[KEPT_BYTES + 1];
static bool verbose_log;

/* Append to the end of what is kept; the oldest goes first. */
static void keep(const char *text, size_t len)
{
	size_t have = strlen(kept);

	if (len > KEPT_BYTES) {
		text += len - KEPT_BYTES;
		len = KEPT_BYTES;
	}
	if (have + len > KEPT_BYTES) {
		size_t excess = have + len - KEPT_BYTES;

		memmove(kept, kept + excess, have - excess);
		have -= excess;
	}
	memcpy(kept + have, text, len);
	kept[have + len] = 0;
}

static int on_message(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *text;
	int n;

	if (verbose_log)
		return vfprintf(stderr, fmt, ap);
	if (level == LIBBPF_DEBUG)
		return 0;
	n = vasprintf(&text, fmt, ap);
	if (n < 0)
		return 0;
	keep(text, n);
	free(text);
	return n;
}

void bpflog__capture(bool verbose)
{
	verbose_log = verbose;
	libbpf_set_print(on_message);
}

void bpflog__print_tail(void)
{
	const char *p = kept + strlen(kept);
	int lines = 0;

	while (p > kept) {
		if (p[-1] == '\n' && ++lines > TAIL_LINES)
			break;
		p--;
	}
	fputs(p, stderr);
}
