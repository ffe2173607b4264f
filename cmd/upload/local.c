/*
 * The local store: contents by their digests, and records that refer to them.
 *
 *	$SDP_HOME/files/objects/ab/SHA256       a content; it is never changed
 *	                index/ID.SHA256.json    a stored file: its record
 *	                pending/ID.SHA256.json  the same, to be sent to S3
 *	                tmp/UUID.data           an incoming content, locked while its process lives
 *	                tmp/ID.SHA256.json      a record that comes or goes
 *	                lock                    held for moments by who changes anything
 *
 * A file is stored by one rename, that of its record to index; what a process that died left
 * behind lies in tmp, whence the next one removes it, with a content that only it refers to.
 */
#include "base/signals.h"
#include "folder.h"
#include "net/percent.h"
#include "sdp/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- what the dead left ---- */

static int sweep_one(void *context, const char *name, struct sdp_err *err)
{
	const struct upload_local *local = context;
	char sha256[SHA + 1] = "";
	int rc = 0;
	if (upload_is_entry(name)) {
		snprintf(sha256, sizeof sha256, "%s", name + SDP_UUID_LENGTH + 1);
		rc = upload_drop_content(local, sha256, err);
	}
	char *path = rc == 0 ? upload_path_to(local, "tmp", name, err) : NULL;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlink(path);
	if (fd >= 0)
		close(fd);
	free(path);
	return path ? 0 : -1;
}

/* ---- storing ---- */

int upload_local_init(struct upload_local *local, const struct upload_settings *settings,
		      struct sdp_err *err)
{
	struct sdp_buf root = {0};
	int rc = sdp_buf_format(&root, err, "%s/files", settings->home);
	local->root = root.data;
	return rc;
}

void upload_local_release(struct upload_local *local)
{
	free(local->root);
}

int upload_local_begin(struct upload_local *local, struct upload_temp *temp, struct sdp_err *err)
{
	char id[SDP_UUID_LENGTH + 1];
	*temp = (struct upload_temp){.fd = -1, .slot = -1};
	struct sdp_buf path = {0};
	int held = upload_lock(local, "lock", err), rc = held < 0 ? -1 : 0;
	if (rc == 0)
		rc = upload_each_name(local, "tmp", sweep_one, local, err);
	if (rc == 0)
		rc = sdp_uuid_new(id, err);
	if (rc == 0)
		rc = sdp_buf_format(&path, err, "%s/tmp/%s.data", local->root, id);
	temp->path = path.data;
	int writer = rc == 0 ? sdp_signals_create(temp->path, 0600, &temp->slot) : -1;
	temp->fd = writer < 0 ? -1 : open(temp->path, O_RDWR | O_CLOEXEC);
	if (rc == 0 && (temp->fd < 0 || flock(temp->fd, LOCK_EX) < 0))
		rc = upload_store_fail(local, err);
	if (writer >= 0)
		close(writer);
	if (held >= 0)
		close(held);
	if (rc < 0)
		upload_local_abandon(temp);
	return rc;
}

void upload_local_abandon(struct upload_temp *temp)
{
	if (temp->slot >= 0) {
		unlink(temp->path);
		sdp_signals_forget(temp->slot);
	}
	if (temp->fd >= 0)
		close(temp->fd);
	free(temp->path);
	*temp = (struct upload_temp){.fd = -1, .slot = -1};
}

/* The record as a file in tmp, on the disk. */
static int write_entry(const char *path, const struct upload_record *record, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	int rc = upload_record_text(record, &text, err);
	int fd = rc == 0 ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	if (rc == 0 && (fd < 0 || sdp_write_all(fd, text.data, text.length) < 0 || fsync(fd) < 0))
		rc = sdp_fail_errno(err, "cannot write %s", path);
	if (fd >= 0)
		close(fd);
	sdp_buf_release(&text);
	return rc;
}

