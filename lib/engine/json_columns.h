/* Between engine.c and discover.c. */
#ifndef SDP_ENGINE_JSON_COLUMNS_H
#define SDP_ENGINE_JSON_COLUMNS_H

#include "sdp/engine.h"

/* sdp_engine_run of a source as it is; params are the task's own. */
int sdp_engine_run_as_is(const struct sdp_task *task, const void *params, struct sdp_source *source,
			 const struct sdp_engine_options *options, cJSON *doc,
			 struct sdp_engine_report *report, struct sdp_err *err);

#endif
