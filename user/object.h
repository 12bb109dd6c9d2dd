/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF programs, built once for each way to read kernel memory (bpf/kernel_read.h). */
#ifndef VQA_USER_OBJECT_H
#define VQA_USER_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include "vq_audit.skel.h"

/**
 * object__open - the programs, not loaded yet
 * @direct: to read by plain loads, for a kernel of which kbtf__can_cast() says so
 *
 * Return: to be freed by vq_audit_bpf__destroy(), or NULL with errno set
 */
struct vq_audit_bpf *object__open(bool direct);

/* object__probe_bytes - those that read by bpf_probe_read_kernel(), as an ELF file of *@size bytes
 */
const void *object__probe_bytes(size_t *size);

#endif
