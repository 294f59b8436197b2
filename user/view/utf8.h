/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: reading UTF-8 that nobody promised to be UTF-8. */
#ifndef NSLENS_VIEW_UTF8_H
#define NSLENS_VIEW_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Length of the character at `s` (NUL-terminated, not at the NUL) and its code
 * point; 0 if the bytes there are not UTF-8: overlong forms, surrogates and
 * what lies above U+10FFFF are not.
 */
int nsv_utf8_next(const char *s, uint32_t *point);

/* Columns on a terminal: 0, 1 or 2. */
int nsv_utf8_columns(uint32_t point);

/* Control characters, and format characters that reorder or hide text. */
bool nsv_utf8_unsafe(uint32_t point);

/* Columns of a whole text that is UTF-8. */
int nsv_utf8_width(const char *s);

/*
 * Hostile text made safe: escapes as in C, a backslash doubled, and where the
 * terminal has no `utf8` all that is not ASCII. Cut off to fit. Returns `buf`.
 */
const char *nsv_utf8_safe(const char *text, bool utf8, char *buf, size_t size);

#endif
