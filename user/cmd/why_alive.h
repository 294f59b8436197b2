/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a namespace still live? Asked of nsfs by a file handle (6.18 and later),
 * which needs nobody who holds it.
 */
#ifndef NSLENS_WHY_ALIVE_H
#define NSLENS_WHY_ALIVE_H

#include "../explain/why.h"

enum why_alive {
	WHY_ALIVE,
	WHY_GONE,	  /* it is dead, or (6.19 and later) no longer active */
	WHY_NOBODY_KNOWS, /* this kernel, or our rights, do not permit to ask */
};

enum why_alive why_alive(const struct nse_why *w);

#endif
