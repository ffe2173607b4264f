/*
 * The local store: contents, named by their digests, and records that refer to them.
 *
 *	$SDP_HOME/files/objects/ab/SHA256       a content; it is never changed
 *	                index/ID.SHA256.json    the record of a stored file
 *	                pending/ID.SHA256.json  the record of a file that is still to be sent to S3
 *	                tmp/UUID.data           an incoming content, locked while its process lives
 *	                tmp/ID.SHA256.json      a record that is being added or removed
 *	                lock                    held briefly by each process that changes the store
 *
 * The rename of its record to index stores a file. If a process dies, its files stay in tmp. The
 * next process removes them, and also a content that only such a record refers to.
 */
#include "base/signals.h"
#include "net/percent.h"
#include "sdp/mem.h"
#include "upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_MOST = 1 << 20 };

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

/* ---- folders and locks ---- */

/* Fails with errno: the store is not writable. */
static int store_fail(const struct upload_local *local, struct sdp_err *err)
{
	return sdp_fail_errno(err, "cannot write to the store in %s", local->root);
}

static char *object_path(const struct upload_local *local, const char *sha256, struct sdp_err *err)
{
	char name[3 + UPLOAD_SHA + 1];
	snprintf(name, sizeof name, "%.2s/%s", sha256, sha256);
	return upload_path_to(local, "objects", name, err);
}

static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Opens a file and waits for its lock. Returns the descriptor, or -1 with errno set. */
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

/*
 * Makes the folders of the store if necessary and waits for the lock of this name. Returns a
 * descriptor, which the caller closes, or -1.
 */
static int lock_store(const struct upload_local *local, const char *name, struct sdp_err *err)
{
	static const char *const folders[] = {"objects", "index", "pending", "tmp"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char *path = upload_path_to(local, folders[i], "", err);
		int rc = path ? upload_make_folders(path) : -1;
		free(path);
		if (rc < 0)
			return path ? store_fail(local, err) : -1;
	}
	char *path = upload_path_to(local, name, "", err);
	int fd = path ? lock_file(path) : -1;
	free(path);
	return fd < 0 && path ? store_fail(local, err) : fd;
}

int upload_local_sync_lock(struct upload_local *local, struct sdp_err *err)
{
	return lock_store(local, "lock.sync", err);
}

/* ---- records that refer to a content ---- */

static bool entry_has(const char *name, const char *sha256)
{
	return upload_is_entry(name) && memcmp(name + SDP_UUID_LENGTH + 1, sha256, UPLOAD_SHA) == 0;
}

struct search {
	const char *sha256;
	char first[SDP_UUID_LENGTH + 1]; /* id of the oldest record */
};

static int note_oldest(void *context, const char *name, struct sdp_err *err)
{
	struct search *s = context;
	(void)err;
	if (entry_has(name, s->sha256) &&
	    (!*s->first || strncmp(name, s->first, SDP_UUID_LENGTH) < 0))
		snprintf(s->first, sizeof s->first, "%.*s", SDP_UUID_LENGTH, name);
	return 0;
}

/* Sets first to the id of the oldest stored file with this content, or to "". */
static int find_content(const struct upload_local *local, const char *sha256,
			char first[SDP_UUID_LENGTH + 1], struct sdp_err *err)
{
	struct search s = {.sha256 = sha256};
	if (upload_each_name(local, "index", note_oldest, &s, err) < 0 ||
	    upload_each_name(local, "pending", note_oldest, &s, err) < 0)
		return -1;
	memcpy(first, s.first, sizeof s.first);
	return 0;
}

/* Removes a content unless a record refers to it. The lock must be held. */
static int drop_content(const struct upload_local *local, const char *sha256, struct sdp_err *err)
{
	char first[SDP_UUID_LENGTH + 1];
	if (find_content(local, sha256, first, err) < 0 || *first)
		return *first ? 0 : -1;
	char *path = object_path(local, sha256, err);
	int rc = path && (unlink(path) == 0 || errno == ENOENT) ? 0
		 : path                                         ? store_fail(local, err)
								: -1;
	free(path);
	return rc;
}

