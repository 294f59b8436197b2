/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: how the nodes of a path are written down. */
#ifndef NSLENS_EXPLAIN_PATHS_TABLE_H
#define NSLENS_EXPLAIN_PATHS_TABLE_H

#include <errno.h>

#include "paths.h"

#ifndef ERESTARTNOINTR
#define ERESTARTNOINTR 513
#endif

#define FN(d, name, ...)                                                                           \
	{                                                                                          \
		.depth = d, .kind = NSE_FN, .fn = name, __VA_ARGS__                                \
	}
#define FN_IF(d, name, cond, ...)                                                                  \
	{                                                                                          \
		.depth = d, .kind = NSE_FN, .fn = name, .when = cond, __VA_ARGS__                  \
	}
#define ERRS(...) .errs = {__VA_ARGS__}
#define FAIL(d, errno_list, cond, ...)                                                             \
	{                                                                                          \
		.depth = d, .kind = NSE_FAIL, errno_list, .when = cond, __VA_ARGS__                \
	}
#define IF(d, cond, effect, ...)                                                                   \
	{                                                                                          \
		.depth = d, .kind = NSE_IF, .when = cond, .what = effect, __VA_ARGS__              \
	}
#define DO(d, effect, ...)                                                                         \
	{                                                                                          \
		.depth = d, .kind = NSE_DO, .what = effect, __VA_ARGS__                            \
	}
#define UNDO(d, cond, effect, ...)                                                                 \
	{                                                                                          \
		.depth = d, .kind = NSE_UNDO, .when = cond, .what = effect, __VA_ARGS__            \
	}
#define SUB(d, path, ...)                                                                          \
	{                                                                                          \
		.depth = d, .kind = NSE_SUB, .sub = &(path), __VA_ARGS__                           \
	}
#define NODES(array) .nodes = (array), .n = sizeof(array) / sizeof(*(array))

#define OUT(outcome) (1u << (outcome))
#define SEVEN	     (NSL_NEW_ALL & ~NSL_NEWUSER) /* the types of an nsproxy */

#endif
