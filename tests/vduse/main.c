// SPDX-License-Identifier: GPL-2.0
/* vq-vduse: a disk that is a process, and that lies once if it is told to. */
#include <argp.h>
#include <errno.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blk.h"

#define DISK_SECTORS 32768 /* 16 MiB */

#define FEATURES                                                         \
	(1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_F_ACCESS_PLATFORM | \
	 1ULL << VIRTIO_BLK_F_SEG_MAX | 1ULL << VIRTIO_BLK_F_BLK_SIZE)

struct env {
	bool indirect;
	struct blk blk;
};

static const struct argp_option options[] = {
	{ "indirect", 'i', NULL, 0, "Offer VIRTIO_F_INDIRECT_DESC", 0 },
	{ "lie", 'l', "NAME", 0, "Lie once; --list says how", 0 },
	{ "after", 'a', "N", 0, "Serve N requests honestly first (0)", 0 },
	{ "list", 'L', NULL, 0, "List the lies", 0 },
	{ 0 },
};

static void list(void)
{
	for (const struct lie *l = lie__each(NULL); l; l = lie__each(l))
		printf("%-12s %s\n", l->name, l->text);
	exit(0);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct env *env = state->input;
	char *end;

	switch (key) {
	case 'i':
		env->indirect = true;
		return 0;
	case 'l':
		env->blk.lie = lie__find(arg);
		if (!env->blk.lie)
			argp_error(state, "unknown lie: %s; --list names them all", arg);
		return 0;
	case 'a':
		env->blk.after = strtoull(arg, &end, 10);
		if (*end || !*arg)
			argp_error(state, "--after: not a number: %s", arg);
		return 0;
	case 'L':
		list();
		return 0;
	case ARGP_KEY_ARG:
		if (env->blk.name)
			argp_usage(state);
		env->blk.name = arg;
		return 0;
	case ARGP_KEY_END:
		if (!env->blk.name)
			argp_error(state, "which NAME is the device to have?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options, parse, "NAME", "A virtio disk that is this process (VDUSE).", NULL, NULL, NULL
};

static int run(struct device *d, struct blk *b)
{
	struct pollfd fds[] = { { .fd = d->fd, .events = POLLIN },
				{ .fd = d->kick, .events = POLLIN } };
	uint64_t kicks;
	int err = 0;

	while (!err && poll(fds, 2, -1) > 0) {
		if (fds[0].revents) {
			err = device__obey(d);
			if (!d->ready)
				b->next = 0;
		}
		if (!err && fds[1].revents && read(d->kick, &kicks, sizeof(kicks)) > 0 && d->ready)
			err = blk__serve(b);
	}
	return err;
}

int main(int argc, char **argv)
{
	struct virtio_blk_config config = { .capacity = DISK_SECTORS,
					    .seg_max = 16,
					    .blk_size = 512 };
	struct env env = { .blk.size = DISK_SECTORS * 512ULL };
	struct device device = { .fd = -1 };
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, &env);
	setvbuf(stdout, NULL, _IOLBF, 0);
	env.blk.device = &device;
	env.blk.disk = calloc(1, env.blk.size);
	if (!env.blk.disk)
		return 1;
	err = device__create(&device, env.blk.name, VIRTIO_ID_BLOCK,
			     FEATURES | (env.indirect ? 1ULL << VIRTIO_RING_F_INDIRECT_DESC : 0),
			     &config, sizeof(config));
	if (err) {
		fprintf(stderr, "vq-vduse: no device %s: %s; is the module vduse loaded?\n",
			env.blk.name, strerror(-err));
		return 1;
	}
	printf("{\"type\":\"vduse\",\"name\":\"%s\"}\n", env.blk.name);
	err = run(&device, &env.blk);
	fprintf(stderr, "vq-vduse: %s: %s\n", env.blk.name, strerror(-err));
	return 1;
}