/* ---- files of processes that died ---- */

static int sweep_one(void *context, const char *name, struct sdp_err *err)
{
	const struct upload_local *local = context;
	char sha256[UPLOAD_SHA + 1] = "";
	int rc = 0;
	if (upload_is_entry(name)) {
		snprintf(sha256, sizeof sha256, "%s", name + SDP_UUID_LENGTH + 1);
		rc = drop_content(local, sha256, err);
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

int upload_local_begin(struct upload_local *local, struct upload_temp *temp, struct sdp_err *err)
{
	char id[SDP_UUID_LENGTH + 1];
	*temp = (struct upload_temp){.fd = -1, .slot = -1};
	struct sdp_buf path = {0};
	int held = lock_store(local, "lock", err), rc = held < 0 ? -1 : 0;
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
		rc = store_fail(local, err);
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

/* Writes the record to a file in tmp and syncs it to disk. */
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

/* Returns whether the content is complete, by its digest. An unreadable file counts as damaged. */
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

/* Moves a content to its place, unless an intact copy is there. */
static int place_content(struct upload_local *local, struct upload_temp *temp, const char *object,
			 const char *sha256, struct sdp_err *err)
{
	char folder[4096];
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(object, '/') - object), object);
	bool there = access(object, F_OK) == 0;
	if (there && is_whole(object, sha256))
		return 0;
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return store_fail(local, err);
	if (fchmod(temp->fd, 0400) < 0 || rename(temp->path, object) < 0 || sync_folder(folder) < 0)
		return store_fail(local, err);
	sdp_signals_forget(temp->slot);
	temp->slot = -1;
	char *objects = upload_path_to(local, "objects", "", err);
	int rc = objects && sync_folder(objects) == 0 ? 0 : objects ? store_fail(local, err) : -1;
	free(objects);
	if (rc == 0 && there)
		sdp_warn("%s: its bytes were damaged, and are now replaced", object);
	return rc;
}

/* Sets the record's uri to file://…, percent-encoded. */
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
	char name[UPLOAD_ENTRY + 1];
	const char *folder = record->pending ? "pending" : "index";
	/* The id is made under the lock, so that ids are in the order of storing. */
	if (sdp_uuid_new(record->id, err) < 0)
		return -1;
	upload_entry_name(name, record->id, record->sha256);
	char *object = object_path(local, record->sha256, err),
	     *before = upload_path_to(local, "tmp", name, err);
	char *after = upload_path_to(local, folder, name, err),
	     *folder_path = upload_path_to(local, folder, "", err);
	int rc = object && before && after && folder_path ? 0 : -1;
	if (rc == 0)
		rc = find_content(local, record->sha256, record->duplicate_of, err);
	if (rc == 0)
		rc = set_uri(record, object, err);
	if (rc == 0)
		rc = write_entry(before, record, err);
	if (rc == 0)
		rc = place_content(local, temp, object, record->sha256, err);
	if (rc == 0 && (rename(before, after) < 0 || sync_folder(folder_path) < 0))
		rc = store_fail(local, err);
	if (rc < 0 && before && after) {
		struct sdp_err ignored;
		unlink(after);
		drop_content(local, record->sha256, &ignored);
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
		return store_fail(local, err);
	int held = lock_store(local, "lock", err);
	if (held < 0)
		return -1;
	int rc = publish(local, temp, record, err);
	close(held);
	if (rc == 0)
		upload_local_abandon(temp);
	return rc;
}

/* ---- listing, reading and removing ---- */

/* Reads a record. Returns 1, or 0 if the file is gone, or -1. */
static int read_record(const char *path, struct upload_record *record, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : sdp_fail_errno(err, "cannot read %s", path);
	int rc = sdp_buf_reserve(&text, RECORD_MOST, err);
	ssize_t n = rc == 0 ? sdp_read_at(fd, text.data, RECORD_MOST, 0) : 0;
	if (n < 0)
		rc = sdp_fail_errno(err, "cannot read %s", path);
	if (rc == 0) {
		text.data[n] = '\0';
		rc = upload_record_parse(record, text.data, path, err);
	}
	close(fd);
	sdp_buf_release(&text);
	return rc < 0 ? -1 : 1;
}

struct listing {
	const struct upload_local *local;
	const char *folder, *id; /* id: only this file; NULL: all */
	struct upload_records *out;
};

static int take_entry(void *context, const char *name, struct sdp_err *err)
{
	struct listing *l = context;
	struct upload_record record = {0};
	if (!upload_is_entry(name) || (l->id && memcmp(name, l->id, SDP_UUID_LENGTH) != 0))
		return 0;
	char *path = upload_path_to(l->local, l->folder, name, err);
	int rc = path ? read_record(path, &record, err) : -1;
	free(path);
	if (rc == 1)
		rc = upload_records_take(l->out, &record, err);
	upload_record_release(&record);
	return rc;
}

int upload_local_find_duplicates(const struct upload_local *local, struct upload_record *record,
				 struct sdp_err *err)
{
	if (find_content(local, record->sha256, record->duplicate_of, err) < 0)
		return -1;
	/* The oldest file is not a duplicate. If this file itself is being removed, it has none. */
	if (strcmp(record->duplicate_of, record->id) >= 0)
		record->duplicate_of[0] = '\0';
	return 0;
}

int upload_local_list(struct upload_local *local, bool pending, struct upload_records *out,
		      struct sdp_err *err)
{
	struct listing index = {local, "index", NULL, out}, waiting = {local, "pending", NULL, out};
	int rc = pending ? 0 : upload_each_name(local, "index", take_entry, &index, err);
	if (rc == 0)
		rc = upload_each_name(local, "pending", take_entry, &waiting, err);
	if (rc == 0 && !pending)
		rc = upload_records_find_duplicates(out, err);
	for (size_t i = 0; rc == 0 && pending && i < out->count; i++)
		if (out->items[i].pending)
			rc = upload_local_find_duplicates(local, &out->items[i], err);
	upload_records_sort(out);
	return rc;
}

int upload_local_find(struct upload_local *local, const char *id, struct upload_record *record,
		      struct sdp_err *err)
{
	struct upload_records found = {0};
	struct listing index = {local, "index", id, &found},
		       waiting = {local, "pending", id, &found};
	int rc = upload_each_name(local, "index", take_entry, &index, err);
	if (rc == 0 && found.count == 0)
		rc = upload_each_name(local, "pending", take_entry, &waiting, err);
	if (rc == 0 && found.count) {
		*record = found.items[0];
		found.items[0] = (struct upload_record){0};
		rc = 1;
	}
	upload_records_release(&found);
	return rc;
}

int upload_local_open(struct upload_local *local, const struct upload_record *record,
		      struct sdp_err *err)
{
	char *path = object_path(local, record->sha256, err);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (path && fd < 0)
		sdp_fail(err, errno == ENOENT ? SDP_DATA : SDP_SYSTEM, "cannot open %.600s: %s",
			 path, strerror(errno));
	free(path);
	return fd;
}

/*
 * Removes a file. The record is moved to tmp first: if this process dies, the next one finishes the
 * removal.
 */
static int remove_record(struct upload_local *local, const struct upload_record *record,
			 struct sdp_err *err)
{
	char name[UPLOAD_ENTRY + 1];
	const char *folder = record->pending ? "pending" : "index";
	upload_entry_name(name, record->id, record->sha256);
	char *before = upload_path_to(local, folder, name, err),
	     *after = upload_path_to(local, "tmp", name, err);
	int rc = before && after ? 0 : -1;
	if (rc == 0 && rename(before, after) < 0)
		rc = store_fail(local, err);
	if (rc == 0)
		rc = drop_content(local, record->sha256, err);
	if (rc == 0 && unlink(after) < 0)
		rc = store_fail(local, err);
	free(before);
	free(after);
	return rc;
}

int upload_local_remove(struct upload_local *local, const struct upload_record *record,
			struct sdp_err *err)
{
	int held = lock_store(local, "lock", err);
	if (held < 0)
		return -1;
	int rc = remove_record(local, record, err);
	close(held);
	return rc;
}
