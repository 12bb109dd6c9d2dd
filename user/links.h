/* SPDX-License-Identifier: GPL-2.0 */
/* What hangs on the kernel: attaching, detaching, and leaving it there. */
#ifndef VQA_USER_LINKS_H
#define VQA_USER_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include "hooks.h"

struct bpf_link;

/** struct links - of one audit, in the order of hooks.h; all zero: nothing hangs */
struct links {
	struct bpf_program *program[HOOKS]; /* to be attached; NULL: not of this tier */
	struct bpf_link *link[HOOKS];
	int fd[HOOKS]; /* of the program that hangs or hung there, 0: none; ours if @program is NULL
			*/
};

/**
 * links__attach - let the programs run, the one that turns verdicts on last
 * @pin: keep each of them where pins.h says
 *
 * Return: 0; or -errno after having said why, and some of them may hang.
 */
int links__attach(struct links *l, bool pin);

/**
 * links__take_over - hold those that are pinned, which run already
 *
 * Return: 0; or -errno after having said what is wrong.
 */
int links__take_over(struct links *l);

/** links__let_go - detach in reverse order; what is pinned goes on */
void links__let_go(struct links *l);

/** links__free - the same, and release what links__program() gives */
void links__free(struct links *l);

/** links__program - name and file of program @i of those that hang, or did; NULL behind the end */
const char *links__program(const struct links *l, size_t i, int *ret_fd);

#endif
