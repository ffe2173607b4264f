/*
 * The input of a job. It is offered to the tasks as input/NAME in the folder of the job, where NAME
 * is what the user calls the file, so that messages and reports show this name:
 *
 *	a path                       is read where it is, and no such file is made
 *	a file of the local store    a link to its contents
 *	another file, an address     a copy, which sdp-upload or sdp-databricks fetches
 */
#include "base/address.h"
#include "base/file.h"
#include "base/json_tree.h"
#include "job.h"
#include "net/percent.h"
#include "process/fetch.h"
#include "process/listen.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void job_log_line(void *context, const char *line, size_t length)
{
	const struct job_log *log = context;
	sdp_job_log(log->store, log->id, line, length);
}

bool job_is_address(const char *what)
{
	return sdp_address_form(what) != SDP_ADDRESS_STORED && sdp_address_is(what);
}

static int run_upload(struct sdp_listener *child, char *const *words, struct sdp_err *err)
{
	int rc = sdp_listen(child, "sdp-upload", words, err);
	if (rc <= 0)
		return rc;
	const char *why = sdp_listener_reason(child, "sdp-upload");
	return sdp_fail(err, rc <= SDP_SYSTEM ? (enum sdp_code)rc : SDP_SYSTEM, "%s",
			*why ? why : "sdp-upload failed");
}

/* Returns the record of a stored file, or NULL. */
static cJSON *look_up(const struct sdp_folder *store, const char *id, const char *file_id,
		      struct sdp_err *err)
{
	char *words[] = {"sdp-upload", "--stat", "--format=json", "--", (char *)file_id, NULL};
	struct sdp_buf text = {0};
	struct job_log log = {store, id};
	struct sdp_listener child = {store ? job_log_line : NULL, &log, &text, {{0}}};
	int rc = run_upload(&child, words, err);
	cJSON *doc =
		rc == 0 ? sdp_json_tree_parse(text.data ? text.data : "", text.length, NULL, err)
			: NULL;
	sdp_buf_release(&text);
	if (rc == 0 && (doc || err->code == SDP_DATA) && !sdp_doc_get_text(doc, "uri")) {
		sdp_fail(err, SDP_SYSTEM, "sdp-upload --stat: no document with a uri");
		cJSON_Delete(doc);
		return NULL;
	}
	return doc;
}

/* Names the file as its path or address ends. */
static int name_by_path(cJSON *request, const char *path, struct sdp_err *err)
{
	char *shown = sdp_address_shown(path, err);
	const char *name = shown ? sdp_file_last_part(shown) : "";
	int rc = shown ? sdp_doc_text(request, "name", *name ? name : shown, err) : -1;
	free(shown);
	return rc;
}

int job_input_name(cJSON *request, struct sdp_err *err)
{
	const char *file_id = sdp_doc_get_text(request, "file_id"),
		   *path = sdp_doc_get_text(request, "path");
	if (!file_id || job_is_address(file_id))
		return name_by_path(request, file_id ? file_id : path, err);
	cJSON *record = look_up(NULL, NULL, file_id, err);
	int rc = record ? sdp_doc_text(request, "name", sdp_doc_get_text(record, "name"), err) : -1;
	const char *id = sdp_doc_get_text(record, "file_id");
	if (rc == 0 && id && strcmp(id, file_id) != 0) {
		cJSON *whole = cJSON_CreateString(id);
		if (!whole || !cJSON_ReplaceItemInObjectCaseSensitive(request, "file_id", whole))
			rc = sdp_fail_memory(err);
	}
	cJSON_Delete(record);
	return rc;
}

/* ---- the file in the folder of the job ---- */

/*
 * Returns the name of a stored file, or the end of an address, as a path below a folder.  Other
 * than such a path, it is "input".
 */
static const char *usable_name(const char *name)
{
	enum { LONGEST = 255 };
	name = name ? name : "";
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += part > name;
		size_t n = strcspn(part, "/");
		if (n == 0 || n > LONGEST || (n <= 2 && strspn(part, ".") >= n))
			return "input";
	}
	return strlen(name) < 2048 ? name : "input";
}

