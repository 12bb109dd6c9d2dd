// SPDX-License-Identifier: GPL-2.0
/* As user/object_probe.c. */
#include "native.h"
#include "native_probe.skel.h"

const void *native__probe_bytes(unsigned long *size)
{
	return native_bpf__elf_bytes(size);
}
