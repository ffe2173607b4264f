/*
 * Files in DBFS (dbfs:/…, sent in blocks of base64), in Volumes (/Volumes/…, sent as bytes) and in
 * the workspace (/…).
 */
#include "base/address.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/file_change.h"
#include "base/signals.h"
#include "databricks.h"
#include "net/percent.h"
#include "process/fetch.h"
#include "sdp/mem.h"
#include "sdp/output.h"
#include "table/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 768 << 10, READ = 1 << 20 }; /* BLOCK: 1 MiB as base64 */

enum kind { DBFS, VOLUME, WORKSPACE };

struct place {
	enum kind kind;
	const char *path; /* in the form that its API expects */
};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool databricks_is_remote(const char *path)
{
	static const char *const schemes[] = {"dbfs:/",     "s3://",   "s3a://",   "s3n://",
					      "abfss://",   "abfs://", "wasbs://", "gs://",
					      "hdfs://",    "adl://",  "file:/",   "/Volumes/",
					      "/Workspace/"};
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (begins(path, schemes[i]))
			return true;
	return false;
}

static int find_place(const char *path, struct place *place, struct sdp_err *err)
{
	bool dbfs = strncasecmp(path, "dbfs:/", 6) == 0;
	if (begins(path + (dbfs ? 5 : 0), "/Volumes/"))
		*place = (struct place){VOLUME, path + (dbfs ? 5 : 0)};
	else if (dbfs)
		*place = (struct place){DBFS, path + 5};
	else if (begins(path, "/dbfs/"))
		*place = (struct place){DBFS, path + 5};
	else if (*path == '/')
		*place = (struct place){WORKSPACE, begins(path, "/Workspace/") ? path + 10 : path};
	else
		return sdp_fail(err, SDP_USAGE,
				"neither dbfs:/…, /Volumes/… nor a path of the workspace: '%.200s'",
				path);
	return 0;
}

/*
 * Returns api, the encoded path and query as one URL path, such as "/api/2.0/fs/files/Volumes/…".
 */
static char *volume_url(const char *api, const char *path, const char *query, struct sdp_err *err)
{
	struct sdp_buf out = {0};
	int rc = sdp_buf_add_text(&out, api, err);
	if (rc == 0)
		rc = sdp_percent_encode(&out, path, strlen(path), "/", err);
	if (rc == 0)
		rc = sdp_buf_add_text(&out, query, err);
	if (rc < 0)
		sdp_buf_release(&out);
	return out.data;
}

static int volume_call(struct databricks *c, const char *method, const char *api, const char *path,
		       struct sdp_err *err)
{
	char *url = volume_url(api, path, "", err);
	int rc = url ? databricks_tell(c, method, url, NULL, err) : -1;
	free(url);
	return rc;
}

/* ---- put ---- */

static int add_block(struct databricks *c, const char *handle, const void *bytes, size_t length,
		     struct sdp_err *err)
{
	struct sdp_buf data = {0};
	cJSON *body = cJSON_CreateObject(), *answer = NULL;
	int rc = body ? sdp_base64_encode(bytes, length, &data, err) : sdp_fail_memory(err);
	if (rc == 0 && (sdp_doc_text(body, "data", data.data, err) < 0 ||
			sdp_doc_number(body, "handle", handle, err) < 0))
		rc = -1;
	if (rc == 0)
		answer = databricks_ask(c, "POST", "/api/2.0/dbfs/add-block", body, true, err);
	else
		cJSON_Delete(body);
	cJSON_Delete(answer);
	sdp_buf_release(&data);
	return answer ? 0 : -1;
}

static int close_handle(struct databricks *c, const char *handle, struct sdp_err *err)
{
	cJSON *body = cJSON_CreateObject();
	if (!body || sdp_doc_number(body, "handle", handle, err) < 0) {
		cJSON_Delete(body);
		return sdp_fail_memory(err);
	}
	return databricks_tell(c, "POST", "/api/2.0/dbfs/close", body, err);
}

