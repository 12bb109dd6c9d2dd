// SPDX-License-Identifier: GPL-2.0
/*
 * Breaks queues through bpf_virtqueue_break(), in a guest:
 *   break ADDRESS...  tries each, and prints "ADDRESS RESULT"
 *   break next        lets a driver have a buffer, breaks the queue at which it
 *                     then asks for one, and prints "ADDRESS RESULT BEFORE AFTER":
 *                     the buffers that it was given. Reads /dev/hwrng meanwhile,
 *                     so that it asks; for a guest with that device alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "break.skel.h"

#define TRIES 100
#define PAUSE_US 100000

static struct break_bpf *load(int hooks)
{
	struct break_bpf *skel = break_bpf__open();
	int err;

	if (!skel)
		return NULL;
	bpf_program__set_autoload(skel->progs.on_get, hooks);
	bpf_program__set_autoload(skel->progs.after_get, hooks);
	err = break_bpf__load(skel);
	if (!err && hooks)
		err = break_bpf__attach(skel);
	if (!err)
		return skel;
	fprintf(stderr, "break: %s\n", strerror(-err));
	break_bpf__destroy(skel);
	return NULL;
}

static int break_address(struct break_bpf *skel, const char *address)
{
	struct {
		__u64 address;
		__s64 result;
	} request = { .address = strtoull(address, NULL, 0) };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &request, .ctx_size_in = sizeof(request));

	if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.break_address), &options))
		return -errno;
	printf("%s %lld\n", address, (long long)request.result);
	return 0;
}

/* What the device gave before is read first: then it is asked for more. */
static int break_next(struct break_bpf *skel)
{
	char bytes[64];
	int i, rng = open("/dev/hwrng", O_RDONLY | O_NONBLOCK);

	if (rng < 0)
		return -errno;
	for (i = 0; i < TRIES && skel->data->after == ~0ULL; i++) {
		if (read(rng, bytes, sizeof(bytes)) < 0 && errno != EAGAIN)
			break;
		usleep(PAUSE_US);
	}
	close(rng);
	if (!skel->bss->broken)
		return -ETIMEDOUT;
	printf("0x%llx %lld 0x%llx 0x%llx\n", skel->bss->broken, skel->bss->result,
	       skel->bss->before, skel->data->after);
	return 0;
}

int main(int argc, char **argv)
{
	int next = argc == 2 && !strcmp(argv[1], "next");
	struct break_bpf *skel;
	int i, err = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: break ADDRESS... | break next\n");
		return 2;
	}
	skel = load(next);
	if (!skel)
		return 1;
	if (next)
		err = break_next(skel);
	for (i = 1; i < argc && !next && !err; i++)
		err = break_address(skel, argv[i]);
	if (err)
		fprintf(stderr, "break: %s\n", strerror(-err));
	break_bpf__destroy(skel);
	return err ? 1 : 0;
}
