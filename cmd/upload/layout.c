/* The names and folders below $SDP_HOME, for the local store and for uploads in progress. */
#include "sdp/mem.h"
#include "upload.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

void upload_entry_name(char out[UPLOAD_ENTRY + 1], const char *id, const char *sha256)
{
	snprintf(out, UPLOAD_ENTRY + 1, "%s.%s.json", id, sha256);
}

bool upload_is_entry(const char *name)
{
	char id[SDP_UUID_LENGTH + 1];
	snprintf(id, sizeof id, "%s", name);
	return strlen(name) == UPLOAD_ENTRY && sdp_uuid_valid(id) && name[SDP_UUID_LENGTH] == '.' &&
	       strspn(name + SDP_UUID_LENGTH + 1, "0123456789abcdef") == UPLOAD_SHA &&
	       strcmp(name + UPLOAD_ENTRY - 5, ".json") == 0;
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
