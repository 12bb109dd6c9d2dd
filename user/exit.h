/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_EXIT_H
#define VQA_USER_EXIT_H

/* Exit codes of every command; --help lists them. */
enum vqa_exit {
	VQA_EXIT_CLEAN = 0,
	VQA_EXIT_DIVERGENCE = 1,
	VQA_EXIT_USAGE = 2,
	VQA_EXIT_CANNOT_RUN = 3,
	VQA_EXIT_OUTPUT = 4, /* no divergence, but records could not be written */
};

#endif
