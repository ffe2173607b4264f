/*
 * Sends a file to S3: first its bytes, then its mark, then its record. If that fails, removes what
 * was sent.
 */
#include "sdp/mem.h"
#include "sdp/messages.h"
#include "storage/remote.h"

#include <stdio.h>
#include <string.h>

enum { PARALLEL = 8, CLEANING_ATTEMPTS = 3 };

int sdp_upload_remote_init(struct sdp_upload_remote *remote, struct sdp_upload_settings *settings,
			   int stall, const char *agent, struct sdp_err *err)
{
	struct sdp_s3_options options = {stall, PARALLEL, agent, NULL, NULL};
	*remote = (struct sdp_upload_remote){.settings = settings};
	if (sdp_folder_open(&remote->uploads, settings->home, "uploads", err) < 0 ||
	    sdp_upload_settings_remote(settings, err) < 0)
		return -1;
	sdp_note("S3: bucket %s, prefix %s, region %s, keys from %s", settings->bucket,
		 settings->prefix, settings->aws.region, settings->aws.source);
	remote->s3 = sdp_s3_new(&settings->aws, settings->bucket, &options, err);
	return remote->s3 ? 0 : -1;
}

void sdp_upload_remote_release(struct sdp_upload_remote *remote)
{
	if (remote->uploads.path)
		sdp_folder_close(&remote->uploads);
	sdp_s3_free(remote->s3);
	*remote = (struct sdp_upload_remote){0};
}

/* ---- sending ---- */

struct sending {
	struct sdp_upload_remote *remote;
	struct sdp_upload_file *file;
	struct sdp_upload_record *record;
	struct sdp_upload_state state;
	struct sdp_upload_keys keys;
	bool touched; /* parts of it may be in S3 */
};

static int begun(void *context, const struct sdp_s3_upload *upload, struct sdp_err *err)
{
	struct sending *s = context;
	snprintf(s->state.upload_id, sizeof s->state.upload_id, "%s", upload->upload_id);
	return sdp_upload_state_save(&s->state, s->remote, s->record, err);
}

static void show(void *context, uint64_t bytes)
{
	struct sending *s = context;
	if (s->remote->progress)
		s->remote->progress(s->remote->context, bytes, s->file->size);
}

/* Sends the bytes. whole collects the digest while they are sent, if it is not known yet. */
static int send_data(struct sending *s, struct sdp_sha256 *whole, struct sdp_err *err)
{
	bool known = s->file->sha256[0];
	struct sdp_sigv4_header headers[] = {{"content-type",
					      sdp_upload_content_type(&s->record->kind)},
					     {"x-amz-meta-file-id", s->record->id},
					     {"x-amz-meta-sha256", s->file->sha256}};
	const struct sdp_upload_file *f = s->file;
	if (f->size <= SDP_S3_SINGLE)
		return sdp_s3_put_file(s->remote->s3, s->keys.data, headers, 3, f->fd, f->title,
				       f->size, err);
	struct sdp_s3_upload upload = {.key = s->keys.data,
				       .headers = headers,
				       .header_count = known ? 3 : 2,
				       .fd = f->fd,
				       .file = f->title,
				       .whole = whole,
				       .size = f->size,
				       .part_size = s->state.part_size,
				       .begun = begun,
				       .progress = show,
				       .context = s};
	snprintf(upload.upload_id, sizeof upload.upload_id, "%s", s->state.upload_id);
	/*
	 * The previous process may have died after it began an upload and before it saved the id.
	 */
	int rc = s->state.resumed && !s->state.upload_id[0]
			 ? sdp_s3_sweep(s->remote->s3, s->keys.data, "", err)
			 : 0;
	if (rc == 0)
		rc = sdp_s3_upload_parts(s->remote->s3, &upload, err);
	if (upload.resumed)
		sdp_note("%s: resumed an upload: %llu bytes were there", f->title,
			 (unsigned long long)upload.resumed);
	return rc;
}

static int set_uri(struct sending *s, struct sdp_err *err)
{
	struct sdp_buf uri = {0};
	if (sdp_buf_format(&uri, err, "s3://%s/%s", s->remote->settings->bucket, s->keys.data) < 0)
		return -1;
	free(s->record->uri);
	s->record->uri = uri.data;
	s->record->s3 = true;
	s->record->pending = false;
	return 0;
}

/*
 * Sends the mark and the record. A signal does not cancel these calls: a store that has begun one
 * could finish it after what was sent has been removed.
 */
