/*
 * Makes the request of "submit --tasks LIST [OPTION]… FILE": the object that would say the same as
 * JSON, so that both are checked and stored alike (request.c).
 */
#include "cli/tasks.h"
#include "job.h"
#include "sdp/doc.h"
#include "sdp/num.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int put_counts(const char *list, cJSON *body, struct sdp_err *err)
{
	long counts[SDP_BENCH_COUNTS];
	size_t count;
	cJSON *all = sdp_doc_array(body, "worker_counts", err);
	int rc = all ? sdp_bench_counts(list, counts, &count, err) : -1;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = sdp_doc_integer(all, NULL, counts[i], err);
	return rc;
}

/* Adds the parameters of a task that were given. */
static int put_parameters(int task, const struct sdp_bench_choice *choice, cJSON *all,
			  struct sdp_err *err)
{
	cJSON *own = NULL;
	for (int k = 0; sdp_bench_tasks[task].parameters[k]; k++) {
		if (!choice->values[k])
			continue;
		if (!own && !(own = sdp_doc_object(all, sdp_bench_tasks[task].name, err)))
			return -1;
		if (sdp_doc_text(own, sdp_bench_tasks[task].parameters[k], choice->values[k], err) <
		    0)
			return -1;
	}
	return 0;
}

static int put_tasks(const struct job_params *params, cJSON *body, struct sdp_err *err)
{
	struct sdp_bench_choice choices[SDP_BENCH_TASKS] = {{0}};
	bool every = strcmp(params->tasks, "all") == 0;
	cJSON *tasks = sdp_doc_array(body, "tasks", err), *all = NULL;
	int rc = tasks ? sdp_bench_choose(params->tasks, choices, err) : -1;
	if (rc == 0 && every)
		rc = sdp_doc_text(tasks, NULL, "all", err);
	for (size_t i = 0; rc == 0 && i < params->parameters.count; i++)
		rc = sdp_bench_parameter(params->parameters.items[i], choices, err);
	if (rc == 0 && !(all = sdp_doc_object(body, "params", err)))
		rc = -1;
	for (int i = 0; rc == 0 && i < SDP_BENCH_TASKS; i++) {
		if (choices[i].wanted && !every)
			rc = sdp_doc_text(tasks, NULL, sdp_bench_tasks[i].name, err);
		if (rc == 0)
			rc = put_parameters(i, &choices[i], all, err);
	}
	sdp_bench_choices_release(choices);
	return rc;
}

/*
 * A FILE is a path or, if there is no such file here, what sdp-upload has stored. What has the form
 * of an id is an id.
 */
static int put_file(const char *file, cJSON *body, struct sdp_err *err)
{
	struct stat st;
	bool none = stat(file, &st) < 0 && (errno == ENOENT || errno == ENAMETOOLONG);
	bool stored = sdp_uuid_valid(file) ||
		      (strncmp(file, "s3://", 5) != 0 && none && !strchr(file, '/'));
	return sdp_doc_text(body, stored ? "file_id" : "path", file, err);
}

static int fill(const struct job_params *params, const char *file, cJSON *body, struct sdp_err *err)
{
	int64_t table = sdp_common_pdf_table(&params->common);
	if (put_file(file, body, err) < 0 || put_tasks(params, body, err) < 0 ||
	    put_counts(params->counts, body, err) < 0 ||
	    sdp_doc_integer(body, "runs", params->runs, err) < 0 ||
	    sdp_doc_integer(body, "warmup", params->warmup, err) < 0 ||
	    sdp_doc_integer(body, "seed", params->common.seed, err) < 0)
		return -1;
	return table > 0 ? sdp_doc_integer(body, "pdf_table", table, err) : 0;
}

cJSON *job_request_given(const struct job_params *params, const char *file, struct sdp_err *err)
{
	if (!file || strcmp(file, "-") == 0) {
		sdp_fail(err, SDP_USAGE,
			 "submit --tasks: which FILE? A job reads it later, so standard input has "
			 "to be stored by sdp-upload");
		return NULL;
	}
	if (!*file) {
		sdp_fail(err, SDP_USAGE, "submit --tasks: the name of the FILE is empty");
		return NULL;
	}
	cJSON *body = cJSON_CreateObject();
	if (!body)
		sdp_fail_memory(err);
	else if (fill(params, file, body, err) == 0)
		return body;
	cJSON_Delete(body);
	return NULL;
}
