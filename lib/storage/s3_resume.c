/*
 * Uploads in progress. Each has a file in $SDP_HOME/uploads, so that it can be resumed after an
 * interruption.
 */
#include "base/file.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "storage/remote.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STATE_MOST = 1 << 20, DAY = 24 * 60 * 60 };

#define DRAFT ".new" /* after the name of a state, while it is written */

/* Appends the S3 store that an upload goes to, as one line of text. */
static int add_place(struct sdp_buf *out, const struct sdp_upload_remote *remote,
		     struct sdp_err *err)
{
	const struct sdp_upload_settings *s = remote->settings;
	const char *endpoint = s->aws.endpoint ? s->aws.endpoint : s->aws.region;
	return sdp_buf_format(out, err, "%s %s/%s", endpoint, s->bucket, s->prefix);
}

/* Replaces the file of the state by the text. The new file is locked before it has the name. */
static int replace_state(struct sdp_upload_state *state, const struct sdp_folder *uploads,
			 const struct sdp_buf *text, struct sdp_err *err)
{
	struct sdp_err ignored;
	char draft[sizeof state->name + sizeof DRAFT];
	snprintf(draft, sizeof draft, "%s" DRAFT, state->name);
	int fd = sdp_folder_open_file(uploads, draft, O_RDWR | O_CREAT | O_TRUNC, err);
	if (fd < 0)
		return -1;
	int rc = sdp_file_lock(fd, false) < 0 || sdp_write_all(fd, text->data, text->length) < 0 ||
				 sdp_file_sync(fd) < 0
			 ? sdp_fail_errno(err, "cannot write to %s/%s", uploads->path, draft)
			 : sdp_folder_move(uploads, draft, state->name, err);
	int old = rc == 0 ? state->fd : fd;
	if (rc == 0)
		state->fd = fd;
	else
		(void)sdp_folder_remove(uploads, draft, &ignored);
	sdp_file_close(old);
	return rc;
}

int sdp_upload_state_save(struct sdp_upload_state *state, const struct sdp_upload_remote *remote,
			  const struct sdp_upload_record *record, struct sdp_err *err)
{
	static const struct sdp_doc_style json = {.format = SDP_DOC_JSON};
	struct sdp_buf place = {0}, text = {0};
	cJSON *doc = cJSON_CreateObject();
	int rc = doc ? add_place(&place, remote, err) : sdp_fail_memory(err);
	if (rc == 0 && (sdp_doc_text(doc, "place", place.data, err) < 0 ||
			sdp_doc_text(doc, "name", record->name, err) < 0 ||
			sdp_doc_text(doc, "sha256", record->sha256, err) < 0 ||
			sdp_doc_text(doc, "upload_id", state->upload_id, err) < 0 ||
			sdp_doc_count(doc, "part_size", state->part_size, err) < 0 ||
			sdp_doc_print(doc, &json, &text, err) < 0))
		rc = -1;
	if (rc == 0)
		rc = replace_state(state, &remote->uploads, &text, err);
	cJSON_Delete(doc);
	sdp_buf_release(&place);
	sdp_buf_release(&text);
	return rc;
}

struct search {
	struct sdp_upload_remote *remote;
	const struct sdp_upload_record *record;
	const char *key;
	struct sdp_upload_state *state;
};

/*
 * Parses a state. Fills the name and the digest of record. Returns whether the state belongs to an
 * upload to this store.
 */
static bool read_state(struct sdp_upload_state *state, const struct sdp_buf *text,
		       const char *place, struct sdp_upload_record *record)
{
	struct sdp_err ignored;
	cJSON *doc = sdp_doc_parse(text->data ? text->data : "", text->length, &ignored);
	const char *at = sdp_doc_get_text(doc, "place"), *name = sdp_doc_get_text(doc, "name");
	const char *id = sdp_doc_get_text(doc, "upload_id"),
		   *sha256 = sdp_doc_get_text(doc, "sha256");
	state->part_size = sdp_doc_get_count(doc, "part_size", 0);
	bool good = at && strcmp(at, place) == 0 && name && id && sha256 &&
		    strlen(id) < sizeof state->upload_id && state->part_size;
	if (good) {
		snprintf(state->upload_id, sizeof state->upload_id, "%s", id);
		snprintf(record->sha256, sizeof record->sha256, "%s", sha256);
		record->name = sdp_strndup(name, strlen(name), &ignored);
	}
	cJSON_Delete(doc);
	return good && record->name;
}

/*
 * Opens and locks a state. Returns false, with the state closed, if another process has locked it
 * or it belongs to another store.
 */
