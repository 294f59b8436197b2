/* SPDX-License-Identifier: GPL-2.0-only */
/* The built page, as it is embedded (made by user/web/embed.py). */
#ifndef NSLENS_WEB_PAGE_H
#define NSLENS_WEB_PAGE_H

#include <stddef.h>

/* Size 0: built with WEB=no. */
extern const unsigned char web_page[];
extern const size_t web_page_size;
/* "script-src 'sha256-…'; style-src 'sha256-…'": of what stands in it, and nothing else. */
extern const char web_page_hashes[];

/* What to say where there is none. */
#define WEB_NO_PAGE                                                                                \
	"this nslens was built without the page (make WEB=no, or no Node.js): build it again "     \
	"with `make deps && make`"

#endif
