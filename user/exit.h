/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_EXIT_H
#define VQA_USER_EXIT_H

/* Exit codes of every command: X(id, code, what it means where a command says no more). */
#define VQA_EXITS(X)                                                    \
	X(CLEAN, 0, "clean")                                            \
	X(DIVERGENCE, 1, "divergence seen")                             \
	X(USAGE, 2, "usage")                                            \
	X(CANNOT_RUN, 3, "cannot run here")                             \
	X(OUTPUT, 4, "no divergence, but records could not be written") \
	X(NO_ROOM, 5, "no divergence, but queues beyond --max-queues were not audited")

enum vqa_exit {
#define X(id, code, text) VQA_EXIT_##id = code,
	VQA_EXITS(X)
#undef X
};

/* A line of --help, and so of a manual page. */
#define VQA_EXIT_LINE(id, code, text) "\n  " #code "  " text
#define VQA_EXIT_HELP "Exit:" VQA_EXITS(VQA_EXIT_LINE)

#endif
