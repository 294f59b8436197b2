// SPDX-License-Identifier: GPL-2.0-only
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

int nsl_error_set(struct nsl_error *e, const char *format, ...)
{
	va_list ap;

	if (e) {
		va_start(ap, format);
		vsnprintf(e->text, sizeof(e->text), format, ap);
		va_end(ap);
	}
	return -1;
}