static int put_blocks(struct databricks *c, int fd, const char *title, const char *path,
		      struct sdp_err *err)
{
	cJSON *body = cJSON_CreateObject();
	int rc = !body ? sdp_fail_memory(err) : sdp_doc_bool(body, "overwrite", true, err);
	if (rc < 0 || sdp_doc_text(body, "path", path, err) < 0) {
		cJSON_Delete(body);
		return -1;
	}
	cJSON *made = databricks_ask(c, "POST", "/api/2.0/dbfs/create", body, false, err);
	const char *handle = databricks_id(made, "handle");
	char *block = sdp_alloc(BLOCK, 1, err);
	if (made && !handle)
		sdp_fail(err, SDP_SYSTEM, "POST /api/2.0/dbfs/create: the answer has no handle");
	rc = handle && block ? 0 : -1;
	for (uint64_t at = 0; rc == 0;) {
		ssize_t n = sdp_read_at(fd, block, BLOCK, at);
		if (n < 0)
			rc = sdp_fail_errno(err, "%s", title);
		if (n <= 0)
			break;
		rc = add_block(c, handle, block, (size_t)n, err);
		at += (uint64_t)n;
	}
	if (rc == 0)
		rc = close_handle(c, handle, err);
	free(block);
	cJSON_Delete(made);
	return rc;
}

/*
 * A block must not be sent twice. After a broken connection the whole file is therefore sent again.
 */
static int put_dbfs(struct databricks *c, int fd, const char *title, const char *path,
		    struct sdp_err *err)
{
	uint64_t begin = sdp_clock_ms();
	int rc;
	while ((rc = put_blocks(c, fd, title, path, err)) < 0 && c->status == 0 && c->done &&
	       !sdp_interrupted && sdp_clock_ms() - begin < (uint64_t)c->p->retry * 1000)
		sdp_say("%s; starting again", err->text);
	return rc;
}

/* A Volume does not create missing folders by itself. */
static int make_folder(struct databricks *c, const char *path, struct sdp_err *err)
{
	const char *slash = strrchr(path, '/');
	char *folder = sdp_strndup(path, (size_t)(slash - path), err);
	int rc = folder ? volume_call(c, "PUT", "/api/2.0/fs/directories", folder, err) : -1;
	free(folder);
	return rc;
}

static int put_volume(struct databricks *c, int fd, const char *title, const char *path,
		      struct sdp_err *err)
{
	struct stat st;
	char *url = volume_url("/api/2.0/fs/files", path, "?overwrite=true", err);
	int rc = url ? 0 : -1;
	if (rc == 0 && fstat(fd, &st) < 0)
		rc = sdp_fail_errno(err, "%s", title);
	if (rc == 0 && (uint64_t)st.st_size > (uint64_t)5 << 30)
		rc = sdp_fail(err, SDP_DATA, "%.300s: a Volume takes files of up to 5 GiB", title);
	if (rc == 0)
		rc = make_folder(c, path, err);
	if (rc == 0) {
		struct sdp_databricks_call call = {.method = "PUT",
						   .path = url,
						   .raw = true,
						   .fd = fd,
						   .length = (uint64_t)st.st_size};
		rc = sdp_databricks_run(c->api, &call, err);
		databricks_note(c, &call);
		sdp_databricks_call_release(&call);
	}
	free(url);
	return rc;
}

static int put_workspace(struct databricks *c, int fd, const char *title, const char *path,
			 struct sdp_err *err)
{
	struct sdp_buf text = {0};
	struct stat st;
	int rc = fstat(fd, &st) < 0 ? sdp_fail_errno(err, "%s", title) : 0;
	if (rc == 0)
		rc = databricks_read_local(fd, title, st.st_size, &text, err);
	if (rc == 1)
		rc = sdp_fail(
			err, SDP_DATA,
			"%.300s: the workspace takes files of up to 10 MB: put it into a Volume",
			title);
	if (rc == 0)
		rc = databricks_import(c, path, path, text.data, text.length, err);
	sdp_buf_release(&text);
	return rc;
}

