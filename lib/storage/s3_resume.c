/*
 * Uploads in progress. Each has a file in $SDP_HOME/uploads, so that it can be resumed after an
 * interruption.
 */
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { STATE_MOST = 1 << 14, DAY = 24 * 60 * 60 };

/* Appends the S3 store that an upload goes to, as one line of text. */
static int add_place(struct sdp_buf *out, const struct upload_remote *remote, struct sdp_err *err)
{
	const struct upload_settings *s = remote->settings;
	const char *endpoint = s->aws.endpoint ? s->aws.endpoint : s->aws.region;
	return sdp_buf_format(out, err, "%s %s/%s", endpoint, s->bucket, s->prefix);
}

int upload_state_save(struct upload_state *state, const struct upload_remote *remote,
		      const struct upload_record *record, struct sdp_err *err)
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
	/*
	 * One call writes the text. The parser ignores the rest of an older, longer text, which is
	 * cut off then.
	 */
	if (rc == 0 && (pwrite(state->fd, text.data, text.length, 0) != (ssize_t)text.length ||
			ftruncate(state->fd, (off_t)text.length) < 0))
		rc = sdp_fail_errno(err, "cannot write %s", state->path);
	cJSON_Delete(doc);
	sdp_buf_release(&place);
	sdp_buf_release(&text);
	return rc;
}

struct search {
	struct upload_remote *remote;
	const struct upload_record *record;
	const char *key;
	struct upload_local folder;
	struct upload_state *state;
};

/*
 * Parses a state. Fills the name and the digest of record. Returns whether the state belongs to an
 * upload to this store.
 */
static bool read_state(struct upload_state *state, const char *text, const char *place,
		       struct upload_record *record)
{
	struct sdp_err ignored;
	cJSON *doc = cJSON_Parse(text);
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(doc, "place");
	const cJSON *called = cJSON_GetObjectItemCaseSensitive(doc, "name");
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(doc, "upload_id");
	const cJSON *sha256 = cJSON_GetObjectItemCaseSensitive(doc, "sha256");
	const cJSON *part = cJSON_GetObjectItemCaseSensitive(doc, "part_size");
	bool good = cJSON_IsString(at) && strcmp(at->valuestring, place) == 0 &&
		    cJSON_IsString(called) && cJSON_IsString(id) && cJSON_IsString(sha256) &&
		    strlen(id->valuestring) < sizeof state->upload_id && cJSON_IsNumber(part);
	if (good) {
		snprintf(state->upload_id, sizeof state->upload_id, "%s", id->valuestring);
		state->part_size = (uint64_t)part->valuedouble;
		snprintf(record->sha256, sizeof record->sha256, "%s", sha256->valuestring);
		record->name =
			sdp_strndup(called->valuestring, strlen(called->valuestring), &ignored);
	}
	cJSON_Delete(doc);
	return good && record->name;
}

/*
 * Opens and locks a state. Returns false, with the state closed, if another process has locked it
 * or it belongs to another store.
 */
static bool lock_state(const struct search *s, const char *entry, struct upload_state *state,
		       struct stat *st, struct upload_record *record)
{
	char text[STATE_MOST];
	struct sdp_err ignored;
	struct sdp_buf place = {0};
	bool good = false;
	*state = (struct upload_state){.fd = -1, .resumed = true};
	snprintf(state->id, sizeof state->id, "%s", entry);
	state->path = upload_path_to(&s->folder, "uploads", entry, &ignored);
	state->fd = state->path ? open(state->path, O_RDWR | O_CLOEXEC) : -1;
	/* The process that held the lock may have removed the file meanwhile. */
	if (state->fd >= 0 && flock(state->fd, LOCK_EX | LOCK_NB) == 0 &&
	    fstat(state->fd, st) == 0 && st->st_nlink > 0) {
		ssize_t n = sdp_read_at(state->fd, text, sizeof text - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		good = add_place(&place, s->remote, &ignored) == 0 &&
		       read_state(state, text, place.data, record);
	}
	sdp_buf_release(&place);
	if (!good)
		upload_state_close(state, false);
	return good;
}

static int match_state(void *context, const char *entry, struct sdp_err *err)
{
	struct search *s = context;
	struct upload_state found;
	struct stat st;
	struct upload_record record = {0};
	(void)err;
	const char *id = s->record->id;
	if (!upload_is_entry(entry) ||
	    memcmp(entry + SDP_UUID_LENGTH + 1, s->key, UPLOAD_SHA) != 0 ||
	    (*id && memcmp(entry, id, SDP_UUID_LENGTH) != 0) ||
	    !lock_state(s, entry, &found, &st, &record))
		return 0;
	bool same =
		strcmp(record.name, s->record->name) == 0 && found.part_size == s->state->part_size;
	upload_record_release(&record);
	if (same)
		*s->state = found;
	else
		upload_state_close(&found, false);
	return same;
}

/* Removes an upload that was interrupted more than a day ago and was not resumed. */
static int forget_old(void *context, const char *entry, struct sdp_err *err)
{
	struct search *s = context;
	struct upload_state found;
	struct upload_record record = {0};
	struct stat st;
	if (!upload_is_entry(entry) || !lock_state(s, entry, &found, &st, &record))
		return 0;
	int rc = 0;
	bool old = st.st_mtime + DAY < time(NULL);
	memcpy(record.id, found.id, sizeof record.id);
	if (old)
		rc = upload_remote_forget(s->remote, &record, found.upload_id, err);
	upload_state_close(&found, old && rc == 0);
	upload_record_release(&record);
	return rc;
}

int upload_state_sweep(struct upload_remote *remote, struct sdp_err *err)
{
	struct search s = {remote, NULL, NULL, {remote->settings->home}, NULL};
	return upload_each_name(&s.folder, "uploads", forget_old, &s, err);
}

static int make_state(struct search *s, struct sdp_err *err)
{
	char name[UPLOAD_ENTRY + 1];
	struct upload_state *state = s->state;
	memcpy(state->id, s->record->id, sizeof state->id);
	if (!*state->id && sdp_uuid_new(state->id, err) < 0)
		return -1;
	upload_entry_name(name, state->id, s->key);
	char *folder = upload_path_to(&s->folder, "uploads", "", err);
	int rc = folder ? upload_make_folders(folder) : -1;
	free(folder);
	state->path = rc == 0 ? upload_path_to(&s->folder, "uploads", name, err) : NULL;
	if (rc == 0 && !state->path)
		return -1;
	if (rc == 0)
		state->fd = open(state->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (rc < 0 || state->fd < 0 || flock(state->fd, LOCK_EX) < 0)
		return sdp_fail_errno(err, "cannot write to %s/uploads", s->folder.root);
	return upload_state_save(state, s->remote, s->record, err);
}

int upload_state_open(struct upload_state *state, struct upload_remote *remote,
		      const struct upload_record *record, const char *key, struct sdp_err *err)
{
	*state = (struct upload_state){.fd = -1, .part_size = sdp_s3_part_size(record->size)};
	struct search s = {remote, record, key, {remote->settings->home}, state};
	int rc = upload_each_name(&s.folder, "uploads", match_state, &s, err);
	if (rc == 0)
		rc = make_state(&s, err);
	if (rc < 0)
		upload_state_close(state, false);
	return rc < 0 ? -1 : 0;
}

void upload_state_close(struct upload_state *state, bool finished)
{
	if (finished && state->path)
		unlink(state->path);
	if (state->fd >= 0)
		close(state->fd);
	free(state->path);
	*state = (struct upload_state){.fd = -1};
}
