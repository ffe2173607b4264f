/* The part of running a task that finding the columns of JSON needs, too. */
#ifndef SDP_ENGINE_JSON_COLUMNS_H
#define SDP_ENGINE_JSON_COLUMNS_H

#include "sdp/engine.h"

/*
 * Runs a task as sdp_engine_run does, but does not find the columns of JSON first. params are those
 * of the task.
 */
int sdp_engine_run_as_is(const struct sdp_task *task, const void *params, struct sdp_source *source,
			 const struct sdp_engine_options *options, cJSON *doc,
			 struct sdp_engine_report *report, struct sdp_err *err);

#endif
