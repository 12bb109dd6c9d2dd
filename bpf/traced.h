/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether programs at functions run. Up to 6.12 root can switch them off, by
 * kernel.ftrace_enabled, while those at tracepoints go on; from 7.x on the kernel refuses.
 * What was noted before is of another time then: what has happened since, nobody saw.
 *
 * The switch is a function like others: that it was turned is the last thing that is seen.
 * It holds the lock under which programs come back, so when it is seen again, all are back.
 * User space reads it each second.
 */
#ifndef BPF_TRACED_H
#define BPF_TRACED_H

#include "snapshot.h"

#define TRACED_NOT (1ULL << 63)

/*
 * Jiffies: since when all programs have run; 0: since the audit began. With TRACED_NOT some
 * do not, as far as is known, and the rest is when that began, in ns: no two are the same.
 */
__u64 traced_from;

static __always_inline int traced(void)
{
	return !(traced_from & TRACED_NOT);
}

static __always_inline int is_ftrace_enabled(__u64 table)
{
	const __u64 *word;
	char name[16] = {};

	read_text(name, sizeof(name), (__u64)kernel_read(ctl_table, table, procname));
	word = (const __u64 *)name;
	return word[0] == 0x655f656361727466ULL && word[1] == 0x64656c62616eULL;
}

/* A number of sysctl was read or written. @table: which. Return: 1 as programs go */
static __always_inline int traced_ends(__u64 table)
{
	__u64 at;

	if (!is_ftrace_enabled(table))
		return 0;
	at = (__u64)kernel_read(ctl_table, table, data);
	if ((__u32)kernel_read(timespec64, at, tv_sec)) { /* any type that begins with a number */
		if (!traced())
			traced_from = bpf_jiffies64() + 1;
		return 0;
	}
	traced_from = TRACED_NOT | bpf_ktime_get_ns();
	count_loss(VQA_LOSS_UNTRACED);
	return 1;
}

#endif