/* Copies what is at an address to the new file path. */
static int copy(const char *address, const char *path, struct sdp_err *err)
{
	int fd = sdp_file_open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return sdp_fail_errno(err, "cannot write to %s", path);
	int rc = sdp_fetch_copy(address, fd, path, err);
	close(fd);
	return rc;
}

static int fetch(const struct sdp_folder *store, const char *id, const char *what, char *path,
		 struct sdp_err *err)
{
	if (job_is_address(what))
		return copy(what, path, err);
	struct job_log log = {store, id};
	struct sdp_listener child = {.line = job_log_line, .context = &log};
	char *words[] = {"sdp-upload", "--get", "--output", path, "--", (char *)what, NULL};
	return run_upload(&child, words, err);
}

/* Makes the link or the copy at path. place gets the path of what is read. */
static int offer(const struct sdp_folder *store, const char *id, const char *what, const char *uri,
		 char *path, struct sdp_buf *place, struct sdp_err *err)
{
	if (!uri || strncmp(uri, "file://", 7) != 0)
		return fetch(store, id, what, path, err) < 0 ? -1
							     : sdp_buf_add_text(place, path, err);
	if (sdp_percent_decode(place, uri + 7, strlen(uri + 7), err) < 0)
		return -1;
	return symlink(place->data, path) < 0 ? sdp_fail_errno(err, "cannot write %s", path) : 0;
}

/* Makes the folder of the input, and those of its name. */
static int make_folder(struct sdp_folder *store, const char *path, struct sdp_err *err)
{
	const char *below = path + strlen(store->path) + 1;
	char *folder = sdp_strndup(below, (size_t)(strrchr(below, '/') - below), err);
	int rc = folder ? sdp_folder_make(store, folder, err) : -1;
	free(folder);
	return rc;
}

int job_input(struct sdp_folder *store, const struct sdp_job *job, struct sdp_buf *word,
	      struct sdp_buf *place, struct sdp_err *err)
{
	const char *file_id = sdp_doc_get_text(job->request, "file_id"),
		   *given = sdp_doc_get_text(job->request, "path"),
		   *what = file_id ? file_id : given;
	if (!what)
		return sdp_fail(err, SDP_DATA, "the request names no file");
	if (!file_id && !job_is_address(given))
		return sdp_buf_add_text(word, given, err) < 0 ? -1
							      : sdp_buf_add_text(place, given, err);
	cJSON *record = job_is_address(what) ? NULL : look_up(store, job->id, what, err);
	if (!record && !job_is_address(what))
		return -1;
	const char *name = usable_name(record ? sdp_doc_get_text(record, "name")
					      : sdp_doc_get_text(job->request, "name"));
	struct sdp_buf path = {0};
	int rc = job_input_drop(store, job->id, err);
	if (rc == 0)
		rc = sdp_buf_format(&path, err, "%s/%s/input/%s", store->path, job->id, name);
	if (rc == 0)
		rc = make_folder(store, path.data, err);
	if (rc == 0)
		rc = offer(store, job->id, what, sdp_doc_get_text(record, "uri"), path.data, place,
			   err);
	/* A lone dash would be standard input. */
	if (rc == 0)
		rc = sdp_buf_format(word, err, "%s%s", strcmp(name, "-") == 0 ? "./" : "", name);
	sdp_buf_release(&path);
	cJSON_Delete(record);
	return rc;
}

int job_input_enter(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	char path[SDP_JOB_PATH],
		*whole = sdp_folder_path(store, sdp_job_file(path, id, "input"), err);
	int rc = whole ? chdir(whole) : -1;
	if (whole && rc < 0)
		sdp_fail_errno(err, "cannot enter %s", whole);
	free(whole);
	return rc;
}

int job_input_drop(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	char path[SDP_JOB_PATH];
	return sdp_folder_remove(store, sdp_job_file(path, id, "input"), err);
}