/* Is the content there with all its bytes?  One that cannot be read is as good as damaged. */
static bool is_whole(const char *object, const char *sha256)
{
	struct stat st;
	struct sdp_err why;
	char found[SDP_SHA256_HEX];
	int fd = open(object, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool whole =
		fstat(fd, &st) == 0 &&
		sdp_sha256_of_file(fd, 0, (uint64_t)st.st_size, object, found, NULL, &why) == 0 &&
		strcmp(found, sha256) == 0;
	close(fd);
	return whole;
}

/*
 * The content to its place, unless it is there: its old bytes are read before the new ones are
 * dropped.
 */
static int place_content(struct upload_local *local, struct upload_temp *temp, const char *object,
			 const char *sha256, struct sdp_err *err)
{
	char folder[4096];
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(object, '/') - object), object);
	bool there = access(object, F_OK) == 0;
	if (there && is_whole(object, sha256))
		return 0;
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return upload_store_fail(local, err);
	if (fchmod(temp->fd, 0400) < 0 || rename(temp->path, object) < 0 ||
	    upload_sync_folder(folder) < 0)
		return upload_store_fail(local, err);
	sdp_signals_forget(temp->slot);
	temp->slot = -1;
	char *objects = upload_path_to(local, "objects", "", err);
	int rc = objects && upload_sync_folder(objects) == 0 ? 0
		 : objects                                   ? upload_store_fail(local, err)
							     : -1;
	free(objects);
	if (rc == 0 && there)
		sdp_warn("%s: its bytes were damaged, and are now replaced", object);
	return rc;
}

/* file://…, encoded. */
static int set_uri(struct upload_record *record, const char *object, struct sdp_err *err)
{
	struct sdp_buf uri = {0};
	if (sdp_buf_add_text(&uri, "file://", err) < 0 ||
	    sdp_percent_encode(&uri, object, strlen(object), "/", err) < 0) {
		sdp_buf_release(&uri);
		return -1;
	}
	free(record->uri);
	record->uri = uri.data;
	return 0;
}

static int publish(struct upload_local *local, struct upload_temp *temp,
		   struct upload_record *record, struct sdp_err *err)
{
	char name[ENTRY + 1];
	const char *folder = record->pending ? "pending" : "index";
	/* Made under the lock, so that ids are in the order of storing. */
	if (sdp_uuid_new(record->id, err) < 0)
		return -1;
	upload_entry_name(name, record->id, record->sha256);
	char *object = upload_object_path(local, record->sha256, err),
	     *before = upload_path_to(local, "tmp", name, err);
	char *after = upload_path_to(local, folder, name, err),
	     *folder_path = upload_path_to(local, folder, "", err);
	int rc = object && before && after && folder_path ? 0 : -1;
	if (rc == 0)
		rc = upload_find_content(local, record->sha256, record->duplicate_of, err);
	if (rc == 0)
		rc = set_uri(record, object, err);
	if (rc == 0)
		rc = write_entry(before, record, err);
	if (rc == 0)
		rc = place_content(local, temp, object, record->sha256, err);
	if (rc == 0 && (rename(before, after) < 0 || upload_sync_folder(folder_path) < 0))
		rc = upload_store_fail(local, err);
	if (rc < 0 && before && after) {
		struct sdp_err ignored;
		unlink(after);
		upload_drop_content(local, record->sha256, &ignored);
		unlink(before);
	}
	free(object), free(before), free(after), free(folder_path);
	return rc;
}

int upload_local_commit(struct upload_local *local, struct upload_temp *temp,
			struct upload_record *record, struct sdp_err *err)
{
	record->s3 = false;
	if (fsync(temp->fd) < 0)
		return upload_store_fail(local, err);
	int held = upload_lock(local, "lock", err);
	if (held < 0)
		return -1;
	int rc = publish(local, temp, record, err);
	close(held);
	if (rc == 0)
		upload_local_abandon(temp);
	return rc;
}
