// SPDX-License-Identifier: GPL-2.0-only
/*
 * A static program cannot load the C library's name services. libevent looks names up by
 * itself where it has to (otlp_sender.c), and never needs these: the Makefile has the linker put
 * them in place of the library's.
 */
#include <netdb.h>
#include <stddef.h>

int __wrap_getaddrinfo(const char *restrict node, const char *restrict service,
		       const struct addrinfo *restrict hints, struct addrinfo **restrict result);
struct servent *__wrap_getservbyname(const char *name, const char *protocol);
struct protoent *__wrap_getprotobynumber(int protocol);

int __wrap_getaddrinfo(const char *restrict node, const char *restrict service,
		       const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)result;
	return EAI_FAIL;
}

struct servent *__wrap_getservbyname(const char *name, const char *protocol)
{
	(void)name;
	(void)protocol;
	return NULL;
}

struct protoent *__wrap_getprotobynumber(int protocol)
{
	(void)protocol;
	return NULL;
}
