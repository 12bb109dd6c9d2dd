/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_BPFLOG_H
#define VQA_USER_BPFLOG_H

#include <stdbool.h>

/** bpflog__capture - keep what libbpf says, and print it too if @verbose */
void bpflog__capture(bool verbose);

/**
 * bpflog__print_tail - print the last lines of what libbpf said to stderr
 *
 * For failures. Prints nothing when all has been printed already.
 */
void bpflog__print_tail(void);

#endif
