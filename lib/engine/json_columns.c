/* Finds the columns of JSON on all workers. This is a task like any other. */
#include "engine/json_columns.h"

#include "table/json_columns.h"
#include "table/source.h"

#include <string.h>

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	(void)schema;
	*plan = sdp_spill_take(&work->spill, sizeof(struct sdp_source *), err);
	if (!*plan)
		return -1;
	memcpy(*plan, params, sizeof(struct sdp_source *));
	*first = (struct sdp_pass){SDP_PASS_CHUNKS, 0, "looking for columns", false, 0};
	return 0;
}

static int update(const void *plan, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_map_memory memory = sdp_map_spill(&work->spill);
	(void)plan;
	return sdp_json_columns_add(state, block, &memory, err);
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	struct sdp_map_memory memory = sdp_map_spill(&work->spill);
	(void)plan;
	return sdp_json_columns_merge(into, from, &memory, err);
}

static int emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err)
{
	struct sdp_source *source;
	(void)doc;
	memcpy(&source, plan, sizeof source);
	return sdp_json_columns_set(root, source, err);
}

int sdp_discover_columns(struct sdp_source *source, const struct sdp_engine_options *options,
			 struct sdp_err *err)
{
	static const struct sdp_task task = {.name = "columns",
					     .open = open_plan,
					     .state_bytes = sizeof(struct sdp_json_columns),
					     .update = update,
					     .merge = merge,
					     .emit = emit};
	struct sdp_engine_options own = *options;
	struct sdp_engine_report report;
	if (!sdp_source_columns_unknown(source))
		return 0;
	own.finish = NULL;
	return sdp_engine_run_as_is(&task, &source, source, &own, NULL, &report, err);
}

int sdp_engine_run(const struct sdp_task *task, const void *params, struct sdp_source *source,
		   const struct sdp_engine_options *options, cJSON *doc,
		   struct sdp_engine_report *report, struct sdp_err *err)
{
	if (sdp_discover_columns(source, options, err) < 0)
		return -1;
	return sdp_engine_run_as_is(task, params, source, options, doc, report, err);
}
