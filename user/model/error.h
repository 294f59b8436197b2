/* SPDX-License-Identifier: GPL-2.0-only */
/* An error that names the thing, the reason and the remedy. */
#ifndef NSLENS_ERROR_H
#define NSLENS_ERROR_H

struct nsl_error {
	char text[512];
};

/* Fills `e` (may be NULL) and returns -1, so that callers can return it. */
__attribute__((format(printf, 2, 3))) int nsl_error_set(struct nsl_error *e, const char *format,
							...);

#endif