int databricks_put_file(struct databricks *c, int fd, const char *title, const char *path,
			struct sdp_err *err)
{
	struct place place;
	struct stat then;
	if (find_place(path, &place, err) < 0)
		return -1;
	if (fstat(fd, &then) < 0)
		return sdp_fail_errno(err, "%s", title);
	int rc = place.kind == DBFS     ? put_dbfs(c, fd, title, place.path, err)
		 : place.kind == VOLUME ? put_volume(c, fd, title, place.path, err)
					: put_workspace(c, fd, title, place.path, err);
	return rc < 0 ? -1 : sdp_file_unchanged(fd, &then, title, err);
}

/* Copies a pipe to a temporary file, because the size must be known before the file is sent. */
static int spool(int in, const char *name, struct sdp_err *err)
{
	char *block = sdp_alloc(READ, 1, err);
	int fd = block ? sdp_spool_new(err) : -1;
	ssize_t n = 0;
	while (fd >= 0 &&
	       ((n = read(in, block, READ)) > 0 || (n < 0 && errno == EINTR && !sdp_interrupted)))
		if (n > 0 && sdp_write_all(fd, block, (size_t)n) < 0)
			break;
	if (fd >= 0 && n != 0) {
		sdp_fail_errno(err, "cannot keep %s", name);
		close(fd);
		fd = -1;
	}
	free(block);
	return fd;
}

int databricks_open(const char *name, struct sdp_err *err)
{
	struct stat st;
	int fd, kept;
	if (strcmp(name, "-") == 0)
		return spool(STDIN_FILENO, "standard input", err);
	if (sdp_address_is(name))
		return sdp_spool_address(name, err);
	fd = sdp_file_open(name, O_RDONLY, 0);
	if (fd < 0 || fstat(fd, &st) < 0)
		return sdp_fail_errno(err, "%s", name);
	if (S_ISREG(st.st_mode))
		return fd;
	kept = S_ISDIR(st.st_mode) ? sdp_fail(err, SDP_USAGE, "%.300s: a directory", name)
				   : spool(fd, name, err);
	close(fd);
	return kept;
}

int databricks_put(struct databricks *c, struct sdp_err *err)
{
	const char *operand = c->operands[0], *to = c->operands[1];
	bool folder = *to && to[strlen(to) - 1] == '/';
	struct sdp_buf path = {0};
	struct stat st = {0};
	if (folder && strcmp(operand, "-") == 0)
		return sdp_fail(err, SDP_USAGE, "standard input needs a name in PATH: '%.200s'",
				to);
	char *from = sdp_address_shown(operand, err);
	int rc = from ? sdp_buf_format(&path, err, "%s%s", to,
				       folder ? sdp_file_last_part(from) : "")
		      : -1;
	int fd = rc == 0 ? databricks_open(operand, err) : -1;
	if (fd < 0 || databricks_put_file(c, fd, from, path.data, err) < 0)
		rc = -1;
	if (rc == 0 && (fstat(fd, &st) < 0 || sdp_doc_text(c->doc, "path", path.data, err) < 0 ||
			sdp_doc_count(c->doc, "size", (uint64_t)st.st_size, err) < 0))
		rc = -1;
	if (fd >= 0)
		close(fd);
	sdp_buf_release(&path);
	free(from);
	return rc;
}

/* ---- get ---- */

typedef int sink(void *context, const void *bytes, size_t length, struct sdp_err *err);

/* Appends the bytes of the base64 in a member of the answer, none if there is no such member. */
static int decode(const cJSON *answer, const char *name, struct sdp_buf *bytes, struct sdp_err *err)
{
	const char *text = databricks_text(answer, name);
	int rc = text ? sdp_base64_decode(text, strlen(text), bytes, err)
		      : sdp_buf_add(bytes, "", 0, err);
	if (rc < 0 && err->code == SDP_DATA)
		sdp_fail(err, SDP_SYSTEM, "an answer is not base64");
	return rc;
}

/*
 * Completes the error of a call for a file: SDP_DATA if the answer was that there is no such file,
 * since its path is at fault then.
 */
