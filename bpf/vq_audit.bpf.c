// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks. Each program is a trampoline of a few lines: what it finds in the
 * kernel's arguments goes to the handler that both tiers share.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "dump.h"
#include "irq.h"
#include "ledger_pass.h"
#include "progress.h"
#include "publish.h"
#include "survey.h"
#include "sweep.h"

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
	return ret ?: used(vq, id, len, 0, VQA_POINT_USED);
}

/* The same on 6.1, where a program cannot change what a function returns. */
SEC("raw_tp.w/vq_used_verdict")
int vq_verdict_w(struct bpf_raw_tracepoint_args *ctx)
{
	int action = used((void *)ctx->args[1], ctx->args[2], ctx->args[3], 0, VQA_POINT_USED);

	/* Read only now: a pointer that waits on the stack is a number to 6.1's verifier. */
	barrier();
	((struct vq_verdict *)*(volatile __u64 *)&ctx->args[0])->action = action;
	return 0;
}

SEC("tp_btf/vq_publish")
int BPF_PROG(vq_publish, struct virtqueue *vq, __u32 slot, __u32 id, __u32 num)
{
	return publish_begins(vq, slot, id, num);
}

SEC("tp_btf/vq_publish_failed")
int BPF_PROG(vq_publish_failed, struct virtqueue *vq)
{
	return publish_failed(vq);
}

SEC("tp_btf/vq_detach")
int BPF_PROG(vq_detach, struct virtqueue *vq, __u32 id)
{
	struct vqa_queue *q = queue_get(vq);

	detach_recorded(q, id);
	return detach_ends(q);
}

SEC("tp_btf/vq_irq")
int BPF_PROG(vq_irq, struct virtqueue *vq)
{
	return irq(vq);
}

SEC("tp_btf/vq_kick")
int BPF_PROG(vq_kick, struct virtqueue *vq, _Bool needs_kick)
{
	return kick(vq, needs_kick ? VQA_OP_NOTIFY : 0);
}

SEC("tp_btf/vq_create")
int BPF_PROG(vq_create, struct virtqueue *vq)
{
	__u64 key = (__u64)vq;

	return queue_register(&key) && 0;
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
	return get_begins(vq);
}

SEC("fentry/virtqueue_get_buf_ctx_packed")
int BPF_PROG(stock_used_packed, struct virtqueue *vq)
{
	return get_begins(vq);
}

SEC("fentry/detach_buf_split")
int BPF_PROG(stock_detach_split, struct virtqueue *vq, __u32 id)
{
	return detach_begins(vq, id);
}

SEC("fentry/detach_buf_packed")
int BPF_PROG(stock_detach_packed, struct virtqueue *vq, __u32 id)
{
	return detach_begins(vq, id);
}

/* The same in 7.x. */
SEC("fentry/detach_buf_split_in_order")
int BPF_PROG(stock_detach_split_7, struct virtqueue *vq, __u32 id)
{
	return detach_begins(vq, id);
}

SEC("fentry/detach_buf_packed_in_order")
int BPF_PROG(stock_detach_packed_7, struct virtqueue *vq, __u32 id)
{
	return detach_begins(vq, id);
}

