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
#include "storage/local.h"

#include "base/file.h"
#include "base/signals.h"
#include "net/percent.h"
#include "sdp/messages.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_MOST = 1 << 20 };

int sdp_upload_local_open(struct sdp_folder *store, const struct sdp_upload_settings *settings,
			  struct sdp_err *err)
{
	return sdp_folder_open(store, settings->home, "files", err);
}

/* ---- paths and locks ---- */

/* The lengths of "objects/ab/SHA256" and "pending/ENTRY", the longest paths, and their NULs. */
enum { OBJECT = 8 + 3 + SDP_UPLOAD_SHA + 1, ENTRY = 8 + SDP_UPLOAD_ENTRY + 1 };

static void object_path(char path[OBJECT], const char *sha256)
{
	snprintf(path, OBJECT, "objects/%.2s/%.*s", sha256, SDP_UPLOAD_SHA, sha256);
}

/* Writes the path of a record in a folder, "tmp" while it is added or removed. */
static void entry_path(char path[ENTRY], const char *folder, const struct sdp_upload_record *record)
{
	char name[SDP_UPLOAD_ENTRY + 1];
	sdp_upload_entry_name(name, record->id, record->sha256);
	snprintf(path, ENTRY, "%s/%s", folder, name);
}

static const char *folder_of(const struct sdp_upload_record *record)
{
	return record->pending ? "pending" : "index";
}

/*
 * Makes the folders of the store if necessary and waits for the lock of this name. Returns a
 * descriptor, which the caller closes, or -1.
 */
