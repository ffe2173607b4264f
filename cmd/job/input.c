/*
 * Finds the input of a job: a path, a file of the local store, which is read in place, or a file
 * that must be fetched.
 */
#include "job.h"
#include "net/percent.h"
#include "sdp/doc.h"

#include <string.h>

static const char *asked(const struct job *job, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(job->request, name));
}

static int run_upload(struct job_child *child, char *const *words, struct sdp_err *err)
{
	int rc = job_child_run(child, "sdp-upload", words, err);
	if (rc > 0)
		return sdp_fail(err, rc <= SDP_SYSTEM ? (enum sdp_code)rc : SDP_SYSTEM, "%s",
				*child->last[0] ? child->last[0] : "sdp-upload failed");
	return rc;
}

/*
 * Sets path to the file's path if it is in the local store (file:///…). Otherwise path stays empty.
 */
static int look_up(const struct job_store *store, const char *id, const char *file_id,
		   struct sdp_buf *path, struct sdp_err *err)
{
	char *words[] = {"sdp-upload", "--stat", "--format=json", (char *)file_id, NULL};
	struct sdp_buf text = {0};
	struct job_child child = {.store = store, .id = id, .out = &text};
	int rc = run_upload(&child, words, err);
	cJSON *doc =
		rc == 0 ? cJSON_ParseWithLength(text.data ? text.data : "", text.length) : NULL;
	const char *uri = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(doc, "uri"));
	if (rc == 0 && !uri)
		rc = sdp_fail(err, SDP_SYSTEM, "sdp-upload --stat: no document with a uri");
	if (rc == 0 && strncmp(uri, "file://", 7) == 0)
		rc = sdp_percent_decode(path, uri + 7, strlen(uri + 7), err);
	cJSON_Delete(doc);
	sdp_buf_release(&text);
	return rc;
}

static int fetch(const struct job_store *store, const char *id, const char *what,
		 struct sdp_buf *path, struct sdp_err *err)
{
	struct job_child child = {.store = store, .id = id};
	if (sdp_buf_format(path, err, "%s/%s/input", store->root, id) < 0)
		return -1;
	char *words[] = {"sdp-upload", "--get", "--output", path->data, "--", (char *)what, NULL};
	return run_upload(&child, words, err);
}

int job_input(const struct job_store *store, const struct job *job, struct sdp_buf *path,
	      struct sdp_err *err)
{
	const char *file_id = asked(job, "file_id"), *given = asked(job, "path"),
		   *what = file_id ? file_id : given;
	if (!what)
		return sdp_fail(err, SDP_DATA, "the request names no file");
	if (strncmp(what, "s3://", 5) == 0)
		return fetch(store, job->id, what, path, err);
	if (given)
		return sdp_buf_add_text(path, given, err);
	if (look_up(store, job->id, file_id, path, err) < 0)
		return -1;
	return path->length ? 0 : fetch(store, job->id, file_id, path, err);
}
