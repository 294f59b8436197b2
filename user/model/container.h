/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which container a cgroup belongs to, told from its path alone: runtimes put
 * the container's id or name into it, each in its own way.
 */
#ifndef NSLENS_CONTAINER_H
#define NSLENS_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

/* Digits of a container's 64-digit id that are kept, as `docker ps` and others show it. */
#define NSM_CONTAINER_ID 12

/*
 * Writes the id (its first 12 digits) or the name of the innermost container
 * named in `path` into `buf`, cut to `size` bytes with the NUL; a buffer as
 * large as the path always suffices. A name is hostile text. False, and `buf`
 * untouched, where no container is named.
 */
bool nsm_container(const char *path, char *buf, size_t size);

/*
 * The same for the innermost systemd unit (a service or scope): "ssh.service". It may
 * be what holds a container.
 */
bool nsm_unit(const char *path, char *buf, size_t size);

#endif
