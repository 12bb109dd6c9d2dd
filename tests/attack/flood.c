// SPDX-License-Identifier: GPL-2.0
/*
 * Fills a guest's receive queue: broadcast Ethernet frames, one per datagram, to the port of
 * QEMU's -netdev socket,udp=...,localaddr=127.0.0.1:PORT. Bounded in time and in number.
 */
#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util.h"

enum { MIN_FRAME = 60, MAX_FRAME = 1514, TICK_US = 1000, MAX_COUNT = 100000000 };

static struct env {
	unsigned int port, seconds, size, rate;
} env = { .size = 128, .rate = 5000, .seconds = 10 };

static const struct argp_option options[] = {
	{ "port", 'p', "PORT", 0, "UDP port that QEMU listens on (localaddr=)", 0 },
	{ "seconds", 's', "S", 0, "How long, default 10", 0 },
	{ "size", 'l', "BYTES", 0, "Size of a frame, 60 to 1514, default 128", 0 },
	{ "rate", 'r', "PPS", 0, "Frames per second, default 5000", 0 },
	{}
};

static bool in_range(const char *arg, unsigned long low, unsigned long high, unsigned int *ret)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 10);

	if (end == arg || *end || v < low || v > high)
		return false;
	*ret = v;
	return true;
}

static bool parse_value(int key, const char *arg)
{
	switch (key) {
	case 'p':
		return in_range(arg, 1, 65535, &env.port);
	case 's':
		return in_range(arg, 1, 3600, &env.seconds);
	case 'l':
		return in_range(arg, MIN_FRAME, MAX_FRAME, &env.size);
	default:
		return in_range(arg, 1, 1000000, &env.rate);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'p':
	case 's':
	case 'l':
	case 'r':
		if (!parse_value(key, arg))
			argp_error(state, "%s is out of range", arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "what is %s?", arg);
		return 0;
	case ARGP_KEY_END:
		if (!env.port)
			argp_error(state, "say --port");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void fill_frame(uint8_t *frame)
{
	static const uint8_t header[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* to all */
		0x02, 0x00, 0x00, 0x76, 0x71, 0x61, /* locally administered */
		0x88, 0xb5, /* local experimental */
	};

	memset(frame, 0x5a, MAX_FRAME);
	memcpy(frame, header, sizeof(header));
}

static struct sockaddr_in loopback(unsigned int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* A frame that does not go through is QEMU's full socket or its absence; neither stops a flood. */
static unsigned long send_frames(int fd, const uint8_t *frame, unsigned long n)
{
	struct sockaddr_in to = loopback(env.port);
	unsigned long sent = 0;

	while (n--)
		if (sendto(fd, frame, env.size, 0, (struct sockaddr *)&to, sizeof(to)) >= 0)
			sent++;
	return sent;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, NULL, "Flood a guest's network device.",
					  NULL,	   NULL,  NULL };
	unsigned long due, tried = 0, sent = 0;
	uint64_t start = now_us(), spent = 0;
	uint8_t frame[MAX_FRAME];
	int fd;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		perror("vq-flood: socket");
		return 3;
	}
	fill_frame(frame);
	for (; spent < env.seconds * 1000000ULL && tried < MAX_COUNT; spent = now_us() - start) {
		due = spent * env.rate / 1000000;
		sent += send_frames(fd, frame, due - tried);
		tried = due;
		sleep_us(TICK_US);
	}
	printf("%lu of %lu frames sent\n", sent, tried);
	close(fd);
	return 0;
}
