/* Stores files, and sends pending files to S3. */
#include "base/address.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "cli/progress.h"
#include "net/percent.h"
#include "sdp/mem.h"
#include "sdp/output.h"
#include "sdp/run.h"
#include "table/source.h"
#include "upload.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MOST = 900 };

/*
 * Returns the name of an operand (NULL: standard input), as a new string: that of a stored file, or
 * the last part of a path or an address, in which %XX are characters if it is an URL.
 */
static char *usual_name(const struct upload_params *params, struct sdp_upload_settings *settings,
			const char *operand, struct sdp_err *err)
{
	if (!operand || strcmp(operand, "-") == 0)
		return sdp_strndup("stdin", 5, err);
	if (sdp_address_is(operand) && sdp_address_form(operand) == SDP_ADDRESS_STORED)
		return upload_stored_name(params, settings, operand, err);
	char *shown = sdp_address_shown(operand, err);
	const char *last = shown ? sdp_file_last_part(shown) : NULL;
	struct sdp_buf name = {0};
	bool url = sdp_address_is(operand) && sdp_address_form(operand) == SDP_ADDRESS_WEB;
	int rc = last ? sdp_buf_add_text(&name, url ? "" : last, err) : -1;
	if (rc == 0 && url)
		rc = sdp_percent_decode(&name, last, strlen(last), err);
	if (rc < 0)
		sdp_buf_release(&name);
	free(shown);
	return name.data;
}

/* Checks a name, which becomes the end of a key: no part of it may be empty, "." or "..". */
static int check_name(const char *name, struct sdp_err *err)
{
	char quoted[64];
	size_t length = strlen(name);
	const char *why = NULL;
	sdp_quote(quoted, sizeof quoted, name, length);
	if (sdp_utf8_valid(name, length) < length)
		why = "is not valid UTF-8";
	else if (length > NAME_MOST)
		why = "is longer than 900 bytes";
	else if (!sdp_utf8_all_shown(name, length))
		why = "holds a control character";
	for (const char *part = name; !why && part;
	     part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL) {
		size_t n = strcspn(part, "/");
		if (n == 0 || (n <= 2 && strspn(part, ".") >= n))
			why = "has an empty part, . or ..";
	}
	return why ? sdp_fail(err, SDP_USAGE, "the name %s %s; give another by --name", quoted, why)
		   : 0;
}

/* Detects the type of a file, checks its contents and fills the record. */
static int examine(const struct upload_params *params, const struct sdp_upload_file *file,
		   struct sdp_upload_record *record, struct sdp_err *err)
{
	record->counts = (struct sdp_upload_counts){-1, -1, -1};
	record->size = file->size;
	memcpy(record->sha256, file->sha256, sizeof record->sha256);
	int rc = sdp_upload_sniff(file, record->name, params->input_format, &record->kind, err);
	if (rc < 0 && params->no_validate && err->code == SDP_DATA) {
		record->kind.type = params->input_format
					    ? (enum sdp_upload_type)(params->input_format - 1)
					    : SDP_UPLOAD_OTHER;
		rc = 0;
	}
	if (rc == 0 && !params->no_validate)
		rc = upload_check(file, &record->kind, &params->common, &record->counts, err);
	sdp_timestamp_now(record->uploaded_at);
	return rc;
}

/* ---- in the local store ---- */

/* Copies the bytes of a file that was read before into the store. They must not have changed. */
static int copy_again(struct sdp_upload_file *file, struct sdp_upload_temp *temp,
		      struct sdp_err *err)
{
	struct sdp_upload_file again = {.title = file->title, .in = file->fd, .regular = true};
	if (fstat(again.in, &again.stat) < 0)
		return sdp_fail_errno(err, "%s", file->title);
	if (sdp_upload_file_take(&again, temp->fd, UINT64_MAX, err) < 0)
		return -1;
	if (file->sha256[0] && strcmp(again.sha256, file->sha256) != 0)
		return sdp_fail_at(err, (struct sdp_place){.file = file->title},
				   "the file changed while it was read");
	memcpy(file->sha256, again.sha256, sizeof file->sha256);
	return sdp_upload_file_unchanged(file, err);
}

/* Keeps a file in the local store because S3 could not be reached. */
static int keep_pending(struct sdp_upload_settings *settings, struct sdp_upload_file *file,
			struct sdp_upload_record *record, struct sdp_err *err)
{
	struct sdp_folder local = {.fd = -1};
	struct sdp_upload_temp temp = {.fd = -1, .slot = -1};
	char why[sizeof err->text];
	memcpy(why, err->text, sizeof why);
	record->pending = true;
	int rc = sdp_upload_local_open(&local, settings, err);
	if (rc == 0)
		rc = sdp_upload_local_begin(&local, &temp, err);
	if (rc == 0)
		rc = copy_again(file, &temp, err);
	memcpy(record->sha256, file->sha256, sizeof record->sha256);
	if (rc == 0)
		rc = sdp_upload_local_commit(&local, &temp, record, err);
	if (rc == 0)
		sdp_warn("%.700s; %s is kept here as %s until sdp-upload --sync sends it", why,
			 file->title, record->id);
	sdp_upload_local_abandon(&temp);
	sdp_folder_close(&local);
	return rc;
}