static int no_file(const struct databricks *c, const char *scheme, const char *path,
		   struct sdp_err *err)
{
	struct sdp_err why = *err;
	/* These codes are about the API, which this workspace does not have. */
	if (c->status != 404 || !c->code[0] || strcmp(c->code, "ENDPOINT_NOT_FOUND") == 0 ||
	    strcmp(c->code, "FEATURE_DISABLED") == 0)
		return -1;
	return sdp_fail(err, SDP_DATA, "%s%.300s: there is no such file: %s", scheme, path,
			why.text);
}

static int changed(const char *path, struct sdp_err *err)
{
	return sdp_fail(err, SDP_SYSTEM, "dbfs:%.300s changed while it was read", path);
}

/*
 * Reads a block of a file in DBFS, of which left bytes are left, and passes it to take. Returns the
 * number of its bytes, or -1.
 */
static ssize_t read_block(struct databricks *c, const char *path, const char *url, uint64_t left,
			  sink *take, void *context, struct sdp_err *err)
{
	struct sdp_buf bytes = {0};
	cJSON *answer = databricks_ask(c, "GET", url, NULL, false, err);
	int64_t said = databricks_integer(answer, "bytes_read");
	int rc = answer             ? decode(answer, "data", &bytes, err)
		 : c->status == 404 ? changed(path, err)
				    : -1;
	if (rc == 0 && (int64_t)bytes.length != said)
		rc = sdp_fail(err, SDP_SYSTEM, "dbfs:%.300s: %zu bytes instead of %lld", path,
			      bytes.length, (long long)said);
	if (rc == 0 && (bytes.length == 0 || bytes.length > left))
		rc = changed(path, err);
	if (rc == 0)
		rc = take(context, bytes.data, bytes.length, err);
	ssize_t n = rc < 0 ? -1 : (ssize_t)bytes.length;
	sdp_buf_release(&bytes);
	cJSON_Delete(answer);
	return n;
}

/* Reads as many bytes of a file in DBFS as it has according to its status. */
static int read_blocks(struct databricks *c, const char *path, uint64_t size, sink *take,
		       void *context, struct sdp_err *err)
{
	char *plain = databricks_query("/api/2.0/dbfs/read", "path", path, err);
	ssize_t n = plain ? 0 : -1;
	for (uint64_t at = 0; n >= 0 && at < size; at += n < 0 ? 0 : (uint64_t)n) {
		struct sdp_buf url = {0};
		n = sdp_buf_format(&url, err, "%s&offset=%llu&length=%d", plain,
				   (unsigned long long)at, READ);
		if (n == 0)
			n = read_block(c, path, url.data, size - at, take, context, err);
		sdp_buf_release(&url);
	}
	free(plain);
	return n < 0 ? -1 : 0;
}

static bool is_same(const cJSON *a, const cJSON *b, const char *name)
{
	const char *x = databricks_text(a, name), *y = databricks_text(b, name);
	return x && y ? strcmp(x, y) == 0 : x == y;
}

/* A file in DBFS is read in blocks, so its status is compared before and after them. */
static int get_dbfs(struct databricks *c, const char *path, sink *take, void *context,
		    struct sdp_err *err)
{
	static const char api[] = "/api/2.0/dbfs/get-status";
	cJSON *before = databricks_find(c, api, "path", path, err), *after = NULL;
	if (!before)
		return no_file(c, "dbfs:", path, err);
	const char *size = databricks_id(before, "file_size");
	int rc = 0;
	if (cJSON_IsTrue(sdp_doc_member(before, "is_dir")))
		rc = sdp_fail(err, SDP_DATA, "dbfs:%.300s: a folder", path);
	else if (!size)
		rc = sdp_fail(err, SDP_SYSTEM, "GET %s: the answer has no file_size", api);
	if (rc == 0)
		rc = read_blocks(c, path, strtoull(size, NULL, 10), take, context, err);
	if (rc == 0 && !(after = databricks_find(c, api, "path", path, err)))
		rc = c->status == 404 ? changed(path, err) : -1;
	if (rc == 0 &&
	    (!is_same(before, after, "file_size") || !is_same(before, after, "modification_time")))
		rc = changed(path, err);
	cJSON_Delete(before);
	cJSON_Delete(after);
	return rc;
}

