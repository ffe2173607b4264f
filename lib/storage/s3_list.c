/* Lists and removes files in S3. */
#include "sdp/mem.h"
#include "storage/remote.h"

#include <stdio.h>
#include <string.h>

/* ---- list ---- */

struct listing {
	size_t prefix; /* length of "PREFIX/" */
	char (*ids)[SDP_UUID_LENGTH + 1];
	size_t count, capacity;
};

static int take_key(void *context, const char *key, uint64_t size, struct sdp_err *err)
{
	struct listing *l = context;
	const char *name = key + l->prefix;
	char id[SDP_UUID_LENGTH + 1];
	(void)size;
	snprintf(id, sizeof id, "%s", name);
	if (strlen(name) != SDP_UUID_LENGTH + 5 || !sdp_uuid_valid(id) ||
	    strcmp(name + SDP_UUID_LENGTH, ".json") != 0)
		return 0;
	if (sdp_grow(&l->ids, &l->capacity, l->count + 1, sizeof *l->ids, err) < 0)
		return -1;
	memcpy(l->ids[l->count++], id, sizeof id);
	return 0;
}

enum { WINDOW = 64 };

struct window {
	struct sdp_upload_remote *remote;
	struct sdp_upload_records *out;
	struct sdp_s3_call calls[WINDOW];
	char *keys[WINDOW];
};

static int take_record(void *context, struct sdp_s3_call *call, struct sdp_err *err)
{
	struct window *w = context;
	struct sdp_upload_record record;
	if (call->failed && w->remote->s3->fault == SDP_S3_MISSING) /* it was removed meanwhile */
		return 0;
	if (call->failed || sdp_upload_record_parse(&record, &call->http.body, call->key, err) < 0)
		return call->failed || err->code == SDP_DATA ? sdp_upload_records_skip(w->out, err)
							     : -1;
	int rc = sdp_upload_records_take(w->out, &record, err);
	sdp_upload_record_release(&record);
	return rc;
}

/* Fetches the records of a window, in parallel. */
static int get_window(struct window *w, char (*ids)[SDP_UUID_LENGTH + 1], size_t count,
		      struct sdp_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < count; i++) {
		w->keys[i] = sdp_upload_record_key(w->remote, ids[i], err);
		rc = w->keys[i] ? rc : -1;
		w->calls[i] = (struct sdp_s3_call){.method = "GET",
						   .key = w->keys[i],
						   .fd = -1,
						   .may_fail = true};
	}
	if (rc == 0)
		rc = sdp_s3_run(w->remote->s3, w->calls, count, take_record, w, err);
	for (size_t i = 0; i < count; i++) {
		sdp_s3_call_release(&w->calls[i]);
		free(w->keys[i]);
	}
	return rc;
}

int sdp_upload_remote_list(struct sdp_upload_remote *remote, struct sdp_upload_records *out,
			   struct sdp_err *err)
{
	struct listing l = {.prefix = strlen(remote->settings->prefix) + 1};
	struct sdp_buf prefix = {0};
	struct window *w = sdp_alloc(1, sizeof *w, err);
	int rc = w ? sdp_buf_format(&prefix, err, "%s/", remote->settings->prefix) : -1;
	if (rc == 0)
		rc = sdp_s3_list(remote->s3, prefix.data, true, take_key, &l, err);
	if (w) {
		w->remote = remote;
		w->out = out;
	}
	for (size_t at = 0; rc == 0 && at < l.count; at += WINDOW)
		rc = get_window(w, l.ids + at, l.count - at < WINDOW ? l.count - at : WINDOW, err);
	sdp_upload_records_sort(out);
	if (rc == 0)
		rc = sdp_upload_records_find_duplicates(out, err);
	free(w);
	free(l.ids);
	sdp_buf_release(&prefix);
	return rc;
}

/* Removes the record first: after that the file is not stored any more. */
int sdp_upload_remote_remove(struct sdp_upload_remote *remote,
			     const struct sdp_upload_record *record, struct sdp_err *err)
{
	struct sdp_buf mark = {0};
	char *own = sdp_upload_record_key(remote, record->id, err),
	     *data = sdp_upload_remote_key(remote, record, err);
	int rc = own && data ? 0 : -1;
	if (rc == 0)
		rc = sdp_buf_format(&mark, err, "%s/sha256/%s/%s", remote->settings->prefix,
				    record->sha256, record->id);
	if (rc == 0)
		rc = sdp_s3_delete(remote->s3, own, err);
	if (rc == 0)
		rc = sdp_s3_delete(remote->s3, data, err);
	if (rc == 0)
		rc = sdp_s3_delete(remote->s3, mark.data, err);
	free(own);
	free(data);
	sdp_buf_release(&mark);
	return rc;
}

/* ---- interrupted uploads ---- */

int sdp_upload_remote_drop(struct sdp_upload_remote *remote, const struct sdp_upload_record *record,
			   const struct sdp_upload_keys *k, const char *upload_id,
			   struct sdp_err *err)
{
	struct sdp_s3 *s3 = remote->s3;
	char *mark = sdp_upload_mark_key(remote, record, err);
	const char *keys[] = {k->record, k->data, mark};
	size_t count = record->sha256[0] ? 3 : 2;
	int rc = !mark ? -1 : upload_id[0] ? sdp_s3_abort(s3, k->data, upload_id, err) : 0;
	if (rc == 0)
		rc = sdp_s3_sweep(s3, k->data, "", err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = sdp_s3_delete(s3, keys[i], err);
	free(mark);
	return rc;
}

int sdp_upload_remote_forget(struct sdp_upload_remote *remote,
			     const struct sdp_upload_record *record, const char *upload_id,
			     struct sdp_err *err)
{
	struct sdp_upload_record there = {0};
	struct sdp_upload_keys keys = {0};
	int rc = sdp_upload_remote_find(remote, record->id, &there, err);
	sdp_upload_record_release(&there);
	if (rc != 0)
		return rc < 0 ? -1 : 0; /* the record exists, so the upload is complete */
	rc = sdp_upload_keys_make(&keys, remote, record, err);
	if (rc == 0) {
		rc = sdp_upload_remote_drop(remote, record, &keys, upload_id, err);
		sdp_upload_keys_release(&keys);
	}
	return rc;
}