static int store_local(const struct upload_params *params, struct sdp_upload_settings *settings,
		       struct sdp_upload_file *file, struct sdp_upload_record *record,
		       struct sdp_err *err)
{
	struct sdp_folder local = {.fd = -1};
	struct sdp_upload_temp temp = {.fd = -1, .slot = -1};
	int rc = sdp_upload_local_open(&local, settings, err);
	if (rc == 0)
		rc = sdp_upload_local_begin(&local, &temp, err);
	if (rc == 0)
		rc = sdp_upload_file_take(file, temp.fd, settings->max_size, err);
	if (rc == 0)
		rc = examine(params, file, record, err);
	if (rc == 0)
		rc = sdp_upload_local_commit(&local, &temp, record, err);
	sdp_upload_local_abandon(&temp);
	sdp_folder_close(&local);
	return rc;
}

/* ---- to S3 ---- */

static void show(void *context, uint64_t done, uint64_t total)
{
	struct sdp_progress_line *line = context;
	struct sdp_progress p = {.phase = "sending", .done = done, .total = total};
	if (line->how != SDP_PROGRESS_NONE)
		sdp_progress_line_show(line, &p);
}

/* Sends a file, and shows how much of it is sent. */
static int send_file(const struct upload_params *params, struct sdp_upload_remote *remote,
		     struct sdp_upload_file *file, struct sdp_upload_record *record,
		     struct sdp_err *err)
{
	struct sdp_progress_line line;
	sdp_progress_line_init(&line, "sdp-upload", &params->common);
	line.eta = true;
	remote->progress = show;
	remote->context = &line;
	int rc = sdp_upload_remote_put(remote, file, record, err);
	sdp_progress_line_end(&line);
	return rc;
}

static int store_remote(const struct upload_params *params, struct sdp_upload_settings *settings,
			struct sdp_upload_remote *remote, struct sdp_upload_file *file,
			struct sdp_upload_record *record, struct sdp_err *err)
{
	int spool = file->regular ? -1 : sdp_spool_new(err);
	if (!file->regular && spool < 0)
		return -1;
	/*
	 * A file that is sent in parts is hashed while it is sent, in parallel with the transfer.
	 */
	bool late = file->regular && file->stat.st_size > SDP_S3_SINGLE;
	int rc = late ? sdp_upload_file_measure(file, settings->max_size, err)
		      : sdp_upload_file_take(file, spool, settings->max_size, err);
	if (rc == 0)
		rc = examine(params, file, record, err);
	if (rc == 0) {
		rc = send_file(params, remote, file, record, err);
		if (rc < 0 && settings->fallback && remote->s3->fault == SDP_S3_UNREACHABLE)
			rc = keep_pending(settings, file, record, err);
	}
	sdp_file_close(spool);
	return rc;
}

static int add_document(cJSON *out, const struct sdp_upload_record *record, struct sdp_err *err)
{
	cJSON *doc = sdp_upload_record_document(record, err);
	if (!doc)
		return -1;
	cJSON_AddItemToArray(out, doc);
	return 0;
}

/* Removes a file that was stored just now, and which no document names. */
static void take_back(struct sdp_upload_settings *settings, struct sdp_upload_remote *remote,
		      const struct sdp_upload_record *record)
{
	struct sdp_folder local;
	struct sdp_err why;
	sdp_signals_block();
	if (record->s3)
		sdp_upload_remote_finishing(remote);
	int rc = record->s3 ? sdp_upload_remote_remove(remote, record, &why)
			    : sdp_upload_local_open(&local, settings, &why);
	if (!record->s3 && rc == 0)
		rc = sdp_upload_local_remove(&local, record, &why);
	if (!record->s3)
		sdp_folder_close(&local);
	if (rc < 0)
		sdp_warn("%.200s (%s) is not removed: %.600s", record->name, record->id, why.text);
}

