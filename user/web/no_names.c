// SPDX-License-Identifier: GPL-2.0-only
/*
 * libevent can look names up. A static program cannot, without the libraries it was linked
 * with, and the server talks to nobody but those who come to it. The Makefile has the linker
 * put these in place of what the C library has.
 */
#include <netdb.h>
#include <stddef.h>

int __wrap_getaddrinfo(const char *restrict node, const char *restrict service,
		       const struct addrinfo *restrict hints, struct addrinfo **restrict found);
struct servent *__wrap_getservbyname(const char *name, const char *protocol);
struct protoent *__wrap_getprotobynumber(int protocol);

int __wrap_getaddrinfo(const char *restrict node, const char *restrict service,
		       const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)found;
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