#define STOCK_FLIGHT_DETACH(function)                                   \
	SEC("fentry/" #function)                                        \
	int BPF_PROG(flight_##function, struct virtqueue *vq, __u32 id) \
	{                                                               \
		return detach_recorded(queue_get(vq), id);              \
	}

STOCK_FLIGHT_DETACH(detach_buf_split)
STOCK_FLIGHT_DETACH(detach_buf_packed)
STOCK_FLIGHT_DETACH(detach_buf_split_in_order)
STOCK_FLIGHT_DETACH(detach_buf_packed_in_order)

/* Only here the free list of 7.x is whole again. */
SEC("fexit/virtqueue_get_buf_ctx_split")
int BPF_PROG(stock_taken_split, struct virtqueue *vq)
{
	return detach_ends(queue_get(vq));
}

SEC("fexit/virtqueue_get_buf_ctx_packed")
int BPF_PROG(stock_taken_packed, struct virtqueue *vq)
{
	return detach_ends(queue_get(vq));
}

SEC("fentry/vring_interrupt")
int BPF_PROG(stock_irq, int irq_number, struct virtqueue *vq)
{
	return irq(vq);
}

SEC("fexit/virtqueue_kick_prepare")
int BPF_PROG(stock_kick_prepare, struct virtqueue *vq)
{
	__u64 ret = 0;

	bpf_get_func_ret(ctx, &ret);
	return kick(vq, ret & 1 ? VQA_OP_NOTIFY : 0);
}

/* From 7.x on it does without the function above, and what it decides is not seen. */
SEC("fentry/virtqueue_kick")
int BPF_PROG(stock_kick, struct virtqueue *vq)
{
	if (bpf_core_field_exists(((struct vring_virtqueue *)0)->packed_ring))
		return 0;
	return kick(vq, VQA_OP_MAYBE);
}

/* The functions that publish. Inside them there is no place to attach to. */
#define ADD(function)                                        \
	SEC("fentry/virtqueue_" #function)                   \
	int BPF_PROG(enter_##function, struct virtqueue *vq) \
	{                                                    \
		return add_begins(vq);                       \
	}                                                    \
	SEC("fentry/virtqueue_" #function)                   \
	int BPF_PROG(adds_##function, struct virtqueue *vq)  \
	{                                                    \
		return ledger_add_starts(vq);                \
	}                                                    \
	SEC("fexit/virtqueue_" #function)                    \
	int BPF_PROG(exit_##function, struct virtqueue *vq)  \
	{                                                    \
		__u64 ret = 0;                               \
                                                             \
		bpf_get_func_ret(ctx, &ret);                 \
		return add_ends(vq, ret);                    \
	}

ADD(add_sgs)
ADD(add_outbuf)
ADD(add_inbuf)
ADD(add_inbuf_ctx)
ADD(add_outbuf_premapped)
ADD(add_inbuf_premapped)
ADD(add_inbuf_cache_clean)

SEC("fentry/vring_del_virtqueue")
int BPF_PROG(stock_del, struct virtqueue *vq)
{
	return queue_forget(vq);
}

/*
 * Both tiers.
 */

SEC("fentry/virtqueue_reset")
int BPF_PROG(reset_begins, struct virtqueue *vq)
{
	return queue_rebuild(vq);
}

SEC("fexit/virtqueue_reset")
int BPF_PROG(reset_ends, struct virtqueue *vq)
{
	return queue_rebuilt(vq);
}

SEC("fentry/virtqueue_resize")
int BPF_PROG(resize_begins, struct virtqueue *vq)
{
	return queue_rebuild(vq);
}

SEC("fexit/virtqueue_resize")
int BPF_PROG(resize_ends, struct virtqueue *vq)
{
	return queue_rebuilt(vq);
}

SEC("fentry/vp_notify")
int BPF_PROG(pci_notify, struct virtqueue *vq)
{
	return notice_notify(vq);
}

SEC("fentry/vp_modern_set_status")
int BPF_PROG(pci_status, void *mdev, __u8 status)
{
	__u64 vdev = (__u64)mdev - bpf_core_field_offset(struct virtio_pci_device, mdev);

	return quiet_status(vdev, status);
}

SEC("fexit/virtio_reset_device")
int BPF_PROG(device_reset)
{
	__u64 vdev = 0;

	bpf_get_func_arg(ctx, 0, &vdev); /* as a number: 6.1 passes no other on */
	return quiet_reset(vdev);
}

SEC("fexit/proc_dointvec")
int BPF_PROG(switched)
{
	__u64 table = 0;

	bpf_get_func_arg(ctx, 0, &table); /* as a number, as above */
	return traced_ends(table) && queue_forget_unseen();
}

/*
 * Level dma. An event costs less than a function, and no compiler merges it with another. But
 * up to 7.x the event of an unmapping comes too late: the function is entered before what is
 * unmapped can be mapped again.
 */
#define LEDGER_HOOKS(turn, TURN)                                                               \
	SEC("fexit/dma_map_page_attrs")                                                        \
	int BPF_PROG(map_##turn, struct device *dev, void *page, __u64 offset, __u64 size,     \
		     __u32 dir, __u64 attrs, __u64 addr)                                       \
	{                                                                                      \
		return ledger_map((__u64)ctx, (__u64)dev, addr, size, dir, TURN);              \
	}                                                                                      \
	SEC("fentry/dma_unmap_page_attrs")                                                     \
	int BPF_PROG(unmap_##turn, struct device *dev, __u64 addr, __u64 size, __u32 dir)      \
	{                                                                                      \
		return ledger_unmap((__u64)ctx, (__u64)dev, addr, size, dir, TURN);            \
	}                                                                                      \
	SEC("tp_btf/dma_map_page")                                                             \
	int BPF_PROG(map_page_##turn, struct device *dev, __u64 phys, __u64 addr, __u64 size,  \
		     __u32 dir)                                                                \
	{                                                                                      \
		return ledger_map((__u64)ctx, (__u64)dev, addr, size, dir, TURN);              \
	}                                                                                      \
	SEC("tp_btf/dma_map_phys")                                                             \
	int BPF_PROG(map_phys_##turn, struct device *dev, __u64 phys, __u64 addr, __u64 size,  \
		     __u32 dir)                                                                \
	{                                                                                      \
		return ledger_map((__u64)ctx, (__u64)dev, addr, size, dir, TURN);              \
	}                                                                                      \
	SEC("tp_btf/dma_unmap_phys")                                                           \
	int BPF_PROG(unmap_phys_##turn, struct device *dev, __u64 addr, __u64 size, __u32 dir) \
	{                                                                                      \
		return ledger_unmap((__u64)ctx, (__u64)dev, addr, size, dir, TURN);            \
	}                                                                                      \
	SEC("fentry/swiotlb_bounce")                                                           \
	int BPF_PROG(bounce_##turn, struct device *dev, __u64 addr, __u64 size, __u32 dir)     \
	{                                                                                      \
		return bounce_call((__u64)dev, addr, size, dir, TURN);                         \
	}                                                                                      \
	SEC("tp_btf/swiotlb_copy")                                                             \
	int BPF_PROG(copy_##turn, struct device *dev, __u64 addr, __u64 orig, __u64 size,      \
		     __u64 mapped, __u32 dir)                                                  \
	{                                                                                      \
		return bounce_event((__u64)dev, addr, orig, size, mapped, dir, TURN);          \
	}                                                                                      \
	SEC("fexit/vduse_domain_map_page")                                                     \
	int BPF_PROG(vduse_map_##turn, void *domain, void *page, __u64 offset, __u64 size,     \
		     __u32 dir, __u64 attrs, __u64 iova)                                       \
	{                                                                                      \
		return ledger_map((__u64)ctx, (__u64)domain, iova, size, dir, TURN);           \
	}                                                                                      \
	SEC("fentry/vduse_domain_unmap_page")                                                  \
	int BPF_PROG(vduse_unmap_##turn, void *domain, __u64 iova, __u64 size, __u32 dir)      \
	{                                                                                      \
		return ledger_unmap((__u64)ctx, (__u64)domain, iova, size, dir, TURN);         \
	}                                                                                      \
	SEC("tp_btf/vduse_map")                                                                \
	int BPF_PROG(domain_map_##turn, void *domain, __u64 iova, __u64 size, __u32 dir)       \
	{                                                                                      \
		return ledger_map((__u64)ctx, (__u64)domain, iova, size, dir, TURN);           \
	}                                                                                      \
	SEC("tp_btf/vduse_unmap")                                                              \
	int BPF_PROG(domain_unmap_##turn, void *domain, __u64 iova, __u64 size, __u32 dir)     \
	{                                                                                      \
		return ledger_unmap((__u64)ctx, (__u64)domain, iova, size, dir, TURN);         \
	}

LEDGER_HOOKS(first, LEDGER_FIRST)
LEDGER_HOOKS(second, LEDGER_SECOND)
LEDGER_HOOKS(last, LEDGER_LAST)

SEC("syscall")
int ledger(struct vqa_ledger_pass *pass)
{
	return ledger_pass(pass);
}

SEC("syscall")
int survey(struct vqa_survey *s)
{
	return survey_queue(s);
}

SEC("syscall")
int adopt(struct vqa_adopt *io)
{
	windows_adopt_all();
	return policy_adopt_all(io);
}

SEC("syscall")
int dump(struct vqa_sweep *s)
{
	return dump_queue(s);
}

SEC("syscall")
int progress(struct vqa_sweep *s)
{
	return look_at_queue(s);
}

SEC("syscall")
int sweep(struct vqa_sweep *s)
{
	return sweep_queue(s);
}
