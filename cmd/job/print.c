/* Prints the documents of jobs in the requested format. */
#include "job.h"
#include "sdp/doc.h"
#include "sdp/output.h"

bool job_json_wanted(const struct sdp_common *common)
{
	enum sdp_doc_format format;
	struct sdp_err err;
	return sdp_output_format(common, &format, &err) == 0 && format == SDP_DOC_JSON;
}

/* Returns why the task of a row of progress_by_task is skipped, or NULL. */
static const char *reason_of(const cJSON *row)
{
	return sdp_doc_get_text(row, "reason");
}

int job_print_changed(const struct job_call *call, const struct sdp_job *job, bool *broken,
		      struct sdp_err *err)
{
	struct sdp_buf text = {0};
	struct sdp_output_fate fate = {0};
	cJSON *docs = cJSON_CreateArray(), *doc = sdp_job_document(job, &call->store, false, err);
	int rc = doc ? 0 : -1;
	if (rc == 0 && !cJSON_AddItemToArray(docs, doc)) {
		cJSON_Delete(doc);
		rc = sdp_fail_memory(err);
	}
	if (rc == 0)
		rc = sdp_output_documents_text(&call->params->common, docs, false, &text, err);
	if (rc == 0)
		rc = sdp_output_text_seen(call->params->common.output, &text, &fate, err);
	*broken = fate.broken;
	sdp_buf_release(&text);
	cJSON_Delete(docs);
	return rc;
}

void job_warn_skipped(const struct sdp_job *job, const cJSON *doc)
{
	const cJSON *row, *rows = sdp_doc_member(doc, "progress_by_task");
	bool all = cJSON_HasObjectItem(job->request, "all_tasks"), any = false;
	cJSON_ArrayForEach(row, rows) any |= !reason_of(row);
	/* If all tasks are skipped, the job fails, and its error says why. */
	if (all || !any)
		return;
	cJSON_ArrayForEach(row, rows) if (reason_of(row))
		sdp_warn("job %s: %s is skipped: %s", job->id,
			 sdp_doc_member(row, "name")->valuestring, reason_of(row));
}

int job_print(const struct job_call *call, const struct sdp_job *job, struct sdp_err *err)
{
	cJSON *doc = sdp_job_document(job, &call->store, false, err);
	int rc = doc ? sdp_output_document(&call->params->common, doc, err) : -1;
	if (rc == 0)
		job_warn_skipped(job, doc);
	cJSON_Delete(doc);
	return rc;
}

/* The columns of an empty list. */
#define JOB_LIST_COLUMNS                                                                           \
	"task,job_id,status,progress,phase,eta_seconds,file_id,path,name,tasks,worker_counts,"     \
	"runs,warmup,seed,max_jobs,on_finish,"                                                     \
	"attempts,created_at,started_at,finished_at,exit_code,error"

/* Makes each list a cell and removes the nested object, for formats of rows. */
static int flatten(cJSON *doc, struct sdp_err *err)
{
	static const char *const lists[] = {"tasks", "worker_counts"};
	cJSON_DeleteItemFromObjectCaseSensitive(doc, "parameters");
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct sdp_buf text = {0};
		const cJSON *item;
		int rc = sdp_buf_add_text(&text, "", err);
		cJSON_ArrayForEach(item, sdp_doc_member(doc, lists[i]))
		{
			const char *space = text.length ? " " : "";
			if (rc == 0)
				rc = cJSON_IsString(item)
					     ? sdp_buf_format(&text, err, "%s%s", space,
							      item->valuestring)
					     : sdp_buf_format(&text, err, "%s%.0f", space,
							      item->valuedouble);
		}
		cJSON *cell = rc == 0 ? cJSON_CreateString(text.data) : NULL;
		sdp_buf_release(&text);
		if (!cell || !cJSON_ReplaceItemInObjectCaseSensitive(doc, lists[i], cell))
			return rc == 0 ? sdp_fail_memory(err) : -1;
	}
	return 0;
}

int job_print_list(const struct job_call *call, cJSON *docs, struct sdp_err *err)
{
	cJSON *doc;
	if (!docs->child && sdp_doc_columns(docs, JOB_LIST_COLUMNS, err) < 0)
		return -1;
	if (!job_json_wanted(&call->params->common))
		cJSON_ArrayForEach(doc, docs) if (flatten(doc, err) < 0) return -1;
	return sdp_output_documents(&call->params->common, docs, err);
}