static int lock_store(struct sdp_folder *store, const char *name, struct sdp_err *err)
{
	static const char *const folders[] = {"objects", "index", "pending", "tmp"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (sdp_folder_make(store, folders[i], err) < 0)
			return -1;
	return sdp_folder_lock(store, name, true, err);
}

int sdp_upload_local_sync_lock(struct sdp_folder *store, struct sdp_err *err)
{
	return lock_store(store, "lock.sync", err);
}

/* ---- records that refer to a content ---- */

static bool entry_has(const char *name, const char *sha256)
{
	return sdp_upload_is_entry(name) &&
	       memcmp(name + SDP_UUID_LENGTH + 1, sha256, SDP_UPLOAD_SHA) == 0;
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
static int find_content(const struct sdp_folder *store, const char *sha256,
			char first[SDP_UUID_LENGTH + 1], struct sdp_err *err)
{
	struct search s = {.sha256 = sha256};
	if (sdp_folder_each(store, "index", note_oldest, &s, err) < 0 ||
	    sdp_folder_each(store, "pending", note_oldest, &s, err) < 0)
		return -1;
	memcpy(first, s.first, sizeof s.first);
	return 0;
}

/* Removes a content unless a record refers to it. The lock must be held. */
static int drop_content(const struct sdp_folder *store, const char *sha256, struct sdp_err *err)
{
	char first[SDP_UUID_LENGTH + 1], object[OBJECT];
	object_path(object, sha256);
	if (find_content(store, sha256, first, err) < 0)
		return -1;
	return *first ? 0 : sdp_folder_remove(store, object, err);
}

/* ---- files of processes that died ---- */

/* What is no file, or cannot be opened or locked, is left alone: it is not of such a process. */
static int sweep_one(void *context, const char *name, struct sdp_err *err)
{
	struct sdp_folder *store = context;
	struct sdp_err ignored;
	char path[sizeof "tmp/" + NAME_MAX];
	snprintf(path, sizeof path, "tmp/%s", name);
	int fd = sdp_folder_open_file(store, path, O_RDONLY, &ignored), rc = 0;
	if (fd < 0)
		return 0;
	if (sdp_file_lock(fd, false) == 0) {
		if (sdp_upload_is_entry(name))
			rc = drop_content(store, name + SDP_UUID_LENGTH + 1, err);
		if (rc == 0)
			rc = sdp_folder_remove(store, path, err);
	}
	close(fd);
	return rc;
}

/* ---- storing ---- */

int sdp_upload_local_begin(struct sdp_folder *store, struct sdp_upload_temp *temp,
			   struct sdp_err *err)
{
	char id[SDP_UUID_LENGTH + 1];
	*temp = (struct sdp_upload_temp){.fd = -1, .slot = -1};
	int held = lock_store(store, "lock", err), rc = held < 0 ? -1 : 0;
	if (rc == 0)
		rc = sdp_folder_each(store, "tmp", sweep_one, store, err);
	if (rc == 0)
		rc = sdp_uuid_new(id, err);
	if (rc == 0) {
		snprintf(temp->name, sizeof temp->name, "tmp/%s.data", id);
		temp->path = sdp_folder_path(store, temp->name, err);
	}
	int writer = temp->path ? sdp_signals_create(temp->path, 0600, &temp->slot) : -1;
	if (temp->path && writer < 0)
		rc = sdp_fail_errno(err, "cannot write to %s", temp->path);
	temp->fd = writer < 0 ? -1 : sdp_folder_open_file(store, temp->name, O_RDWR, err);
	if (temp->fd == SDP_ABSENT)
		rc = sdp_fail(err, SDP_SYSTEM, "%s was removed meanwhile", temp->path);
	if (temp->fd >= 0 && sdp_file_lock(temp->fd, true) < 0)
		rc = sdp_fail_errno(err, "cannot lock %s", temp->path);
	sdp_file_close(writer);
	sdp_file_close(held);
	if (rc == 0 && temp->fd >= 0)
		return 0;
	sdp_upload_local_abandon(temp);
	return -1;
}

void sdp_upload_local_abandon(struct sdp_upload_temp *temp)
{
	if (temp->slot >= 0) {
		unlink(temp->path);
		sdp_signals_forget(temp->slot);
	}
	if (temp->fd >= 0)
		close(temp->fd);
	free(temp->path);
	*temp = (struct sdp_upload_temp){.fd = -1, .slot = -1};
}

/* Writes the record to a file in tmp and syncs it to disk. */
static int write_entry(const struct sdp_folder *store, const char *path,
		       const struct sdp_upload_record *record, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	int rc = sdp_upload_record_text(record, &text, err);
	if (rc == 0)
		rc = sdp_folder_write(store, path, O_EXCL, text.data, text.length, err);
	sdp_buf_release(&text);
	return rc;
}

/*
 * Returns whether the content of the record is complete, by its length and digest: 1, 0 or -1. What
 * is not a file, or cannot be opened, is not.
 */
static int is_whole(const struct sdp_folder *store, const char *object,
		    const struct sdp_upload_record *record, struct sdp_err *err)
{
	struct stat st;
	char found[SDP_SHA256_HEX];
	int fd = sdp_folder_open_file(store, object, O_RDONLY, err);
	if (fd < 0)
		return 0;
	int rc = fstat(fd, &st) < 0 ? sdp_fail_errno(err, "cannot read %s", object) : 0;
	bool same_length = rc == 0 && (uint64_t)st.st_size == record->size;
	if (same_length)
		rc = sdp_sha256_of_file(fd, 0, record->size, object, found, NULL, err);
	close(fd);
	return rc < 0 ? (err->code == SDP_DATA ? 0 : -1)
		      : same_length && strcmp(found, record->sha256) == 0;
}

/* Moves a content to its place, unless an intact copy is there. */
static int place_content(struct sdp_folder *store, struct sdp_upload_temp *temp, const char *object,
			 const struct sdp_upload_record *record, struct sdp_err *err)
{
	struct stat st;
	char folder[sizeof "objects/ab"];
	snprintf(folder, sizeof folder, "objects/%.2s", record->sha256);
	int there = sdp_folder_stat(store, object, &st, err);
	int whole = there == 0 ? is_whole(store, object, record, err) : 0;
	if (there == -1 || whole != 0)
		return whole == 1 ? 0 : -1;
	if (sdp_folder_make(store, folder, err) < 0)
		return -1;
	if (fchmod(temp->fd, 0400) < 0)
		return sdp_fail_errno(err, "cannot write to %s", temp->path);
	if (sdp_folder_move(store, temp->name, object, err) < 0)
		return -1;
	sdp_signals_forget(temp->slot);
	temp->slot = -1;
	int rc = sdp_folder_sync(store, "objects", err);
	if (rc == 0 && there == 0)
		sdp_warn("%s/%s: its bytes were damaged and have been replaced", store->path,
			 object);
	return rc;
}

/* Sets the record's uri to file://…, percent-encoded. */
static int set_uri(const struct sdp_folder *store, struct sdp_upload_record *record,
		   const char *object, struct sdp_err *err)
{
	struct sdp_buf uri = {0};
	char *path = sdp_folder_path(store, object, err);
	if (!path || sdp_buf_add_text(&uri, "file://", err) < 0 ||
	    sdp_percent_encode(&uri, path, strlen(path), "/", err) < 0) {
		free(path);
		sdp_buf_release(&uri);
		return -1;
	}
	free(path);
	free(record->uri);
	record->uri = uri.data;
	return 0;
}

static int publish(struct sdp_folder *store, struct sdp_upload_temp *temp,
		   struct sdp_upload_record *record, struct sdp_err *err)
{
	struct sdp_err ignored;
	char object[OBJECT], before[ENTRY], after[ENTRY];
	/* The id is made under the lock, so that ids are in the order of storing. */
	if (sdp_uuid_new(record->id, err) < 0 ||
	    find_content(store, record->sha256, record->duplicate_of, err) < 0)
		return -1;
	object_path(object, record->sha256);
	entry_path(before, "tmp", record);
	entry_path(after, folder_of(record), record);
	int rc = set_uri(store, record, object, err);
	if (rc == 0)
		rc = write_entry(store, before, record, err);
	if (rc == 0)
		rc = place_content(store, temp, object, record, err);
	if (rc == 0)
		rc = sdp_folder_move(store, before, after, err);
	if (rc < 0) {
		sdp_folder_remove(store, after, &ignored);
		drop_content(store, record->sha256, &ignored);
		sdp_folder_remove(store, before, &ignored);
	}
	return rc;
}

int sdp_upload_local_commit(struct sdp_folder *store, struct sdp_upload_temp *temp,
			    struct sdp_upload_record *record, struct sdp_err *err)
{
	record->s3 = false;
	if (sdp_file_sync(temp->fd) < 0)
		return sdp_fail_errno(err, "cannot write to %s", temp->path);
	int held = lock_store(store, "lock", err);
	if (held < 0)
		return -1;
	int rc = publish(store, temp, record, err);
	close(held);
	if (rc == 0)
		sdp_upload_local_abandon(temp);
	return rc;
}

/* ---- listing, reading and removing ---- */

struct listing {
	const struct sdp_folder *store;
	const char *folder, *id; /* id: only this file; NULL: all */
	struct sdp_upload_records *out;
};

/* Reads a record. Skips one that has been removed meanwhile. */
static int take_entry(void *context, const char *name, struct sdp_err *err)
{
	struct listing *l = context;
	struct sdp_upload_record record = {0};
	struct sdp_buf text = {0};
	char path[ENTRY];
	if (!sdp_upload_is_entry(name) || (l->id && memcmp(name, l->id, SDP_UUID_LENGTH) != 0))
		return 0;
	snprintf(path, sizeof path, "%s/%s", l->folder, name);
	int rc = sdp_folder_read(l->store, path, RECORD_MOST, &text, err);
	char *where = rc == 0 ? sdp_folder_path(l->store, path, err) : NULL;
	if (rc == 0)
		rc = where ? sdp_upload_record_parse(&record, &text, where, err) : -1;
	if (rc == 0)
		rc = sdp_upload_records_take(l->out, &record, err);
	else if (rc == -1 && !l->id)
		rc = sdp_upload_records_skip(l->out, err);
	sdp_upload_record_release(&record);
	sdp_buf_release(&text);
	free(where);
	return rc == SDP_ABSENT ? 0 : rc;
}

static int take_folder(const struct sdp_folder *store, const char *folder, const char *id,
		       struct sdp_upload_records *out, struct sdp_err *err)
{
	struct listing l = {store, folder, id, out};
	return sdp_folder_each(store, folder, take_entry, &l, err);
}

int sdp_upload_local_find_duplicates(const struct sdp_folder *store,
				     struct sdp_upload_record *record, struct sdp_err *err)
{
	if (find_content(store, record->sha256, record->duplicate_of, err) < 0)
		return -1;
	/* The oldest file is not a duplicate. If this file itself is being removed, it has none. */
	if (strcmp(record->duplicate_of, record->id) >= 0)
		record->duplicate_of[0] = '\0';
	return 0;
}

int sdp_upload_local_list(struct sdp_folder *store, bool pending, bool partly,
			  struct sdp_upload_records *out, struct sdp_err *err)
{
	int rc = pending ? 0 : take_folder(store, "index", NULL, out, err);
	if (rc < 0 && partly)
		rc = sdp_upload_records_skip(out, err);
	if (rc == 0)
		rc = take_folder(store, "pending", NULL, out, err);
	if (rc < 0 && partly)
		rc = sdp_upload_records_skip(out, err);
	if (rc == 0 && !pending)
		rc = sdp_upload_records_find_duplicates(out, err);
	for (size_t i = 0; rc == 0 && pending && i < out->count; i++)
		if (out->items[i].pending)
			rc = sdp_upload_local_find_duplicates(store, &out->items[i], err);
	sdp_upload_records_sort(out);
	return rc;
}

int sdp_upload_local_find(struct sdp_folder *store, const char *id,
			  struct sdp_upload_record *record, struct sdp_err *err)
{
	struct sdp_upload_records found = {0};
	int rc = take_folder(store, "index", id, &found, err);
	if (rc == 0 && found.count == 0)
		rc = take_folder(store, "pending", id, &found, err);
	if (rc == 0 && found.count) {
		*record = found.items[0];
		found.items[0] = (struct sdp_upload_record){0};
		rc = 1;
	}
	sdp_upload_records_release(&found);
	return rc;
}

int sdp_upload_local_read(struct sdp_folder *store, const struct sdp_upload_record *record,
			  struct sdp_err *err)
{
	char object[OBJECT];
	object_path(object, record->sha256);
	int fd = sdp_folder_open_file(store, object, O_RDONLY, err);
	return fd == SDP_ABSENT
		       ? sdp_fail(err, SDP_DATA, "cannot open %s/%s: No such file or directory",
				  store->path, object)
		       : fd;
}

/*
 * Removes a file. The record is moved to tmp first: if this process dies, the next one finishes the
 * removal. If it fails, the record is moved back, as the file is still there; the folders are open
 * then, because what failed may be the opening of files.
 */
static int remove_record(struct sdp_folder *store, const struct sdp_upload_record *record, int home,
			 int tmp, struct sdp_err *err)
{
	struct sdp_err why;
	char before[ENTRY], after[ENTRY], name[SDP_UPLOAD_ENTRY + 1];
	entry_path(before, folder_of(record), record);
	entry_path(after, "tmp", record);
	if (sdp_folder_move(store, before, after, err) < 0 ||
	    drop_content(store, record->sha256, err) < 0) {
		sdp_upload_entry_name(name, record->id, record->sha256);
		if (renameat(tmp, name, home, name) == 0)
			sdp_file_sync(home);
		return -1;
	}
	if (sdp_folder_remove(store, after, &why) < 0)
		sdp_warn("%s; the next upload removes it", why.text);
	return 0;
}

int sdp_upload_local_remove(struct sdp_folder *store, const struct sdp_upload_record *record,
			    struct sdp_err *err)
{
	int held = lock_store(store, "lock", err), home = -1, tmp = -1, rc = -1;
	if (held < 0)
		return -1;
	if ((home = sdp_folder_open_folder(store, folder_of(record), err)) >= 0 &&
	    (tmp = sdp_folder_open_folder(store, "tmp", err)) >= 0)
		rc = remove_record(store, record, home, tmp, err);
	sdp_file_close(tmp);
	sdp_file_close(home);
	close(held);
	return rc;
}
