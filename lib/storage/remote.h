/*
 * Files in S3.
 *
 * Functions that return int return 0, or -1 with err filled, unless their comment says otherwise.
 */
#ifndef SDP_STORAGE_REMOTE_H
#define SDP_STORAGE_REMOTE_H

#include "base/folder.h"
#include "net/s3.h"
#include "storage/record.h"
#include "storage/settings.h"

/* ---- S3: keys, and the search for a record (s3_keys.c) ---- */

struct sdp_upload_remote {
	struct sdp_s3 *s3;
	struct sdp_upload_settings *settings;
	struct sdp_folder uploads; /* the uploads in progress */
	/* called while a file is sent in parts, with the bytes that are in S3; or NULL */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

/* Return PREFIX/ID/NAME, PREFIX/ID.json and PREFIX/sha256/SHA256/ID, or NULL. */
char *sdp_upload_remote_key(const struct sdp_upload_remote *remote,
			    const struct sdp_upload_record *record, struct sdp_err *err);
char *sdp_upload_record_key(const struct sdp_upload_remote *remote, const char *id,
			    struct sdp_err *err);
char *sdp_upload_mark_key(const struct sdp_upload_remote *remote,
			  const struct sdp_upload_record *record, struct sdp_err *err);

/*
 * The keys of a file, except that of its mark, which contains the digest and may not be known yet.
 * make fails if the longest key exceeds the limit of S3.
 */
struct sdp_upload_keys {
	char *data, *record;
};

int sdp_upload_keys_make(struct sdp_upload_keys *k, const struct sdp_upload_remote *remote,
			 const struct sdp_upload_record *record, struct sdp_err *err);
void sdp_upload_keys_release(struct sdp_upload_keys *k);

/* Finds the record of an id. Returns 1, or 0 if there is none, or -1. */
int sdp_upload_remote_find(struct sdp_upload_remote *remote, const char *id,
			   struct sdp_upload_record *record, struct sdp_err *err);
/*
 * Sets duplicate_of to the id of the oldest file that has this content and a record, unless that is
 * the file itself.
 */
int sdp_upload_remote_find_duplicates(struct sdp_upload_remote *remote,
				      struct sdp_upload_record *record, struct sdp_err *err);

/* ---- listing and removing files in S3 (s3_list.c) ---- */

int sdp_upload_remote_list(struct sdp_upload_remote *remote, struct sdp_upload_records *out,
			   struct sdp_err *err);
int sdp_upload_remote_remove(struct sdp_upload_remote *remote,
			     const struct sdp_upload_record *record, struct sdp_err *err);

/* Removes everything of an upload, complete or not. */
int sdp_upload_remote_drop(struct sdp_upload_remote *remote, const struct sdp_upload_record *record,
			   const struct sdp_upload_keys *k, const char *upload_id,
			   struct sdp_err *err);
/* Removes what is left of an interrupted upload, unless it is complete. */
int sdp_upload_remote_forget(struct sdp_upload_remote *remote,
			     const struct sdp_upload_record *record, const char *upload_id,
			     struct sdp_err *err);

/* ---- uploads in progress (s3_resume.c) ---- */

/* An upload in progress. Its file in $SDP_HOME/uploads is locked while the process lives. */
struct sdp_upload_state {
	int fd;
	char name[SDP_UPLOAD_ENTRY + 1]; /* of its file */
	char id[SDP_UUID_LENGTH + 1];
	char upload_id[1200]; /* "": a single request, or no multipart upload has begun */
	uint64_t part_size;
	bool resumed;
};

/*
 * Opens the state of an interrupted upload with the same key, store and name (and the record's id,
 * if it has one), or makes a new one.
 */
int sdp_upload_state_open(struct sdp_upload_state *state, struct sdp_upload_remote *remote,
			  const struct sdp_upload_record *record, const char *key,
			  struct sdp_err *err);
int sdp_upload_state_save(struct sdp_upload_state *state, const struct sdp_upload_remote *remote,
			  const struct sdp_upload_record *record, struct sdp_err *err);
/* Removes uploads that were interrupted more than a day ago. */
int sdp_upload_state_sweep(struct sdp_upload_remote *remote, struct sdp_err *err);
/* finished: nothing is left to resume, so the file is removed. */
void sdp_upload_state_close(struct sdp_upload_state *state, const struct sdp_upload_remote *remote,
			    bool finished);

/* ---- sending to S3 (s3_put.c) ---- */

/*
 * stall and agent: see struct sdp_s3_options. Call release in any case; {0} can be released, too.
 */
int sdp_upload_remote_init(struct sdp_upload_remote *remote, struct sdp_upload_settings *settings,
			   int stall, const char *agent, struct sdp_err *err);
/*
 * From now on, all calls ignore signals and are tried only a few times. It is for the last calls,
 * which remove what a failure has left.
 */
void sdp_upload_remote_finishing(struct sdp_upload_remote *remote);
void sdp_upload_remote_release(struct sdp_upload_remote *remote);

/*
 * Sends a file and then its record, whose id it sets if it has none. If that fails, removes what
 * was sent. Sets digests that were not known before in both. remote->s3->fault is the kind of a
 * failure.
 */
int sdp_upload_remote_put(struct sdp_upload_remote *remote, struct sdp_upload_file *file,
			  struct sdp_upload_record *record, struct sdp_err *err);

#endif
