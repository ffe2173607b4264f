/* Looking into the local store, and taking out of it. */
#include "folder.h"
#include "sdp/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_MOST = 1 << 20 };

/* Reads a record.  1, or 0 if the file has gone meanwhile. */
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
	const char *folder, *id; /* id: only this one; NULL: all */
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
	if (upload_find_content(local, record->sha256, record->duplicate_of, err) < 0)
		return -1;
	/* The oldest is no duplicate; nor has one any that is removed at this moment. */
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
	char *path = upload_object_path(local, record->sha256, err);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (path && fd < 0)
		sdp_fail(err, errno == ENOENT ? SDP_DATA : SDP_SYSTEM, "cannot open %.600s: %s",
			 path, strerror(errno));
	free(path);
	return fd;
}

/* The record goes to tmp first: should this process die, the next one finishes it. */
static int take_out(struct upload_local *local, const struct upload_record *record,
		    struct sdp_err *err)
{
	char name[ENTRY + 1];
	const char *folder = record->pending ? "pending" : "index";
	upload_entry_name(name, record->id, record->sha256);
	char *before = upload_path_to(local, folder, name, err),
	     *after = upload_path_to(local, "tmp", name, err);
	int rc = before && after ? 0 : -1;
	if (rc == 0 && rename(before, after) < 0)
		rc = upload_store_fail(local, err);
	if (rc == 0)
		rc = upload_drop_content(local, record->sha256, err);
	if (rc == 0 && unlink(after) < 0)
		rc = upload_store_fail(local, err);
	free(before);
	free(after);
	return rc;
}

int upload_local_remove(struct upload_local *local, const struct upload_record *record,
			struct sdp_err *err)
{
	int held = upload_lock(local, "lock", err);
	if (held < 0)
		return -1;
	int rc = take_out(local, record, err);
	close(held);
	return rc;
}

int upload_local_sync_lock(struct upload_local *local, struct sdp_err *err)
{
	return upload_lock(local, "lock.sync", err);
}