static bool lock_state(const struct search *s, const char *entry, struct sdp_upload_state *state,
		       struct stat *st, struct sdp_upload_record *record)
{
	struct sdp_err ignored;
	struct sdp_buf place = {0}, text = {0};
	bool good = false;
	*state = (struct sdp_upload_state){.resumed = true};
	snprintf(state->id, sizeof state->id, "%s", entry);
	snprintf(state->name, sizeof state->name, "%s", entry);
	state->fd = sdp_folder_open_file(&s->remote->uploads, entry, O_RDWR, &ignored);
	/* The process that held the lock may have removed or replaced the file meanwhile. */
	if (state->fd >= 0 && sdp_file_lock(state->fd, false) == 0 && fstat(state->fd, st) == 0 &&
	    st->st_nlink > 0)
		good = sdp_read_whole(state->fd, entry, STATE_MOST, &text, &ignored) == 0 &&
		       add_place(&place, s->remote, &ignored) == 0 &&
		       read_state(state, &text, place.data, record);
	sdp_buf_release(&place);
	sdp_buf_release(&text);
	if (!good)
		sdp_upload_state_close(state, s->remote, false);
	return good;
}

static int match_state(void *context, const char *entry, struct sdp_err *err)
{
	struct search *s = context;
	struct sdp_upload_state found;
	struct stat st;
	struct sdp_upload_record record = {0};
	(void)err;
	const char *id = s->record->id;
	if (!sdp_upload_is_entry(entry) ||
	    memcmp(entry + SDP_UUID_LENGTH + 1, s->key, SDP_UPLOAD_SHA) != 0 ||
	    (*id && memcmp(entry, id, SDP_UUID_LENGTH) != 0) ||
	    !lock_state(s, entry, &found, &st, &record))
		return 0;
	bool same =
		strcmp(record.name, s->record->name) == 0 && found.part_size == s->state->part_size;
	sdp_upload_record_release(&record);
	if (same)
		*s->state = found;
	else
		sdp_upload_state_close(&found, s->remote, false);
	return same;
}

/* Removes the file of a state that was not written to its end, after a day. */
static void remove_draft(const struct sdp_folder *uploads, const char *name)
{
	struct sdp_err ignored;
	struct stat st;
	size_t length = strlen(name);
	if (length > strlen(DRAFT) && strcmp(name + length - strlen(DRAFT), DRAFT) == 0 &&
	    sdp_folder_stat(uploads, name, &st, &ignored) == 0 && st.st_mtime + DAY < time(NULL))
		sdp_folder_remove(uploads, name, &ignored);
}

/* Removes an upload that was interrupted more than a day ago and was not resumed. */
static int forget_old(void *context, const char *entry, struct sdp_err *err)
{
	struct search *s = context;
	struct sdp_upload_state found;
	struct sdp_upload_record record = {0};
	struct stat st;
	remove_draft(&s->remote->uploads, entry);
	if (!sdp_upload_is_entry(entry) || !lock_state(s, entry, &found, &st, &record))
		return 0;
	int rc = 0;
	bool old = st.st_mtime + DAY < time(NULL);
	memcpy(record.id, found.id, sizeof record.id);
	if (old)
		rc = sdp_upload_remote_forget(s->remote, &record, found.upload_id, err);
	sdp_upload_state_close(&found, s->remote, old && rc == 0);
	sdp_upload_record_release(&record);
	return rc;
}

int sdp_upload_state_sweep(struct sdp_upload_remote *remote, struct sdp_err *err)
{
	struct search s = {remote, NULL, NULL, NULL};
	return sdp_folder_each(&remote->uploads, "", forget_old, &s, err);
}

static int make_state(struct search *s, struct sdp_err *err)
{
	struct sdp_upload_state *state = s->state;
	memcpy(state->id, s->record->id, sizeof state->id);
	if (!*state->id && sdp_uuid_new(state->id, err) < 0)
		return -1;
	sdp_upload_entry_name(state->name, state->id, s->key);
	if (sdp_folder_make(&s->remote->uploads, "", err) < 0)
		return -1;
	return sdp_upload_state_save(state, s->remote, s->record, err);
}

int sdp_upload_state_open(struct sdp_upload_state *state, struct sdp_upload_remote *remote,
			  const struct sdp_upload_record *record, const char *key,
			  struct sdp_err *err)
{
	*state = (struct sdp_upload_state){.fd = -1, .part_size = sdp_s3_part_size(record->size)};
	struct search s = {remote, record, key, state};
	int rc = sdp_folder_each(&remote->uploads, "", match_state, &s, err);
	if (rc == 0)
		rc = make_state(&s, err);
	if (rc < 0) /* nothing was sent */
		sdp_upload_state_close(state, remote, true);
	return rc < 0 ? -1 : 0;
}

void sdp_upload_state_close(struct sdp_upload_state *state, const struct sdp_upload_remote *remote,
			    bool finished)
{
	struct sdp_err ignored;
	if (finished && *state->name)
		sdp_folder_remove(&remote->uploads, state->name, &ignored);
	if (state->fd >= 0)
		close(state->fd);
	*state = (struct sdp_upload_state){.fd = -1};
}