static int send_record(struct sending *s, struct sdp_err *err)
{
	struct sdp_sigv4_header type = {"content-type", "application/json"};
	struct sdp_buf text = {0};
	char *mark = sdp_upload_mark_key(s->remote, s->record, err);
	sdp_s3_finishing(s->remote->s3, true);
	int rc = mark ? sdp_s3_put(s->remote->s3, mark, NULL, 0, "", 0, err) : -1;
	free(mark);
	if (rc == 0)
		rc = set_uri(s, err);
	if (rc == 0)
		rc = sdp_upload_record_text(s->record, &text, err);
	if (rc == 0)
		rc = sdp_s3_put(s->remote->s3, s->keys.record, &type, 1, text.data, text.length,
				err);
	sdp_s3_finishing(s->remote->s3, false);
	sdp_buf_release(&text);
	return rc;
}

void sdp_upload_remote_finishing(struct sdp_upload_remote *remote)
{
	int *attempts = &remote->settings->aws.attempts;
	sdp_s3_finishing(remote->s3, true);
	*attempts = *attempts < CLEANING_ATTEMPTS ? *attempts : CLEANING_ATTEMPTS;
}

/* Removes what was sent, after a failure. Returns whether nothing is left. */
static bool clean(struct sending *s)
{
	struct sdp_err ignored;
	enum sdp_s3_fault fault = s->remote->s3->fault;
	sdp_upload_remote_finishing(s->remote);
	bool done = sdp_upload_remote_drop(s->remote, s->record, &s->keys, s->state.upload_id,
					   &ignored) == 0;
	s->remote->s3->fault = fault;
	return done;
}

/* Sends a file, computes its digest meanwhile, and then looks for duplicates. */
static int send_hashing(struct sending *s, struct sdp_err *err)
{
	struct sdp_sha256 *whole = sdp_sha256_new(err);
	int rc = whole ? send_data(s, whole, err) : -1;
	if (rc == 0)
		rc = sdp_sha256_end(whole, s->file->sha256, err);
	sdp_sha256_free(whole);
	if (rc < 0)
		return -1;
	memcpy(s->record->sha256, s->file->sha256, sizeof s->record->sha256);
	if (sdp_upload_state_save(&s->state, s->remote, s->record, err) < 0)
		return -1;
	return sdp_upload_remote_find_duplicates(s->remote, s->record, err);
}

/*
 * Returns 1 if a previous process has completed the upload but died before it could record that;
 * otherwise 0, or -1.
 */
static int done_before(struct sending *s, struct sdp_err *err)
{
	struct sdp_upload_record there = {0};
	int rc = s->state.resumed ? sdp_upload_remote_find(s->remote, s->record->id, &there, err)
				  : 0;
	if (rc == 1 && strcmp(there.sha256, s->file->sha256) == 0) {
		sdp_upload_record_release(s->record);
		*s->record = there;
		return 1;
	}
	sdp_upload_record_release(&there);
	return rc < 0 ? -1 : 0;
}

static int send_all(struct sending *s, struct sdp_err *err)
{
	/*
	 * Parts that are already in S3 are not read again, so the digest must be computed before.
	 */
	if (s->state.resumed && sdp_upload_file_take(s->file, -1, UINT64_MAX, err) < 0)
		return -1;
	int done = done_before(s, err);
	if (done)
		return done < 0 ? -1 : 0;
	bool known = s->file->sha256[0];
	if (known)
		memcpy(s->record->sha256, s->file->sha256, sizeof s->record->sha256);
	if (known && sdp_upload_remote_find_duplicates(s->remote, s->record, err) < 0)
		return -1;
	s->touched = true;
	if ((known ? send_data(s, NULL, err) : send_hashing(s, err)) < 0)
		return -1;
	/*
	 * S3 compares the digests of all parts, so an unchanged file means that exactly the checked
	 * bytes were sent.
	 */
	if (sdp_upload_file_unchanged(s->file, err) < 0) {
		s->remote->s3->fault = SDP_S3_LOCAL;
		return -1;
	}
	return send_record(s, err);
}

int sdp_upload_remote_put(struct sdp_upload_remote *remote, struct sdp_upload_file *file,
			  struct sdp_upload_record *record, struct sdp_err *err)
{
	char key[SDP_SHA256_HEX];
	struct sending s = {.remote = remote, .file = file, .record = record};
	bool new_id = !*record->id;
	remote->s3->fault = SDP_S3_LOCAL;
	if (sdp_upload_file_key(file, key, err) < 0 ||
	    sdp_upload_state_open(&s.state, remote, record, key, err) < 0)
		return -1;
	memcpy(record->id, s.state.id, sizeof record->id);
	int rc = sdp_upload_keys_make(&s.keys, remote, record, err);
	s.touched = rc == 0 && s.state.resumed;
	if (rc == 0)
		rc = send_all(&s, err);
	bool clear = rc == 0 || !s.touched || clean(&s);
	if (!clear)
		sdp_warn("%s: the parts that were sent could not be removed; --sync removes them "
			 "after a day, and the next upload of the file resumes",
			 file->title);
	sdp_upload_state_close(&s.state, remote, clear);
	if (rc < 0 && new_id)
		record->id[0] = '\0';
	sdp_upload_keys_release(&s.keys);
	return rc;
}
