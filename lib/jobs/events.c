/*
 * Writes the events and the log of a job. Also handles the lock that says whether it has a runner.
 */
#define _GNU_SOURCE
#include "base/file.h"
#include "base/signals.h"
#include "base/utf8.h"
#include "jobs/jobs.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *sdp_job_file(char path[SDP_JOB_PATH], const char *id, const char *name)
{
	snprintf(path, SDP_JOB_PATH, "%s/%s", id, name);
	return path;
}

/*
 * Returns whether the last line is incomplete, as after a crash. The next line must then begin with
 * a newline.
 */
static bool ends_in_mid_line(int fd)
{
	struct stat st;
	char last;
	return fstat(fd, &st) == 0 && st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) == 1 &&
	       last != '\n';
}

/* Appends a line, text + 1, which is preceded by a newline. */
static int append(const struct sdp_folder *store, const char *path, const char *text, bool sync,
		  struct sdp_err *err)
{
	int fd = sdp_folder_open_file(store, path, O_RDWR | O_CREAT | O_APPEND, err), rc = 0;
	if (fd < 0)
		return -1;
	text += !ends_in_mid_line(fd);
	if (sdp_write_all(fd, text, strlen(text)) < 0 || (sync && sdp_file_sync(fd) < 0))
		rc = sdp_fail_errno(err, "cannot write to %s/%s", store->path, path);
	close(fd);
	return rc;
}

static cJSON *make_event(const char *name, const char *now, const cJSON *more, struct sdp_err *err)
{
	cJSON *event = cJSON_CreateObject();
	int rc = event ? 0 : sdp_fail_memory(err);
	if (rc == 0)
		rc = sdp_doc_text(event, "event", name, err) < 0
			     ? -1
			     : sdp_doc_text(event, "at", now, err);
	for (const cJSON *item = more->child; rc == 0 && item; item = item->next) {
		cJSON *copy = cJSON_Duplicate(item, true);
		if (!copy || !cJSON_AddItemToObject(event, item->string, copy))
			rc = sdp_fail_memory(err);
	}
	if (rc == 0)
		return event;
	cJSON_Delete(event);
	return NULL;
}

int sdp_job_event(const struct sdp_folder *store, const char *id, const char *name,
		  const cJSON *more, struct sdp_err *err)
{
	static const struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	char path[SDP_JOB_PATH], plain[100], now[SDP_TIMESTAMP_SIZE];
	struct sdp_buf line = {0};
	sdp_job_file(path, id, "events.ndjson");
	sdp_timestamp_now(now);
	if (!more) { /* needs no memory */
		snprintf(plain, sizeof plain, "\n{\"event\":\"%s\",\"at\":\"%s\"}\n", name, now);
		return append(store, path, plain, true, err);
	}
	cJSON *event = make_event(name, now, more, err);
	int rc = event ? sdp_buf_add_text(&line, "\n", err) : -1;
	if (rc == 0)
		rc = sdp_doc_print(event, &style, &line, err);
	/* A path, or what another program says, may have other bytes. */
	if (rc == 0)
		sdp_utf8_mend(line.data, line.length);
	if (rc == 0)
		rc = append(store, path, line.data, true, err);
	cJSON_Delete(event);
	sdp_buf_release(&line);
	return rc;
}

void sdp_job_log(const struct sdp_folder *store, const char *id, const char *text, size_t length)
{
	char path[SDP_JOB_PATH], now[SDP_TIMESTAMP_SIZE];
	struct sdp_buf line = {0};
	struct sdp_err err;
	sdp_timestamp_now(now);
	if (sdp_buf_format(&line, &err, "\n%s %.*s\n", now, (int)length, text) == 0)
		(void)append(store, sdp_job_file(path, id, "log"), line.data, false, &err);
	sdp_buf_release(&line);
}

/*
 * ---- the lock: it belongs to an open file, so it passes from the starting process to the runner
 * ----
 */

int sdp_job_lock(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[SDP_JOB_PATH];
	int fd = sdp_folder_open_file(store, sdp_job_file(path, id, "lock"), O_RDWR | O_CREAT, err);
	if (fd < 0)
		return fd;
	int rc;
	do
		rc = fcntl(fd, F_OFD_SETLK, &all);
	while (rc < 0 && errno == EINTR && !sdp_interrupted);
	if (rc == 0)
		return fd;
	rc = errno == EAGAIN || errno == EACCES
		     ? SDP_HELD
		     : sdp_fail_errno(err, "cannot lock %s/%s", store->path, path);
	close(fd);
	return rc;
}

int sdp_job_locked(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	struct flock all = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	char path[SDP_JOB_PATH];
	int fd = sdp_folder_open_file(store, sdp_job_file(path, id, "lock"), O_RDONLY, err), rc = 0;
	if (fd < 0)
		return fd == SDP_ABSENT ? 0 : -1;
	if (fcntl(fd, F_OFD_GETLK, &all) < 0)
		rc = sdp_fail_errno(err, "cannot examine the lock %s/%s", store->path, path);
	close(fd);
	return rc < 0 ? -1 : all.l_type != F_UNLCK;
}

bool sdp_job_is_lock(const struct sdp_folder *store, const char *id, int fd)
{
	char path[SDP_JOB_PATH];
	struct stat mine, there;
	struct sdp_err err;
	return fstat(fd, &mine) == 0 &&
	       sdp_folder_stat(store, sdp_job_file(path, id, "lock"), &there, &err) == 0 &&
	       mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}
