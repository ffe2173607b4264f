/* The store of jobs: its lock, the list of its jobs, and the adding and removing of jobs. */
#include "base/file.h"
#include "base/names.h"
#include "jobs/jobs.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/messages.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int sdp_job_store_lock(struct sdp_folder *store, bool wait, struct sdp_err *err)
{
	if (sdp_folder_make(store, ".active", err) < 0 || sdp_folder_make(store, ".tmp", err) < 0)
		return -1;
	return sdp_folder_lock(store, ".lock", wait, err);
}

/* ---- the jobs of a folder ---- */

struct ids {
	char (*items)[SDP_UUID_LENGTH + 1];
	size_t count, capacity;
};

static int in_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int note_id(void *context, const char *name, struct sdp_err *err)
{
	struct ids *ids = context;
	if (!sdp_uuid_valid(name))
		return 0;
	if (sdp_grow(&ids->items, &ids->capacity, ids->count + 1, sizeof *ids->items, err) < 0)
		return -1;
	memcpy(ids->items[ids->count++], name, SDP_UUID_LENGTH + 1);
	return 0;
}

int sdp_job_each(const struct sdp_folder *store, const char *folder,
		 int (*each)(void *context, const char *id, struct sdp_err *err), void *context,
		 struct sdp_err *err)
{
	struct ids ids = {0};
	int rc = sdp_folder_each(store, folder, note_id, &ids, err);
	if (ids.count)
		qsort(ids.items, ids.count, sizeof *ids.items, in_order);
	for (size_t i = 0; rc == 0 && i < ids.count; i++)
		rc = each(context, ids.items[i], err);
	free(ids.items);
	return rc;
}

struct search {
	const char *word;
	char *id;
	size_t count;
	struct sdp_names names;
};

static int match_one(void *context, const char *id, struct sdp_err *err)
{
	struct search *s = context;
	(void)err;
	if (strncasecmp(id, s->word, strlen(s->word)) != 0)
		return 0;
	s->count++;
	memcpy(s->id, id, SDP_UUID_LENGTH + 1);
	sdp_names_add(&s->names, id);
	return 0;
}

int sdp_job_match(const struct sdp_folder *store, const char *word, char id[SDP_UUID_LENGTH + 1],
		  struct sdp_err *err)
{
	struct search s = {.word = word, .id = id};
	char quoted[80];
	if (!*word)
		return sdp_fail(err, SDP_USAGE, "an ID is empty");
	if (sdp_uuid_valid(word)) {
		memcpy(id, word, SDP_UUID_LENGTH + 1);
		return 0;
	}
	sdp_quote(quoted, sizeof quoted, word, strlen(word));
	int rc = sdp_job_each(store, "", match_one, &s, err);
	if (rc < 0 || s.count == 1)
		return rc;
	return s.count == 0
		       ? sdp_fail(err, SDP_DATA, "there is no job %s in %s", quoted, store->path)
		       : sdp_fail(err, SDP_DATA, "%s stands for %zu jobs: %s", quoted, s.count,
				  sdp_names_end(&s.names));
}

/* ---- adding and removing ---- */

int sdp_job_activate(const struct sdp_folder *store, const char *id, bool active,
		     struct sdp_err *err)
{
	char path[SDP_JOB_PATH];
	sdp_job_file(path, ".active", id);
	if (!active)
		return sdp_folder_remove(store, path, err);
	int fd = sdp_folder_open_file(store, path, O_WRONLY | O_CREAT, err);
	if (fd < 0)
		return -1;
	close(fd);
	return sdp_folder_sync(store, ".active", err);
}

static int write_request(const struct sdp_folder *store, const char *folder, const cJSON *request,
			 struct sdp_err *err)
{
	static const struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	char path[SDP_JOB_PATH];
	struct sdp_buf text = {0};
	int rc = sdp_doc_print(request, &style, &text, err);
	if (rc == 0)
		rc = sdp_folder_write(store, sdp_job_file(path, folder, "job.json"), 0, text.data,
				      text.length, err);
	sdp_buf_release(&text);
	return rc;
}

/* Makes the folder of a job in .tmp. Returns the lock of the job, or -1. */
static int make_unborn(const struct sdp_folder *store, const char *unborn, const cJSON *request,
		       struct sdp_err *err)
{
	struct sdp_folder folder = *store; /* the folder of the store exists: it is locked */
	if (sdp_folder_make(&folder, unborn, err) < 0 ||
	    write_request(store, unborn, request, err) < 0 ||
	    sdp_job_event(store, unborn, "prepared", NULL, err) < 0)
		return -1;
	return sdp_job_lock(store, unborn, err);
}

int sdp_job_add(const struct sdp_folder *store, cJSON *request, char id[SDP_UUID_LENGTH + 1],
		struct sdp_err *err)
{
	char now[SDP_TIMESTAMP_SIZE], unborn[SDP_JOB_PATH];
	struct sdp_err ignored;
	if (sdp_uuid_new(id, err) < 0)
		return -1;
	sdp_timestamp_now(now);
	sdp_job_file(unborn, ".tmp", id);
	if (sdp_doc_text(request, "job_id", id, err) < 0 ||
	    sdp_doc_text(request, "created_at", now, err) < 0)
		return -1;
	int lock = make_unborn(store, unborn, request, err);
	/*
	 * The marker is made before the job: a marker without a job is harmless, but a job without
	 * a marker would never be started.
	 */
	if (lock >= 0 && sdp_job_activate(store, id, true, err) == 0 &&
	    sdp_folder_sync(store, unborn, err) == 0 &&
	    sdp_folder_move(store, unborn, id, err) == 0)
		return lock;
	sdp_file_close(lock);
	sdp_folder_remove(store, unborn, &ignored);
	sdp_folder_remove(store, id, &ignored); /* if it could be moved, but not synced */
	sdp_job_activate(store, id, false, &ignored);
	return -1;
}

int sdp_job_remove(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	char after[SDP_JOB_PATH];
	sdp_job_file(after, ".tmp", id);
	return sdp_folder_move(store, id, after, err) < 0 ? -1
							  : sdp_folder_remove(store, after, err);
}

static int sweep_one(void *context, const char *id, struct sdp_err *err)
{
	char path[SDP_JOB_PATH];
	(void)err;
	struct sdp_err why;
	if (sdp_folder_remove(context, sdp_job_file(path, ".tmp", id), &why) < 0)
		sdp_note("%s", why.text);
	return 0;
}

int sdp_job_sweep(const struct sdp_folder *store, struct sdp_err *err)
{
	return sdp_job_each(store, ".tmp", sweep_one, (void *)store, err);
}
