/*
 * Writes the events and the log of a job. Also handles the lock that says whether it has a runner.
 */
#define _GNU_SOURCE
#include "jobs/jobs.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int append(const char *path, const struct sdp_buf *line, bool sync)
{
	struct sdp_buf whole = {0};
	struct sdp_err err;
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int rc = fd < 0 ? -1
			: sdp_buf_format(&whole, &err, "%s%s", ends_in_mid_line(fd) ? "\n" : "",
					 line->data);
	if (rc == 0)
		rc = sdp_write_all(fd, whole.data, whole.length);
	if (rc == 0 && sync)
		rc = fsync(fd);
	if (fd >= 0)
		close(fd);
	sdp_buf_release(&whole);
	return rc;
}

static cJSON *make_event(const char *name, const cJSON *more, struct sdp_err *err)
{
	char now[SDP_TIMESTAMP_SIZE];
	cJSON *event = cJSON_CreateObject();
	sdp_timestamp_now(now);
	int rc = event ? 0 : sdp_fail_memory(err);
	if (rc == 0)
		rc = sdp_doc_text(event, "event", name, err) < 0
			     ? -1
			     : sdp_doc_text(event, "at", now, err);
	for (const cJSON *item = more ? more->child : NULL; rc == 0 && item; item = item->next) {
		cJSON *copy = cJSON_Duplicate(item, true);
		if (!copy || !cJSON_AddItemToObject(event, item->string, copy))
			rc = sdp_fail_memory(err);
	}
	if (rc == 0)
		return event;
	cJSON_Delete(event);
	return NULL;
}

int sdp_job_event(const struct sdp_job_store *store, const char *id, const char *name,
		  const cJSON *more, struct sdp_err *err)
{
	static const struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	struct sdp_buf line = {0};
	char *path = sdp_job_path(store, id, "events.ndjson", err);
	cJSON *event = path ? make_event(name, more, err) : NULL;
	int rc = event ? sdp_doc_print(event, &style, &line, err) : -1;
	if (rc == 0 && append(path, &line, true) < 0)
		rc = sdp_fail_errno(err, "cannot write to %s", path);
	cJSON_Delete(event);
	free(path);
	sdp_buf_release(&line);
	return rc;
}

void sdp_job_log(const struct sdp_job_store *store, const char *id, const char *text, size_t length)
{
	struct sdp_buf line = {0};
	struct sdp_err err;
	char now[SDP_TIMESTAMP_SIZE], *path = sdp_job_path(store, id, "log", &err);
	sdp_timestamp_now(now);
	if (path && sdp_buf_format(&line, &err, "%s %.*s\n", now, (int)length, text) == 0)
		(void)append(path, &line, false);
	sdp_buf_release(&line);
	free(path);
}

/*
 * ---- the lock: it belongs to an open file, so it passes from the starting process to the runner
 * ----
 */

int sdp_job_lock(const struct sdp_job_store *store, const char *id, struct sdp_err *err)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = sdp_job_path(store, id, "lock", err);
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (path && fd < 0)
		sdp_fail_errno(err, "cannot open %s", path);
	if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &all) < 0) {
		bool held = errno == EAGAIN || errno == EACCES;
		if (!held)
			sdp_fail_errno(err, "cannot lock %s", path);
		close(fd);
		fd = held ? -2 : -1;
	}
	free(path);
	return fd;
}

bool sdp_job_locked(const struct sdp_job_store *store, const char *id)
{
	struct flock all = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	struct sdp_err err;
	char *path = sdp_job_path(store, id, "lock", &err);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	bool held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &all) == 0 && all.l_type != F_UNLCK;
	if (fd >= 0)
		close(fd);
	free(path);
	return held;
}

bool sdp_job_is_lock(const struct sdp_job_store *store, const char *id, int fd)
{
	struct stat mine, there;
	struct sdp_err err;
	char *path = sdp_job_path(store, id, "lock", &err);
	bool same = path && fstat(fd, &mine) == 0 && stat(path, &there) == 0 &&
		    mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
	free(path);
	return same;
}
