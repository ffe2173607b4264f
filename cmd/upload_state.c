/* Uploads under way, each in a file of $SDP_HOME/uploads, so that one that broke off can go on. */
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "upload_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { STATE_MOST = 1 << 14 };

/* The store that an upload goes to, as one text. */
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
			sdp_doc_text(doc, "upload_id", state->upload_id, err) < 0 ||
			sdp_doc_count(doc, "part_size", state->part_size, err) < 0 ||
			sdp_doc_print(doc, &json, &text, err) < 0))
		rc = -1;
	/* In one piece from the beginning; a longer text's tail behind it does no harm. */
	if (rc == 0 && (pwrite(state->fd, text.data, text.length, 0) != (ssize_t)text.length ||
			ftruncate(state->fd, (off_t)text.length) < 0))
		rc = sdp_fail_errno(err, "cannot write %s", state->path);
	cJSON_Delete(doc);
	sdp_buf_release(&place);
	sdp_buf_release(&text);
	return rc;
}

struct search {
	const struct upload_remote *remote;
	const struct upload_record *record;
	struct upload_local folder;
	struct upload_state *state;
};

/* Is the text that of an upload to the same place under the same name?  Then the state goes on with it. */
static bool takes_up(struct search *s, const char *text, const char *place)
{
	cJSON *doc = cJSON_Parse(text);
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(doc, "place");
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(doc, "name");
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(doc, "upload_id");
	const cJSON *part = cJSON_GetObjectItemCaseSensitive(doc, "part_size");
	bool same = cJSON_IsString(at) && strcmp(at->valuestring, place) == 0 && cJSON_IsString(name) &&
		    strcmp(name->valuestring, s->record->name) == 0 && cJSON_IsString(id) &&
		    strlen(id->valuestring) < sizeof s->state->upload_id && cJSON_IsNumber(part) &&
		    (uint64_t)part->valuedouble == s->state->part_size;
	if (same)
		snprintf(s->state->upload_id, sizeof s->state->upload_id, "%s", id->valuestring);
	cJSON_Delete(doc);
	return same;
}

/* 1: it is taken up; 0: it is not ours, or another process is at it. */
static int try_state(struct search *s, const char *path, struct sdp_err *err)
{
	char text[STATE_MOST];
	struct stat st;
	struct sdp_buf place = {0};
	int fd = open(path, O_RDWR | O_CLOEXEC), rc = 0;
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0) {
		ssize_t n = sdp_read_at(fd, text, sizeof text - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		rc = add_place(&place, s->remote, err) < 0 ? -1 : takes_up(s, text, place.data);
	}
	sdp_buf_release(&place);
	if (rc == 1)
		s->state->fd = fd;
	else
		close(fd);
	return rc;
}

static int look_at(void *context, const char *name, struct sdp_err *err)
{
	struct search *s = context;
	if (!upload_is_entry(name) || memcmp(name + SDP_UUID_LENGTH + 1, s->record->sha256, SHA) != 0)
		return 0;
	char *path = upload_path_to(&s->folder, "uploads", name, err);
	int rc = path ? try_state(s, path, err) : -1;
	if (rc != 1) {
		free(path);
		return rc;
	}
	s->state->path = path;
	s->state->resumed = true;
	snprintf(s->state->id, sizeof s->state->id, "%s", name);
	return 1;
}

static int make_state(struct search *s, struct sdp_err *err)
{
	char name[ENTRY + 1];
	struct upload_state *state = s->state;
	memcpy(state->id, s->record->id, sizeof state->id);
	upload_entry_name(name, state->id, s->record->sha256);
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

int upload_state_open(struct upload_state *state, const struct upload_remote *remote, const struct upload_record *record,
		      struct sdp_err *err)
{
	*state = (struct upload_state){.fd = -1, .part_size = sdp_s3_part_size(record->size)};
	struct search s = {remote, record, {remote->settings->home}, state};
	int rc = upload_each_name(&s.folder, "uploads", look_at, &s, err);
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
