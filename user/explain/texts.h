/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All texts of the explanations, for translation. What is in a table is
 * translatable by being there: no text is marked one by one.
 */
#ifndef NSLENS_EXPLAIN_TEXTS_H
#define NSLENS_EXPLAIN_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

enum nse_text_kind {
	NSE_TEXT_LABEL,
	NSE_TEXT_FUNCTION,
	NSE_TEXT_OUTCOME,
	NSE_TEXT_ERRNO,
	NSE_TEXT_FAILURE, /* conditions and remedies */
	NSE_TEXT_PATH,
	NSE_TEXT_TOPIC,
	NSE_TEXT_KINDS,
};

typedef void (*nse_text_fn)(void *ctx, enum nse_text_kind kind, const char *where,
			    const char *text);

/* Each text in a fixed order; the same one may come again. */
void nse_each_text(nse_text_fn fn, void *ctx);

struct nse_catalogue {
	const unsigned char *mo; /* as msgfmt makes it; NULL: English */
	size_t size;
	const char *lang; /* "en", "ja", "zh_CN" */
};

/*
 * `lang`: as in LANG ("ja_JP.UTF-8"), or a list as in LANGUAGE ("zh_CN:en"): the
 * first of it that is there is taken. False, with the catalogue English: there is
 * none for it.
 */
bool nse_catalogue_open(struct nse_catalogue *c, const char *lang);
/* The translation, or `text` itself. */
const char *nse_translate(const struct nse_catalogue *c, const char *text);

#endif
