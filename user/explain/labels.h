/* SPDX-License-Identifier: GPL-2.0-only */
/* The words around an explanation: headings and the like, so that they can be translated. */
#ifndef NSLENS_EXPLAIN_LABELS_H
#define NSLENS_EXPLAIN_LABELS_H

#define NSE_LABELS(X)                                                                              \
	X(KIND_SYSCALL, "system call")                                                             \
	X(KIND_TYPE, "namespace type")                                                             \
	X(KIND_FLAG, "flag")                                                                       \
	X(KIND_FUNCTION, "kernel function")                                                        \
	X(KIND_ERRNO, "errno")                                                                     \
	X(KIND_CONCEPT, "concept")                                                                 \
	X(CALLED, "Where it is called")                                                            \
	X(PATH, "The path, with every branch")                                                     \
	X(OUTCOMES, "As a step of a call")                                                         \
	X(REASONS, "Where a call fails")                                                           \
	X(REMEDY, "Remedy:")                                                                       \
	X(DECIDED, "Decided in")                                                                   \
	X(SEE, "See also")                                                                         \
	X(IN_LAB, "See it happen: nslens lab step")                                                \
	X(LEGEND_IF, "only if")                                                                    \
	X(LEGEND_FAIL, "the call fails here if")                                                   \
	X(LEGEND_UNDO, "undo, if")                                                                 \
	X(ABSENT, "Not in this kernel.")                                                           \
	X(ANY_ERRNO, "any errno")

enum nse_label {
#define X(id, text) NSE_LABEL_##id,
	NSE_LABELS(X)
#undef X
		NSE_LABEL_COUNT,
};

const char *nse_label(enum nse_label label);

#endif