static int get_volume(struct databricks *c, const char *path, sink *take, void *context,
		      struct sdp_err *err)
{
	struct sdp_http_body file = {.name = path, .sink = take, .context = context};
	char *url = volume_url("/api/2.0/fs/files", path, "", err);
	struct sdp_databricks_call call = {.method = "GET",
					   .path = url,
					   .raw = true,
					   .into = &file};
	int rc = url ? sdp_databricks_run(c->api, &call, err) : -1;
	databricks_note(c, &call);
	if (rc < 0 && !file.delivered)
		no_file(c, "", path, err);
	sdp_databricks_call_release(&call);
	sdp_http_body_release(&file);
	free(url);
	return rc;
}

static int get_workspace(struct databricks *c, const char *path, sink *take, void *context,
			 struct sdp_err *err)
{
	struct sdp_buf bytes = {0};
	cJSON *answer =
		databricks_find(c, "/api/2.0/workspace/export?format=SOURCE", "path", path, err);
	int rc = answer ? decode(answer, "content", &bytes, err) : no_file(c, "", path, err);
	if (rc == 0 && !databricks_text(answer, "content"))
		rc = sdp_fail(err, SDP_SYSTEM, "%.300s: the answer has no content", path);
	if (rc == 0)
		rc = take(context, bytes.data, bytes.length, err);
	sdp_buf_release(&bytes);
	cJSON_Delete(answer);
	return rc;
}

static int get_file(struct databricks *c, const char *path, sink *take, void *context,
		    struct sdp_err *err)
{
	struct place place;
	if (find_place(path, &place, err) < 0)
		return -1;
	return (place.kind == DBFS     ? get_dbfs
		: place.kind == VOLUME ? get_volume
				       : get_workspace)(c, place.path, take, context, err);
}

static int to_output(void *context, const void *bytes, size_t length, struct sdp_err *err)
{
	return sdp_output_write(context, bytes, length, err);
}

static int get_to_output(struct databricks *c, const char *path, struct sdp_err *err)
{
	struct sdp_output out;
	if (sdp_output_open(&out, c->p->common.output, err) < 0)
		return -1;
	if (get_file(c, path, to_output, &out, err) < 0) {
		sdp_output_abandon(&out);
		return -1;
	}
	c->quiet_output = true;
	return sdp_output_close(&out, err);
}

/* "-" is the line on standard input, as other programs of sdp ask for it. */
int databricks_get(struct databricks *c, struct sdp_err *err)
{
	const char *path = c->operands[0];
	struct sdp_buf asked = {0};
	int rc = strcmp(path, "-") == 0 ? sdp_fetch_asked(&asked, err) : 0;
	if (rc == 0)
		rc = get_to_output(c, asked.data ? asked.data : path, err);
	sdp_buf_release(&asked);
	return rc;
}

static int to_buffer(void *context, const void *bytes, size_t length, struct sdp_err *err)
{
	return sdp_buf_add(context, bytes, length, err);
}

int databricks_read_file(struct databricks *c, const char *path, struct sdp_buf *out,
			 struct sdp_err *err)
{
	return get_file(c, path, to_buffer, out, err);
}

/* ---- ls, rm ---- */

struct listing {
	cJSON *files;
	const char *prefix; /* put before paths, so that other commands accept them */
};

static int put_path(cJSON *row, const char *prefix, const cJSON *item, struct sdp_err *err)
{
	const char *path = databricks_text(item, "path");
	struct sdp_buf whole = {0};
	if (!path)
		return sdp_doc_null(row, "path", err);
	int rc = sdp_buf_format(&whole, err, "%s%s", prefix, path);
	if (rc == 0)
		rc = sdp_doc_text(row, "path", whole.data, err);
	sdp_buf_release(&whole);
	return rc;
}

