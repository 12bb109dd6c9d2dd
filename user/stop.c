/* SPDX-License-Identifier: GPL-2.0 */
#include "stop.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t asked, hung_up;

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

static void on_hangup(int sig)
{
	(void)sig;
	hung_up = 1;
}

void stop__on_hangup(void)
{
	struct sigaction sa = { .sa_handler = on_hangup };
	int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (terminal < 0)
		sigaction(SIGHUP, &sa, NULL);
	else
		close(terminal);
}

bool stop__hangup(void)
{
	bool was = hung_up;

	hung_up = 0;
	return was;
}
