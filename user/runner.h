/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process that starts one program, as often as it is asked to. It is forked
 * before the daemon gives that up (seal.h), and can start nothing else; what it
 * starts is under none of the daemon's restrictions.
 */
#ifndef VQA_USER_RUNNER_H
#define VQA_USER_RUNNER_H

struct runner;

/** runner__start - for the program at @path. Return: 0; -EPERM once sealed; or -errno */
int runner__start(struct runner **ret, const char *path);

/**
 * runner__run - run it once, with @input as standard input, and wait for its end
 *
 * Any number of threads may. Return: 0; -EREMOTEIO if it failed, -ETIMEDOUT if it was killed,
 * for it took longer than @limit_ms; -ECANCELED after runner__interrupt(); or another -errno
 * if it could not be run.
 */
int runner__run(struct runner *r, int input, int limit_ms);

/** runner__interrupt - kill what runs, and run nothing more */
void runner__interrupt(struct runner *r);

/** runner__stop - end the process, and release; NULL is fine. Nothing runs any more */
void runner__stop(struct runner *r);

#endif
