// SPDX-License-Identifier: GPL-2.0
/* Calls bpf_virtqueue_break(), from a program that is run and from a hook. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

int bpf_virtqueue_break(__u64 vq) __ksym;

/* What break_address is run with, and leaves. */
struct request {
	__u64 address;
	__s64 result;
};

/* The queue that on_get broke, with what result, and the driver's buffers around it. */
__u64 broken;
__s64 result;
#define NOT_YET (~0ULL)
__u64 before, after = NOT_YET;

SEC("syscall")
int break_address(struct request *request)
{
	request->result = bpf_virtqueue_break(request->address);
	return 0;
}

/*
 * As the stock tier breaks: before the driver reads what the device has used. To
 * the verifier an argument is a pointer; got by the helper, it is the number that
 * the kfunc takes.
 */
SEC("fentry/virtqueue_get_buf_ctx_split")
int on_get(__u64 *ctx)
{
	__u64 vq;

	if (before && !broken && !bpf_get_func_arg(ctx, 0, &vq)) {
		broken = vq;
		result = bpf_virtqueue_break(vq);
	}
	return 0;
}

SEC("fexit/virtqueue_get_buf_ctx_split")
int BPF_PROG(after_get, void *vq, unsigned int *len, void **context, void *buffer)
{
	if (!broken)
		before = (__u64)buffer;
	else if (broken == (__u64)vq && after == NOT_YET)
		after = (__u64)buffer;
	return 0;
}
