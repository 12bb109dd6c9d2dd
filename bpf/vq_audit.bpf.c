// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks. Each program is a trampoline of a few lines: what it finds in the
 * kernel's arguments goes to the handler that both tiers share.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "survey.h"
#include "used.h"

char LICENSE[] SEC("license") = "GPL";

/*
 * Tier "patched": the kernel has the series of kern_patches/.
 */

/* While attached to vq_used, the kernel asks virtqueue_audit_used() for a verdict. */
SEC("tp_btf/vq_used")
int BPF_PROG(vq_used_arm, struct virtqueue *vq, __u32 id, __u32 len)
{
	return 0;
}

SEC("fmod_ret/virtqueue_audit_used")
int BPF_PROG(vq_verdict, struct virtqueue *vq, __u32 id, __u32 len, int ret)
{
	return ret ?: used(vq, id, len, 0);
}

SEC("tp_btf/vq_publish")
int BPF_PROG(vq_publish, struct virtqueue *vq, __u32 slot, __u32 id, __u32 num)
{
	return publish(vq, slot, id, num);
}

SEC("tp_btf/vq_create")
int BPF_PROG(vq_create, struct virtqueue *vq)
{
	return queue_register(vq);
}

SEC("tp_btf/vq_reset")
int BPF_PROG(vq_reset, struct virtqueue *vq)
{
	return queue_reset(vq);
}

SEC("tp_btf/vq_del")
int BPF_PROG(vq_del, struct virtqueue *vq)
{
	return queue_forget(vq);
}

SEC("tp_btf/vq_bad")
int BPF_PROG(vq_bad, struct virtqueue *vq)
{
	return queue_broke(vq);
}

/*
 * Tier "stock": nothing installed. The used element is read again at the entry
 * of the function that will read it, which the device can race.
 */

SEC("fentry/virtqueue_get_buf_ctx_split")
int BPF_PROG(stock_used_split, struct virtqueue *vq)
{
	__u32 id, len;

	if (read_split_used(read_vring(vq), &id, &len))
		used(vq, id, len, 1);
	return 0;
}

SEC("fexit/virtqueue_reset")
int BPF_PROG(stock_reset, struct virtqueue *vq)
{
	return queue_reset(vq);
}

SEC("fexit/virtqueue_resize")
int BPF_PROG(stock_resize, struct virtqueue *vq)
{
	return queue_reset(vq);
}

SEC("fentry/vring_del_virtqueue")
int BPF_PROG(stock_del, struct virtqueue *vq)
{
	return queue_forget(vq);
}

/*
 * Both tiers.
 */

SEC("syscall")
int survey(struct vqa_survey *s)
{
	return survey_queue(s);
}
