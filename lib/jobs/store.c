/*
 * The store of jobs: its folders and its lock, and the adding and removing of jobs (see the drawing
 * in job.h).
 */
#include "jobs/jobs.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const struct sdp_job_store *store, struct sdp_err *err)
{
	return sdp_fail_errno(err, "cannot write to the store in %s", store->root);
}

int sdp_job_make_folders(const char *path)
{
	char part[4096];
	size_t length = strlen(path);
	if (length >= sizeof part)
		return errno = ENAMETOOLONG, -1;
	for (size_t i = 1; i <= length; i++)
		if (path[i] == '/' || path[i] == '\0') {
			snprintf(part, sizeof part, "%.*s", (int)i, path);
			if (mkdir(part, 0700) < 0 && errno != EEXIST)
				return -1;
		}
	return 0;
}

int sdp_job_store_lock(const struct sdp_job_store *store, bool wait, struct sdp_err *err)
{
	static const char *const folders[] = {".active", ".tmp"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char *path = sdp_job_path(store, folders[i], "", err);
		int rc = path ? sdp_job_make_folders(path) : -1;
		if (path && rc < 0)
			fail(store, err);
		free(path);
		if (rc < 0)
			return -1;
	}
	char *path = sdp_job_path(store, "", ".lock", err);
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1, rc = -1;
	free(path);
	if (fd < 0)
		return path ? fail(store, err) : -1;
	while ((rc = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB)) < 0 && errno == EINTR)
		continue;
	if (rc == 0)
		return fd;
	bool held = errno == EWOULDBLOCK;
	if (!held)
		fail(store, err);
	close(fd);
	return held ? -2 : -1;
}

/* ---- adding and removing ---- */

static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int write_request(const char *folder, const cJSON *request, struct sdp_err *err)
{
	static const struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	struct sdp_buf path = {0}, text = {0};
	int rc = sdp_buf_format(&path, err, "%s/job.json", folder);
	if (rc == 0)
		rc = sdp_doc_print(request, &style, &text, err);
	int fd = rc == 0 ? open(path.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	if (rc == 0 && (fd < 0 || sdp_write_all(fd, text.data, text.length) < 0 || fsync(fd) < 0))
		rc = sdp_fail_errno(err, "cannot write %s", path.data);
	if (fd >= 0)
		close(fd);
	sdp_buf_release(&path);
	sdp_buf_release(&text);
	return rc;
}

int sdp_job_store_activate(const struct sdp_job_store *store, const char *id, bool active,
			   struct sdp_err *err)
{
	char *path = sdp_job_path(store, ".active", id, err);
	int rc = path ? 0 : -1;
	if (path && active) {
		int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		rc = fd < 0 ? fail(store, err) : 0;
		if (fd >= 0)
			close(fd);
	} else if (path && unlink(path) < 0 && errno != ENOENT) {
		rc = fail(store, err);
	}
	free(path);
	return rc;
}

int sdp_job_store_add(const struct sdp_job_store *store, cJSON *request,
		      char id[SDP_UUID_LENGTH + 1], struct sdp_err *err)
{
	char now[SDP_TIMESTAMP_SIZE], unborn[SDP_UUID_LENGTH + 8];
	if (sdp_uuid_new(id, err) < 0)
		return -1;
	sdp_timestamp_now(now);
	if (sdp_doc_text(request, "job_id", id, err) < 0 ||
	    sdp_doc_text(request, "created_at", now, err) < 0)
		return -1;
	char *before = sdp_job_path(store, ".tmp", id, err),
	     *after = sdp_job_path(store, id, "", err);
	char *active = sdp_job_path(store, ".active", "", err);
	int rc = before && after && active ? 0 : -1;
	if (rc == 0 && mkdir(before, 0700) < 0)
		rc = fail(store, err);
	if (rc == 0)
		rc = write_request(before, request, err);
	if (rc == 0) {
		snprintf(unborn, sizeof unborn, ".tmp/%s", id);
		rc = sdp_job_event(store, unborn, "submitted", NULL, err);
	}
	/*
	 * The marker is made before the job: a marker without a job is harmless, but a job without
	 * a marker would never be started.
	 */
	if (rc == 0)
		rc = sdp_job_store_activate(store, id, true, err);
	if (rc == 0 && (sync_folder(before) < 0 || sync_folder(active) < 0 ||
			rename(before, after) < 0 || sync_folder(store->root) < 0))
		rc = fail(store, err);
	free(before), free(after), free(active);
	return rc;
}

int sdp_job_remove_tree(const char *path, struct sdp_err *err)
{
	DIR *dir = opendir(path);
	int rc = 0;
	for (const struct dirent *d; rc == 0 && dir && (d = readdir(dir));) {
		struct sdp_buf name = {0};
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		rc = sdp_buf_format(&name, err, "%s/%s", path, d->d_name);
		if (rc == 0 && unlink(name.data) < 0)
			rc = errno == EISDIR || errno == EPERM ? sdp_job_remove_tree(name.data, err)
			     : errno == ENOENT                 ? 0
					       : sdp_fail_errno(err, "cannot remove %s", name.data);
		sdp_buf_release(&name);
	}
	if (dir)
		closedir(dir);
	if (rc == 0 && rmdir(path) < 0 && errno != ENOENT)
		rc = sdp_fail_errno(err, "cannot remove %s", path);
	return rc;
}

int sdp_job_store_remove(const struct sdp_job_store *store, const char *id, struct sdp_err *err)
{
	char *before = sdp_job_path(store, id, "", err),
	     *after = sdp_job_path(store, ".tmp", id, err);
	int rc = before && after ? 0 : -1;
	if (rc == 0 && rename(before, after) < 0)
		rc = fail(store, err);
	if (rc == 0)
		rc = sdp_job_remove_tree(after, err);
	free(before), free(after);
	return rc;
}

static int sweep_one(void *context, const char *id, struct sdp_err *err)
{
	char *path = sdp_job_path(context, ".tmp", id, err);
	int rc = path ? sdp_job_remove_tree(path, err) : -1;
	free(path);
	return rc;
}

int sdp_job_store_sweep(const struct sdp_job_store *store, struct sdp_err *err)
{
	return sdp_job_store_each(store, ".tmp", sweep_one, (void *)store, err);
}