/* Stores an operand, or without one (NULL) standard input, which must not be empty. */
static int store_one(const struct upload_params *params, struct sdp_upload_settings *settings,
		     struct sdp_upload_remote *remote, const char *operand, cJSON *out,
		     struct sdp_err *err)
{
	const char *name = params->name;
	struct sdp_upload_record record = {
		.name = name ? sdp_strndup(name, strlen(name), err)
			     : usual_name(params, settings, operand, err)};
	struct sdp_upload_file file = {.in = -1};
	int rc = record.name ? check_name(record.name, err) : -1;
	if (rc == 0)
		rc = sdp_upload_file_open(&file, operand, err);
	if (rc == 0)
		rc = settings->s3 ? store_remote(params, settings, remote, &file, &record, err)
				  : store_local(params, settings, &file, &record, err);
	if (rc == 0 && (rc = add_document(out, &record, err)) < 0)
		take_back(settings, remote, &record);
	sdp_upload_file_close(&file);
	sdp_upload_record_release(&record);
	return rc;
}

int upload_store(const struct upload_params *params, struct sdp_upload_settings *settings,
		 int count, char **operands, cJSON *out, struct sdp_err *err)
{
	struct sdp_upload_remote remote = {0};
	int rc = 0;
	if (sdp_refuse_typing(count, err) < 0)
		return -1;
	if (params->name && count > 1)
		return sdp_fail(err, SDP_USAGE, "--name is for one FILE only");
	/* No file may be lost, so all are looked at before the first one is stored. */
	if (sdp_output_spares_all(params->common.output, count, operands, err) < 0)
		return -1;
	if (settings->s3)
		rc = upload_connect(&remote, settings, params, err);
	if (rc == 0 && count == 0)
		rc = store_one(params, settings, &remote, NULL, out, err);
	for (int i = 0; rc == 0 && i < count; i++)
		rc = store_one(params, settings, &remote, operands[i], out, err);
	sdp_upload_remote_release(&remote);
	return rc;
}

/* ---- pending files ---- */

/*
 * Returns 1 if the file is in S3 already, because the process that sent it died before it could
 * record that; otherwise 0, or -1.
 */
static int sent_before(struct sdp_upload_remote *remote, const struct sdp_upload_record *record,
		       struct sdp_err *err)
{
	struct sdp_upload_record there = {0};
	int rc = sdp_upload_remote_find(remote, record->id, &there, err);
	if (rc == 1)
		rc = strcmp(there.sha256, record->sha256) == 0;
	sdp_upload_record_release(&there);
	return rc;
}

static int send_one(const struct upload_params *params, struct sdp_upload_remote *remote,
		    struct sdp_folder *local, struct sdp_upload_record *record, cJSON *out,
		    struct sdp_err *err)
{
	struct sdp_upload_file file = {.title = record->name, .in = -1, .fd = -1, .regular = true};
	struct sdp_upload_record here = {.pending = true};
	memcpy(here.id, record->id, sizeof here.id);
	memcpy(here.sha256, record->sha256, sizeof here.sha256);
	int rc = sent_before(remote, record, err);
	bool sent = rc == 1;
	file.in = rc == 0 ? sdp_upload_local_read(local, record, err) : -1;
	if (rc == 0 && (file.in < 0 || fstat(file.in, &file.stat) < 0))
		rc = file.in < 0 ? -1 : sdp_fail_errno(err, "%s", file.title);
	if (rc == 0)
		rc = sdp_upload_file_take(&file, -1, UINT64_MAX, err);
	if (rc == 0 && strcmp(file.sha256, record->sha256) != 0)
		rc = sdp_fail(err, SDP_DATA, "%s (%s): its bytes in the local store are damaged",
			      record->name, record->id);
	if (rc == 0)
		rc = send_file(params, remote, &file, record, err);
	if (rc == 0)
		rc = add_document(out, record, err);
	if (rc == 0 || sent)
		rc = sdp_upload_local_remove(local, &here, err);
	sdp_upload_file_close(&file);
	return rc;
}

int upload_sync(const struct upload_params *params, struct sdp_upload_settings *settings,
		cJSON *out, struct sdp_err *err)
{
	struct sdp_upload_remote remote = {0};
	struct sdp_folder local = {.fd = -1};
	struct sdp_upload_records waiting = {0};
	int rc = upload_connect(&remote, settings, params, err), held = -1;
	if (rc == 0)
		rc = sdp_upload_local_open(&local, settings, err);
	if (rc == 0)
		rc = held = sdp_upload_local_sync_lock(&local, err);
	if (rc >= 0)
		rc = sdp_upload_local_list(&local, true, false, &waiting, err);
	for (size_t i = 0; rc == 0 && i < waiting.count; i++)
		rc = send_one(params, &remote, &local, &waiting.items[i], out, err);
	if (rc == 0)
		rc = sdp_upload_state_sweep(&remote, err);
	if (rc == 0)
		rc = sdp_upload_records_whole(&waiting, err);
	sdp_file_close(held);
	sdp_upload_records_release(&waiting);
	sdp_folder_close(&local);
	sdp_upload_remote_release(&remote);
	return rc;
}
