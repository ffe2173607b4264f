/*
 * The keys of files in S3, and the search for a record.
 *
 *	PREFIX/ID/NAME             the bytes
 *	PREFIX/ID.json             the record; a file is stored once this exists
 *	PREFIX/sha256/SHA256/ID    empty; a mark that says that this file has this content
 */
#include "sdp/mem.h"
#include "storage/remote.h"

#include <stdio.h>
#include <string.h>

char *sdp_upload_record_key(const struct sdp_upload_remote *remote, const char *id,
			    struct sdp_err *err)
{
	struct sdp_buf key = {0};
	if (sdp_buf_format(&key, err, "%s/%s.json", remote->settings->prefix, id) == 0)
		return key.data;
	sdp_buf_release(&key);
	return NULL;
}

static char *key_of(const struct sdp_upload_remote *remote, struct sdp_err *err, const char *a,
		    const char *b, const char *c)
{
	struct sdp_buf key = {0};
	if (sdp_buf_format(&key, err, "%s/%s%s%s", remote->settings->prefix, a, b, c) == 0)
		return key.data;
	sdp_buf_release(&key);
	return NULL;
}

char *sdp_upload_remote_key(const struct sdp_upload_remote *remote,
			    const struct sdp_upload_record *record, struct sdp_err *err)
{
	return key_of(remote, err, record->id, "/", record->name);
}

char *sdp_upload_mark_key(const struct sdp_upload_remote *remote,
			  const struct sdp_upload_record *record, struct sdp_err *err)
{
	char mark[80];
	snprintf(mark, sizeof mark, "sha256/%s/", record->sha256);
	return key_of(remote, err, mark, record->id, "");
}

int sdp_upload_keys_make(struct sdp_upload_keys *k, const struct sdp_upload_remote *remote,
			 const struct sdp_upload_record *record, struct sdp_err *err)
{
	k->data = sdp_upload_remote_key(remote, record, err);
	k->record = key_of(remote, err, record->id, ".json", "");
	if (k->data && k->record && strlen(k->data) <= 1024)
		return 0;
	int rc = k->data && k->record
			 ? sdp_fail(err, SDP_USAGE,
				    "the key is longer than 1024 bytes: give a shorter --name")
			 : -1;
	sdp_upload_keys_release(k);
	return rc;
}

void sdp_upload_keys_release(struct sdp_upload_keys *k)
{
	free(k->data);
	free(k->record);
	*k = (struct sdp_upload_keys){0};
}

/* ---- search ---- */

int sdp_upload_remote_find(struct sdp_upload_remote *remote, const char *id,
			   struct sdp_upload_record *record, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	char *key = sdp_upload_record_key(remote, id, err);
	int rc = key ? sdp_s3_get_text(remote->s3, key, &text, err) : -1;
	if (rc == 0)
		rc = sdp_upload_record_parse(record, &text, key, err) < 0 ? -1 : 1;
	else if (key && remote->s3->fault == SDP_S3_MISSING)
		rc = strstr(err->text, "NoSuchBucket") ? -1 : 0;
	free(key);
	sdp_buf_release(&text);
	return rc;
}

struct duplicates {
	const char *own;
	struct sdp_buf ids; /* ids of older files with the content, each followed by a NUL */
};

static int take_mark(void *context, const char *key, uint64_t size, struct sdp_err *err)
{
	struct duplicates *d = context;
	const char *slash = strrchr(key, '/');
	(void)size;
	if (!slash || !sdp_uuid_valid(slash + 1) || strcmp(slash + 1, d->own) >= 0)
		return 0;
	return sdp_buf_add(&d->ids, slash + 1, SDP_UUID_LENGTH + 1, err);
}

int sdp_upload_remote_find_duplicates(struct sdp_upload_remote *remote,
				      struct sdp_upload_record *record, struct sdp_err *err)
{
	char mark[80];
	struct duplicates d = {.own = record->id};
	snprintf(mark, sizeof mark, "sha256/%s/", record->sha256);
	char *prefix = key_of(remote, err, mark, "", "");
	int rc = prefix ? sdp_s3_list(remote->s3, prefix, false, take_mark, &d, err) : -1;
	record->duplicate_of[0] = '\0';
	for (size_t at = 0; rc == 0 && at < d.ids.length && !*record->duplicate_of;
	     at += SDP_UUID_LENGTH + 1) {
		struct sdp_upload_record other = {0};
		rc = sdp_upload_remote_find(remote, d.ids.data + at, &other, err);
		if (rc == 1)
			memcpy(record->duplicate_of, other.id, sizeof other.id);
		rc = rc < 0 ? -1 : 0;
		sdp_upload_record_release(&other);
	}
	free(prefix);
	sdp_buf_release(&d.ids);
	return rc;
}
