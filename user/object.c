// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include "object.h"

/* They come from one source, so their maps, variables and programs are the same. */
struct vq_audit_bpf *object__open(bool direct)
{
	struct vq_audit_bpf *skel = calloc(1, sizeof(*skel));
	int err;

	if (!skel)
		return NULL;
	err = vq_audit_bpf__create_skeleton(skel);
	if (!err && !direct)
		skel->skeleton->data = (void *)object__probe_bytes(&skel->skeleton->data_sz);
	err = err ?: bpf_object__open_skeleton(skel->skeleton, NULL);
	if (!err)
		return skel;
	vq_audit_bpf__destroy(skel);
	errno = -err;
	return NULL;
}
