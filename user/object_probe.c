// SPDX-License-Identifier: GPL-2.0
/* Of this skeleton the bytes alone are wanted: the struct is object.c's. */
#include "vq_audit_probe.skel.h"

extern const void *object__probe_bytes(size_t *size);

const void *object__probe_bytes(size_t *size)
{
	return vq_audit_bpf__elf_bytes(size);
}
