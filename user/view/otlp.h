/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A start-up as an OpenTelemetry trace: OTLP/JSON, one ExportTraceServiceRequest. The
 * start-up is the root span, its stages lie in it, calls in the stages, steps in the
 * calls; milestones are events of their stage. A call that belongs to no start-up is the
 * root of a trace of its own. Ids follow from what it was, when and on which boot:
 * exporting it again makes the same trace.
 */
#ifndef NSLENS_VIEW_OTLP_H
#define NSLENS_VIEW_OTLP_H

#include "../model/startup.h"
#include "buf.h"
#include "view.h"

struct nsv_otlp {
	const char *version; /* of nslens */
	const char *release; /* uname -r */
	const char *boot_id;
	const char *hostname; /* hostile; NULL: not known */
	uint64_t mono_ns, wall_ns;
	nse_kernel kernel;
};

/* One object, without a line end. */
void nsv_otlp_startup(struct nsv_buf *b, const struct nsv_otlp *o, const struct nsu_startup *u);
void nsv_otlp_call(struct nsv_buf *b, const struct nsv_otlp *o, const struct nsm_call *call);

#endif
