/* SPDX-License-Identifier: GPL-2.0 */
#include "listen_at.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 8
#define UNPROTECTED "unprotected:"
#define SOCKET_FLAGS (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

const char *listen_at__path(const char *where)
{
	return strncmp(where, "unix:", 5) ? NULL : where + 5;
}

/** struct place - an address and a port, taken apart */
struct place {
	char address[64], port[8];
	bool unprotected;
};

/* "PORT", "ADDRESS:PORT" or "[ADDRESS]:PORT" */
static bool take_apart(const char *where, struct place *p)
{
	const char *port, *end;

	*p = (struct place){ .unprotected = !strncmp(where, UNPROTECTED, strlen(UNPROTECTED)) };
	if (p->unprotected)
		where += strlen(UNPROTECTED);
	port = strrchr(where, ':');
	end = port;
	if (port && *where == '[') {
		where++;
		end--;
	}
	if (port && (end < where || (where[-1] == '[' && *end != ']')))
		return false;
	if (port && memchr(where, ':', end - where) && *end != ']')
		return false; /* an IPv6 address without its brackets */
	if (snprintf(p->address, sizeof(p->address), "%.*s", port ? (int)(end - where) : 9,
		     port ? where : "127.0.0.1") >= (int)sizeof(p->address))
		return false;
	port = port ? port + 1 : where;
	snprintf(p->port, sizeof(p->port), "%s", port);
	return strspn(port, "0123456789") == strlen(port) && *port && strlen(port) <= 5 &&
	       atoi(port) <= 65535;
}

static struct addrinfo *look_up(const struct place *p)
{
	struct addrinfo *found = NULL, hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};

	return getaddrinfo(p->address, p->port, &hints, &found) ? NULL : found;
}

static bool is_loopback(const struct addrinfo *a)
{
	if (a->ai_family == AF_INET)
		return ntohl(((struct sockaddr_in *)a->ai_addr)->sin_addr.s_addr) >> 24 == 127;
	return a->ai_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)a->ai_addr)->sin6_addr);
}

static int check_path(const char *path, char *why, size_t size)
{
	struct sockaddr_un addr;

	if (*path == '/' && strlen(path) < sizeof(addr.sun_path))
		return 0;
	snprintf(why, size, "\"%s\" is not the full path of a socket", path);
	return -EINVAL;
}

int listen_at__check(const char *where, char *why, size_t size)
{
	struct addrinfo *found = NULL;
	struct place p;
	int err = 0;

	if (listen_at__path(where))
		return check_path(listen_at__path(where), why, size);
	if (!take_apart(where, &p) || !(found = look_up(&p))) {
		snprintf(why, size,
			 "\"%s\" is none of PORT, ADDRESS:PORT with numbers, [IPV6]:PORT, "
			 "unix:/PATH",
			 where);
		return -EINVAL;
	}
	if (!is_loopback(found) && !p.unprotected) {
		snprintf(why, size,
			 "%s is not this machine alone, and whoever reaches it may read all; if "
			 "that is wanted, " UNPROTECTED "%s",
			 p.address, where);
		err = -EINVAL;
	}
	freeaddrinfo(found);
	return err;
}

/* Of a daemon that was killed. What is no socket stays, and so does one that is listened at. */
static void remove_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd;

	if (lstat(addr->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) && errno == ECONNREFUSED)
		unlink(addr->sun_path);
	close(fd);
}

static int listen_on(int fd, const struct sockaddr *addr, socklen_t len)
{
	int err;

	if (fd >= 0 && !bind(fd, addr, len) && !listen(fd, BACKLOG))
		return fd;
	err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static int open_path(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t before;
	int fd;

	strcpy(addr.sun_path, path);
	remove_stale(&addr);
	fd = socket(AF_UNIX, SOCKET_FLAGS, 0);
	before = umask(0177);
	fd = listen_on(fd, (struct sockaddr *)&addr, sizeof(addr));
	umask(before);
	return fd;
}

int listen_at__open(const char *where)
{
	struct addrinfo *found;
	struct place p;
	int fd, one = 1;

	if (listen_at__path(where))
		return open_path(listen_at__path(where));
	if (!take_apart(where, &p) || !(found = look_up(&p)))
		return -EINVAL;
	fd = socket(found->ai_family, SOCKET_FLAGS, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	fd = listen_on(fd, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}
