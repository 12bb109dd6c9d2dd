// SPDX-License-Identifier: GPL-2.0
/*
 * XDP over a virtio_net interface under load: by turns it passes a frame, sends it
 * back and drops it, so that receive buffers leave the driver on every way.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static unsigned int frames;

SEC("xdp")
int turns(struct xdp_md *ctx)
{
	switch (__sync_fetch_and_add(&frames, 1) % 4) {
	case 0:
		return XDP_TX;
	case 1:
		return XDP_DROP;
	default:
		return XDP_PASS;
	}
}

char LICENSE[] SEC("license") = "GPL";
