/* SPDX-License-Identifier: GPL-2.0 */
/* The ledger of DMA mappings, from user space. */
#include "ledger.h"

#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

const char *ledger__name(unsigned int count)
{
	static const char *const names[] = {
#define X(id, name, text) [VQA_LEDGER_##id] = name,
		VQA_LEDGER(X)
#undef X
	};

	return count < VQA_LEDGER_COUNT ? names[count] : "?";
}

int ledger__read(struct ledger *l, const struct audit *a)
{
	l->kept = audit__has_ledger(a);
	if (!l->kept)
		return 0;
	return audit__ledger(a, &l->pass) ?: audit__read_ledger(a, l->counts);
}
