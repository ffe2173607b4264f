#include "cli/table_views.h"

#include <string.h>

static const char *const benchmark_first[] = {"name", "workers", "speedup", "efficiency", NULL};

static const struct sdp_doc_measure benchmark_measures[] = {
	{"median", SDP_DOC_SECONDS},
	{"mean", SDP_DOC_SECONDS},
	{"stddev", SDP_DOC_SECONDS},
	{"min", SDP_DOC_SECONDS},
	{"ci_low", SDP_DOC_SECONDS},
	{"ci_high", SDP_DOC_SECONDS},
	{"user", SDP_DOC_SECONDS},
	{"sys", SDP_DOC_SECONDS},
	{"seconds", SDP_DOC_SECONDS},
	{"amdahl_time", SDP_DOC_SECONDS},
	{"amdahl_rmse", SDP_DOC_SECONDS},
	{"peak_rss", SDP_DOC_BYTES},
	{"bytes", SDP_DOC_BYTES},
	{"memory", SDP_DOC_BYTES},
	{"bytes_per_second", SDP_DOC_BYTES_PER_SECOND},
	{NULL, 0},
};

static const char *const job_list[] = {"job_id", "status",     "name", "progress",
				       "tasks",  "created_at", NULL};

static const char *const file_list[] = {"file_id", "name",        "intact", "size",
					"rows",    "uploaded_at", NULL};

static const struct sdp_doc_measure job_measures[] = {
	{"eta_seconds", SDP_DOC_SECONDS},
	{"seconds", SDP_DOC_SECONDS},
	{NULL, 0},
};

static const struct sdp_doc_measure file_measures[] = {
	{"size", SDP_DOC_BYTES},
	{NULL, 0},
};

static const struct {
	const char *task; /* NULL: the document has none, but "path" or "files" */
	struct sdp_doc_view view;
} views[] = {
	{"benchmark", {benchmark_first, NULL, benchmark_measures}},
	{"job", {NULL, job_list, job_measures}},
	{"upload", {NULL, file_list, file_measures}},
	{NULL, {NULL, NULL, file_measures}},
};

const struct sdp_doc_view *sdp_table_view(const cJSON *doc)
{
	const char *task = sdp_doc_get_text(doc, "task");
	if (!task && !sdp_doc_member(doc, "path") && !sdp_doc_member(doc, "files"))
		return NULL;
	for (size_t i = 0; i < sizeof views / sizeof *views; i++)
		if (task && views[i].task ? strcmp(task, views[i].task) == 0
					  : !task && !views[i].task)
			return &views[i].view;
	return NULL;
}
