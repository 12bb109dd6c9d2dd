// SPDX-License-Identifier: GPL-2.0
/*
 * cipher ALGORITHM COUNT: encrypt and decrypt COUNT texts with a cipher of the
 * guest's kernel, named as its driver is (virtio_crypto_aes_cbc), and compare.
 * Exit: 0 if all came back, 3 if some came back wrong, 1 if one did not.
 * Goes into guests, without libraries.
 */

#include <linux/if_alg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEY 16
#define TEXT 4096

static int open_cipher(const char *name)
{
	static const unsigned char key[KEY] = "sixteen bytes...";
	struct sockaddr_alg addr = { .salg_family = AF_ALG, .salg_type = "skcipher" };
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);

	snprintf((char *)addr.salg_name, sizeof(addr.salg_name), "%s", name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, KEY))
		return -1;
	return accept(fd, NULL, NULL);
}

/* One request: what to do, and an initialization vector. */
static int run_cipher(int fd, int op, unsigned char *from, unsigned char *to)
{
	char control[CMSG_SPACE(sizeof(__u32)) + CMSG_SPACE(sizeof(struct af_alg_iv) + KEY)] = {
		0
	};
	struct iovec iov = { .iov_base = from, .iov_len = TEXT };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_OP;
	c->cmsg_len = CMSG_LEN(sizeof(__u32));
	memcpy(CMSG_DATA(c), &op, sizeof(__u32));
	c = CMSG_NXTHDR(&msg, c);
	c->cmsg_level = SOL_ALG;
	c->cmsg_type = ALG_SET_IV;
	c->cmsg_len = CMSG_LEN(sizeof(struct af_alg_iv) + KEY);
	((struct af_alg_iv *)CMSG_DATA(c))->ivlen = KEY;
	return sendmsg(fd, &msg, 0) == TEXT && read(fd, to, TEXT) == TEXT ? 0 : -1;
}

int main(int argc, char **argv)
{
	static unsigned char text[TEXT], hidden[TEXT], back[TEXT];
	int wrong = 0, count = argc == 3 ? atoi(argv[2]) : 0,
	    fd = count ? open_cipher(argv[1]) : -1;

	if (fd < 0) {
		fprintf(stderr,
			"usage: cipher ALGORITHM COUNT, where the kernel has ALGORITHM: %m\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		memset(text, 'a' + i % 26, TEXT);
		if (run_cipher(fd, ALG_OP_ENCRYPT, text, hidden) ||
		    run_cipher(fd, ALG_OP_DECRYPT, hidden, back)) {
			fprintf(stderr, "cipher: text %d: %m\n", i);
			return 1;
		}
		if (memcmp(text, hidden, TEXT) == 0 || memcmp(text, back, TEXT)) {
			fprintf(stderr, "cipher: text %d came back wrong\n", i);
			wrong = 3;
		}
	}
	return wrong;
}
