/* SPDX-License-Identifier: GPL-2.0 */
/* Attaching and detaching. */
#include "links.h"

#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpflog.h"
#include "error.h"
#include "pins.h"

#define KERNEL_ENOTSUPP 524

static void explain_attach(const char *program, int err)
{
	const char *way_out = "-v shows what libbpf says";

	bpflog__print_tail();
	if (err == -EBUSY || err == -KERNEL_ENOTSUPP || err == -EOPNOTSUPP)
		way_out = "a kernel with CONFIG_DYNAMIC_FTRACE=y and direct calls: programs "
			  "cannot be attached to functions without";
	else if (err == -EPERM || err == -EACCES)
		way_out = "run it as root, with lockdown other than confidentiality";
	err__cannot_run(way_out, "attaching %s failed: %s", program, err__str(err));
}

static int attach(struct links *l, size_t i, bool pin)
{
	const char *program = hook__get(i)->program;
	int err = 0;

	l->link[i] = bpf_program__attach(l->program[i]);
	if (!l->link[i]) {
		err = -errno;
		explain_attach(program, err);
		return err;
	}
	l->fd[i] = bpf_program__fd(l->program[i]);
	if (pin)
		err = pins__keep_link(l->link[i], i, program);
	if (err)
		err__cannot_run("run without --pin", "pinning %s below " PINS_DIR " failed: %s",
				program, err__str(err));
	return err;
}

int links__attach(struct links *l, bool pin)
{
	int err = 0;

	for (size_t i = 0; i < HOOKS && !err; i++)
		if (l->program[i])
			err = attach(l, i, pin);
	return err;
}

/* Return: of the program behind a link, to be closed; or -errno */
static int program_fd(const struct bpf_link *link)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len);

	if (!fd)
		fd = bpf_prog_get_fd_by_id(info.prog_id);
	return fd < 0 ? -errno : fd;
}

static int take_over(struct links *l, size_t i)
{
	l->link[i] = pins__open_link(i, hook__get(i)->program);
	if (!l->link[i])
		return errno == ENOENT ? 0 : -errno; /* not of that audit's tier or options */
	l->fd[i] = program_fd(l->link[i]);
	return l->fd[i] < 0 ? l->fd[i] : 0;
}

int links__take_over(struct links *l)
{
	for (size_t i = 0; i < HOOKS; i++) {
		int err = take_over(l, i);

		if (!err)
			continue;
		err__cannot_run("\"vq-audit unpin\" ends what is pinned",
				"taking over %s from " PINS_DIR " failed: %s",
				hook__get(i)->program, err__str(err));
		return err;
	}
	return 0;
}

void links__let_go(struct links *l)
{
	for (size_t i = HOOKS; i-- > 0;) {
		bpf_link__destroy(l->link[i]);
		l->link[i] = NULL;
	}
}

void links__free(struct links *l)
{
	links__let_go(l);
	for (size_t i = 0; i < HOOKS; i++)
		if (!l->program[i] && l->fd[i] > 0)
			close(l->fd[i]);
}

const char *links__program(const struct links *l, size_t i, int *ret_fd)
{
	for (size_t k = 0; k < HOOKS; k++) {
		if (l->fd[k] <= 0 || i--)
			continue;
		*ret_fd = l->fd[k];
		return hook__get(k)->program;
	}
	return NULL;
}
