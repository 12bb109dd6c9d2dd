/* SPDX-License-Identifier: GPL-2.0 */
/* Where devices may reach, from the daemon to the queues. */
#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "audit_impl.h"

int audit__set_windows(const struct audit *a, const struct windows *w)
{
	int err = 0;

	for (size_t i = 0; w && i < w->n && !err; i++)
		err = bpf_map_update_elem(bpf_map__fd(a->skel->maps.windows), w->devices[i].bus,
					  &w->devices[i].windows, BPF_ANY);
	return err;
}

int audit__offer(const struct audit *a, const char bus[VQA_NAME_LEN], const struct vqa_windows *w)
{
	int fd = bpf_map__fd(a->skel->maps.windows), err;
	struct vqa_windows before;
	bool known = !bpf_map_lookup_elem(fd, bus, &before);

	if (known ? before.source == VQA_WINDOW_OPERATOR : !w->n)
		return 0; /* the operator knows better; or there is nothing, as there was */
	err = w->n ? bpf_map_update_elem(fd, bus, w, BPF_ANY) : bpf_map_delete_elem(fd, bus);
	err = err ?: audit__adopt(a);
	return err < 0 ? err : 0;
}
