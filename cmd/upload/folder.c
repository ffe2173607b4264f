/* Names, folders and the lock of the local store (drawn in upload_local.c). */
#include "folder.h"
#include "base/signals.h"
#include "sdp/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- names ---- */

char *upload_path_to(const struct upload_local *local, const char *folder, const char *name,
		     struct sdp_err *err)
{
	struct sdp_buf path = {0};
	if (sdp_buf_format(&path, err, "%s/%s%s%s", local->root, folder, *name ? "/" : "", name) ==
	    0)
		return path.data;
	sdp_buf_release(&path);
	return NULL;
}

char *upload_object_path(const struct upload_local *local, const char *sha256, struct sdp_err *err)
{
	char name[3 + SHA + 1];
	snprintf(name, sizeof name, "%.2s/%s", sha256, sha256);
	return upload_path_to(local, "objects", name, err);
}

void upload_entry_name(char out[ENTRY + 1], const char *id, const char *sha256)
{
	snprintf(out, ENTRY + 1, "%s.%s.json", id, sha256);
}

bool upload_is_entry(const char *name)
{
	char id[SDP_UUID_LENGTH + 1];
	snprintf(id, sizeof id, "%s", name);
	return strlen(name) == ENTRY && sdp_uuid_valid(id) && name[SDP_UUID_LENGTH] == '.' &&
	       strspn(name + SDP_UUID_LENGTH + 1, "0123456789abcdef") == SHA &&
	       strcmp(name + ENTRY - 5, ".json") == 0;
}

static bool entry_has(const char *name, const char *sha256)
{
	return upload_is_entry(name) && memcmp(name + SDP_UUID_LENGTH + 1, sha256, SHA) == 0;
}

/* ---- files and folders ---- */

int upload_store_fail(const struct upload_local *local, struct sdp_err *err)
{
	return sdp_fail_errno(err, "cannot write to the store in %s", local->root);
}

int upload_make_folders(const char *path)
{
	char part[4096];
	if (strlen(path) >= sizeof part)
		return errno = ENAMETOOLONG, -1;
	for (size_t i = 1; i <= strlen(path); i++)
		if (path[i] == '/' || path[i] == '\0') {
			snprintf(part, sizeof part, "%.*s", (int)i, path);
			if (mkdir(part, 0700) < 0 && errno != EEXIST)
				return -1;
		}
	return 0;
}

int upload_sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Waits for the lock of a file; its descriptor, which holds it, or -1 with errno. */
static int lock_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), rc = -1;
	while (fd >= 0 && (rc = flock(fd, LOCK_EX)) < 0 && errno == EINTR && !sdp_interrupted)
		continue;
	if (fd >= 0 && rc < 0) {
		int saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	return fd;
}

int upload_lock(const struct upload_local *local, const char *name, struct sdp_err *err)
{
	static const char *const folders[] = {"objects", "index", "pending", "tmp"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char *path = upload_path_to(local, folders[i], "", err);
		int rc = path ? upload_make_folders(path) : -1;
		free(path);
		if (rc < 0)
			return path ? upload_store_fail(local, err) : -1;
	}
	char *path = upload_path_to(local, name, "", err);
	int fd = path ? lock_file(path) : -1;
	free(path);
	return fd < 0 && path ? upload_store_fail(local, err) : fd;
}

int upload_each_name(const struct upload_local *local, const char *folder,
		     int (*each)(void *context, const char *name, struct sdp_err *err),
		     void *context, struct sdp_err *err)
{
	char *path = upload_path_to(local, folder, "", err);
	DIR *dir = path ? opendir(path) : NULL;
	int rc = path ? 0 : -1;
	if (path && !dir && errno != ENOENT)
		rc = sdp_fail_errno(err, "cannot read %s", path);
	for (struct dirent *d; rc == 0 && dir && (d = readdir(dir));)
		if (d->d_name[0] != '.')
			rc = each(context, d->d_name, err);
	if (dir)
		closedir(dir);
	free(path);
	return rc;
}

/* ---- who refers to a content ---- */

struct search {
	const char *sha256;
	char first[SDP_UUID_LENGTH + 1]; /* the oldest record's id */
};

static int look_at(void *context, const char *name, struct sdp_err *err)
{
	struct search *s = context;
	(void)err;
	if (entry_has(name, s->sha256) &&
	    (!*s->first || strncmp(name, s->first, SDP_UUID_LENGTH) < 0))
		snprintf(s->first, sizeof s->first, "%.*s", SDP_UUID_LENGTH, name);
	return 0;
}

int upload_find_content(const struct upload_local *local, const char *sha256,
			char first[SDP_UUID_LENGTH + 1], struct sdp_err *err)
{
	struct search s = {.sha256 = sha256};
	if (upload_each_name(local, "index", look_at, &s, err) < 0 ||
	    upload_each_name(local, "pending", look_at, &s, err) < 0)
		return -1;
	memcpy(first, s.first, sizeof s.first);
	return 0;
}

int upload_drop_content(const struct upload_local *local, const char *sha256, struct sdp_err *err)
{
	char first[SDP_UUID_LENGTH + 1];
	if (upload_find_content(local, sha256, first, err) < 0 || *first)
		return *first ? 0 : -1;
	char *path = upload_object_path(local, sha256, err);
	int rc = path && (unlink(path) == 0 || errno == ENOENT) ? 0
		 : path                                         ? upload_store_fail(local, err)
								: -1;
	free(path);
	return rc;
}
