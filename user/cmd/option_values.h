/* SPDX-License-Identifier: GPL-2.0-only */
/* The values of options: read by what their row says, and what a right one is in words. */
#ifndef NSLENS_OPTION_VALUES_H
#define NSLENS_OPTION_VALUES_H

#include "options.h"

/* Puts `value` (NULL: none was typed) where the row says. -1: what is right in `why`. */
int option_value_take(const struct option_row *r, void *options, const char *value, char *why,
		      size_t size);

/* "text|json|dot" in words: "text, json or dot". */
void option_words_text(const char *words, char *to, size_t size);
/* The words that a value is one of, "auto|always|never"; NULL: it is none of a few. */
const char *option_choice(const struct option_row *r);

#endif