static int take_file(void *context, const cJSON *item, struct sdp_err *err)
{
	const struct listing *l = context;
	cJSON *row = sdp_doc_row(l->files, err);
	const char *type = databricks_text(item, "object_type");
	const char *size = sdp_doc_member(item, "file_size") ? "file_size" : "size";
	const char *changed =
		sdp_doc_member(item, "last_modified") ? "last_modified" : "modification_time";
	bool folder = cJSON_IsTrue(sdp_doc_member(item, "is_dir")) ||
		      cJSON_IsTrue(sdp_doc_member(item, "is_directory")) ||
		      (type && strcmp(type, "DIRECTORY") == 0);
	if (!row || put_path(row, l->prefix, item, err) < 0 ||
	    sdp_doc_text(row, "type",
			 folder                                  ? "directory"
			 : type && strcmp(type, "NOTEBOOK") == 0 ? "notebook"
								 : "file",
			 err) < 0)
		return -1;
	if (folder ? sdp_doc_null(row, "size", err) < 0
		   : databricks_copy(row, "size", item, size, err) < 0)
		return -1;
	return databricks_copy_time(row, "modified_at", item,
				    sdp_doc_member(item, changed) ? changed : "modified_at", err);
}

static int list(struct databricks *c, const struct place *place,
		int (*take)(void *context, const cJSON *item, struct sdp_err *err), void *context,
		struct sdp_err *err)
{
	static const char *const apis[] = {"/api/2.0/dbfs/list", "", "/api/2.0/workspace/list"};
	static const char *const members[] = {"files", "contents", "objects"};
	char *url = place->kind == VOLUME
			    ? volume_url("/api/2.0/fs/directories", place->path, "", err)
			    : databricks_query(apis[place->kind], "path", place->path, err);
	int rc = url ? databricks_pages(c, url, members[place->kind], take, context, err) : -1;
	free(url);
	return rc;
}

int databricks_ls(struct databricks *c, struct sdp_err *err)
{
	struct place place;
	struct listing l = {find_place(c->operands[0], &place, err) == 0
				    ? sdp_doc_array(c->doc, "files", err)
				    : NULL,
			    ""};
	if (!l.files)
		return -1;
	l.prefix = place.kind == DBFS ? "dbfs:" : "";
	return list(c, &place, take_file, &l, err);
}

static int delete_path(struct databricks *c, const char *api, const char *path, bool recursive,
		       struct sdp_err *err)
{
	cJSON *body = cJSON_CreateObject();
	if (!body || sdp_doc_text(body, "path", path, err) < 0 ||
	    sdp_doc_bool(body, "recursive", recursive, err) < 0) {
		cJSON_Delete(body);
		return sdp_fail_memory(err);
	}
	return databricks_tell(c, "POST", api, body, err);
}

/* Removes what is in a folder first, because a Volume removes only empty folders. */
static int remove_item(void *context, const cJSON *item, struct sdp_err *err)
{
	const char *path = databricks_text(item, "path");
	bool folder = cJSON_IsTrue(sdp_doc_member(item, "is_directory"));
	struct place place = {VOLUME, path};
	struct databricks *c = context;
	if (!path)
		return 0;
	if (folder && list(c, &place, remove_item, c, err) < 0)
		return -1;
	return volume_call(c, "DELETE", folder ? "/api/2.0/fs/directories" : "/api/2.0/fs/files",
			   path, err);
}

int databricks_remove(struct databricks *c, const char *path, bool recursive, struct sdp_err *err)
{
	struct place place;
	if (find_place(path, &place, err) < 0)
		return -1;
	if (strspn(place.path, "/") == strlen(place.path))
		return sdp_fail(err, SDP_USAGE, "it is the root, which cannot be removed: '%.40s'",
				path);
	if (place.kind != VOLUME)
		return delete_path(c,
				   place.kind == DBFS ? "/api/2.0/dbfs/delete"
						      : "/api/2.0/workspace/delete",
				   place.path, recursive, err);
	if (!recursive)
		return volume_call(c, "DELETE", "/api/2.0/fs/files", place.path, err);
	if (list(c, &place, remove_item, c, err) < 0)
		return -1;
	return volume_call(c, "DELETE", "/api/2.0/fs/directories", place.path, err);
}

int databricks_rm(struct databricks *c, struct sdp_err *err)
{
	if (databricks_remove(c, c->operands[0], c->p->recursive, err) < 0)
		return -1;
	return sdp_doc_text(c->doc, "removed", c->operands[0], err);
}
