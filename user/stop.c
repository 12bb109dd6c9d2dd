/* SPDX-License-Identifier: GPL-2.0 */
#include "stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t asked;

static void on_signal(int sig)
{
	asked = sig;
}

void stop__on_signals(void)
{
	/* Without SA_RESTART: a write to a reader that sleeps must not delay the end. */
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

const char *stop__signal(void)
{
	return asked == SIGINT ? "SIGINT" : asked == SIGTERM ? "SIGTERM" : NULL;
}
