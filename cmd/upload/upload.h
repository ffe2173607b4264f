/*
 * What the files of sdp-upload share.
 *
 *	FILE ─ upload_intake ─▶ bytes in a file, hashed ─ upload_check ─▶ type, rows, columns
 *	                                                                      │
 *	                         upload_local (folder) or upload_remote (S3) ─▶ a record
 *
 * Functions return 0 or -1 with err filled, unless they say otherwise.
 */
#ifndef SDP_CMD_UPLOAD_H
#define SDP_CMD_UPLOAD_H

#include "base/timestamp.h"
#include "base/uuid.h"
#include "net/aws_config.h"
#include "net/s3.h"
#include "net/sha256.h"
#include "sdp/buf.h"
#include "sdp/program.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <sys/stat.h>

struct upload_params {
	struct sdp_common common;
	const char *name, *input_format;
	bool no_validate, fallback;
	bool list, get, stat, remove, verify, sync;
	int64_t stall; /* seconds */
};

/* ---- settings, from the environment (settings.c) ---- */

struct upload_settings {
	bool s3, fallback;
	uint64_t max_size; /* bytes */
	char *home;        /* absolute */
	struct sdp_aws aws;
	const char *bucket, *prefix; /* in the environment */
	bool remote;                 /* aws, bucket and prefix are filled in */
};

int upload_settings_read(struct upload_settings *settings, const struct upload_params *params,
			 struct sdp_err *err);
/*
 * Of S3, where they are needed: SDP_USAGE names what is missing.  A bucket that is set already
 * stays.
 */
int upload_settings_remote(struct upload_settings *settings, struct sdp_err *err);
void upload_settings_release(struct upload_settings *settings);

/* ---- a file that is to be stored (intake.c) ---- */

struct upload_file {
	const char *title; /* for messages */
	int in;            /* what it is read from */
	bool regular;      /* in can be read at any place, again and again */
	struct stat stat;  /* of a regular one, when it was opened */
	int fd;            /* where its bytes are, once taken in: in, or a copy */
	uint64_t size;
	char sha256[SDP_SHA256_HEX]; /* "": not yet known */
};

int upload_file_open(struct upload_file *file, const char *operand, struct sdp_err *err);
/*
 * Counts and hashes all bytes, and writes them to the descriptor copy unless it is -1; fails as
 * soon as there are more than max_size.
 */
int upload_file_take(struct upload_file *file, int copy, uint64_t max_size, struct sdp_err *err);
/* The same of a regular file without reading it: the digest will come when it is sent. */
int upload_file_measure(struct upload_file *file, uint64_t max_size, struct sdp_err *err);
/*
 * What a file is known by while it is sent: its digest, or if that is to come, a digest of its
 * device, inode, size and times.
 */
int upload_file_key(const struct upload_file *file, char key[SDP_SHA256_HEX], struct sdp_err *err);
/* Fails if a regular file is no longer what it was. */
int upload_file_unchanged(const struct upload_file *file, struct sdp_err *err);
void upload_file_close(struct upload_file *file);

/* ---- its bytes (reader.c) ---- */

/* A name by which every process that is forked can open its bytes. */
enum { UPLOAD_PATH = 40 };
void upload_file_path(const struct upload_file *file, char path[UPLOAD_PATH]);

/* The file, inflated if it is gzip, in pieces. */
struct upload_reader;
struct upload_reader *upload_reader_open(const struct upload_file *file, struct sdp_err *err);
/* Up to size bytes; 0 at the end; -1. */
ssize_t upload_reader_next(struct upload_reader *reader, char *bytes, size_t size,
			   struct sdp_err *err);
/* All of it that is left in a temporary file: its descriptor, or -1. */
int upload_reader_spool(struct upload_reader *reader, struct sdp_err *err);
void upload_reader_close(struct upload_reader *reader);

/* ---- what it is (sniff.c), and whether it is in order (check.c, pdf.c) ---- */

enum upload_type { UPLOAD_CSV, UPLOAD_JSON, UPLOAD_NDJSON, UPLOAD_TXT, UPLOAD_PDF, UPLOAD_OTHER };

struct upload_kind {
	enum upload_type type;
	bool gzip;
};

const char *upload_type_name(enum upload_type type);
/* UPLOAD_OTHER if there is no such type. */
enum upload_type upload_type_by_name(const char *name);
const char *upload_content_type(const struct upload_kind *kind);

/*
 * By content; where that leaves a choice, by the end of the name.  format: --input-format or NULL.
 */
int upload_sniff(const struct upload_file *file, const char *name, const char *format,
		 struct upload_kind *kind, struct sdp_err *err);

struct upload_counts {
	int64_t rows, columns, pages; /* -1: has none, or not known */
};

/* Reads all of it; fails with the place of what is not in order. */
int upload_check(const struct upload_file *file, const struct upload_kind *kind,
		 const struct sdp_common *common, struct upload_counts *counts,
		 struct sdp_err *err);

/* Every page is read, by mupdf in a process that can do nothing else (pdf.c). */
int upload_check_pdf(const struct upload_file *file, struct upload_counts *counts,
		     struct sdp_err *err);

/* ---- what is known of a stored file (record.c) ---- */

struct upload_record {
	char id[SDP_UUID_LENGTH + 1], sha256[SDP_SHA256_HEX];
	char *name, *uri;
	struct upload_kind kind;
	struct upload_counts counts;
	uint64_t size;
	char uploaded_at[SDP_TIMESTAMP_SIZE];
	bool s3, pending;
	char duplicate_of[SDP_UUID_LENGTH + 1]; /* "": none */
};

void upload_record_release(struct upload_record *record);
/* As a document, which has these members, and back from its text; where: for messages. */
#define UPLOAD_COLUMNS                                                                             \
	"task,file_id,name,type,compression,size,sha256,rows,columns,pages,uri,uploaded_at,"       \
	"backend,pending,duplicate_of"
cJSON *upload_record_document(const struct upload_record *record, struct sdp_err *err);
int upload_record_text(const struct upload_record *record, struct sdp_buf *out,
		       struct sdp_err *err);
int upload_record_parse(struct upload_record *record, const char *text, const char *where,
			struct sdp_err *err);

/* Many of them, in the order of their ids; {0} is empty. */
struct upload_records {
	struct upload_record *items;
	size_t count, capacity;
};

int upload_records_take(struct upload_records *records, struct upload_record *record,
			struct sdp_err *err);
void upload_records_sort(struct upload_records *records);
/*
 * Sets duplicate_of of the records, which are all of a store: what they were stored with may be
 * removed by now.
 */
int upload_records_find_duplicates(struct upload_records *records, struct sdp_err *err);
void upload_records_release(struct upload_records *records);

/* ---- names and folders below $SDP_HOME (layout.c) ---- */

struct upload_local {
	char *root; /* $SDP_HOME/files */
};

/* The lengths of a digest in hexadecimal, and of "ID.SHA256.json". */
enum { UPLOAD_SHA = 64, UPLOAD_ENTRY = SDP_UUID_LENGTH + 1 + UPLOAD_SHA + 5 };

/* To be freed.  name may be "". */
char *upload_path_to(const struct upload_local *local, const char *folder, const char *name,
		     struct sdp_err *err);

/* "ID.SHA256.json" */
void upload_entry_name(char out[UPLOAD_ENTRY + 1], const char *id, const char *sha256);
bool upload_is_entry(const char *name);

/* A folder with those above it; -1 with errno. */
int upload_make_folders(const char *path);

/*
 * Calls each with every name in a folder until it returns other than 0; a folder that is not there
 * is empty.
 */
int upload_each_name(const struct upload_local *local, const char *folder,
		     int (*each)(void *context, const char *name, struct sdp_err *err),
		     void *context, struct sdp_err *err);

/* ---- the local store (local_store.c) ---- */

struct upload_temp {
	char *path;
	int fd, slot;
};

int upload_local_init(struct upload_local *local, const struct upload_settings *settings,
		      struct sdp_err *err);
void upload_local_release(struct upload_local *local);

/* A new file in the store for a content that comes; then commit or abandon. */
int upload_local_begin(struct upload_local *local, struct upload_temp *temp, struct sdp_err *err);
/* Makes it a stored file: sets the record's id, uri and duplicate_of. */
int upload_local_commit(struct upload_local *local, struct upload_temp *temp,
			struct upload_record *record, struct sdp_err *err);
void upload_local_abandon(struct upload_temp *temp);

/* All records; pending: only those that wait for S3. */
int upload_local_list(struct upload_local *local, bool pending, struct upload_records *out,
		      struct sdp_err *err);
/* Sets duplicate_of to the oldest file of this content, unless that is itself. */
int upload_local_find_duplicates(const struct upload_local *local, struct upload_record *record,
				 struct sdp_err *err);
/* 1: found; 0: there is none. */
int upload_local_find(struct upload_local *local, const char *id, struct upload_record *record,
		      struct sdp_err *err);
/* Its bytes, opened for reading. */
int upload_local_open(struct upload_local *local, const struct upload_record *record,
		      struct sdp_err *err);
int upload_local_remove(struct upload_local *local, const struct upload_record *record,
			struct sdp_err *err);
/* Held while one process sends what is pending; a descriptor to be closed. */
int upload_local_sync_lock(struct upload_local *local, struct sdp_err *err);

/* ---- S3: keys, and finding a record (s3_keys.c) ---- */

struct upload_remote {
	struct sdp_s3 *s3;
	struct upload_settings *settings;
	const struct sdp_common *common;
};

/* PREFIX/ID/NAME, PREFIX/ID.json and PREFIX/sha256/SHA256/ID; each to be freed. */
char *upload_remote_key(const struct upload_remote *remote, const struct upload_record *record,
			struct sdp_err *err);
char *upload_record_key(const struct upload_remote *remote, const char *id, struct sdp_err *err);
char *upload_mark_key(const struct upload_remote *remote, const struct upload_record *record,
		      struct sdp_err *err);

/*
 * The keys of a file, but its mark: that one's has the digest in it, which may come late.  Fails if
 * the longest is longer than S3 takes.
 */
struct upload_keys {
	char *data, *record;
};

int upload_keys_make(struct upload_keys *k, const struct upload_remote *remote,
		     const struct upload_record *record, struct sdp_err *err);
void upload_keys_release(struct upload_keys *k);

/* 1: found; 0: there is none. */
int upload_remote_find(struct upload_remote *remote, const char *id, struct upload_record *record,
		       struct sdp_err *err);
/*
 * Sets duplicate_of to the oldest file of this content whose record is there, unless that is
 * itself.
 */
int upload_remote_find_duplicates(struct upload_remote *remote, struct upload_record *record,
				  struct sdp_err *err);

/* ---- what is in S3, and removing it (s3_list.c) ---- */

int upload_remote_list(struct upload_remote *remote, struct upload_records *out,
		       struct sdp_err *err);
int upload_remote_remove(struct upload_remote *remote, const struct upload_record *record,
			 struct sdp_err *err);

/* Takes away whatever there may be of an upload. */
int upload_remote_drop(struct upload_remote *remote, const struct upload_record *record,
		       const struct upload_keys *k, const char *upload_id, struct sdp_err *err);
/* Takes away what there is of an upload that broke off, unless it is whole. */
int upload_remote_forget(struct upload_remote *remote, const struct upload_record *record,
			 const char *upload_id, struct sdp_err *err);

/* ---- uploads under way (s3_resume.c) ---- */

/* An upload under way, in a file of $SDP_HOME/uploads that is locked while its process lives. */
struct upload_state {
	int fd;
	char *path;
	char id[SDP_UUID_LENGTH + 1];
	char upload_id[1200]; /* "": not in parts, or none has begun */
	uint64_t part_size;
	bool resumed;
};

/*
 * That of an upload that broke off (same key, store and name, and the record's id if it has one),
 * or a new one.
 */
int upload_state_open(struct upload_state *state, struct upload_remote *remote,
		      const struct upload_record *record, const char *key, struct sdp_err *err);
int upload_state_save(struct upload_state *state, const struct upload_remote *remote,
		      const struct upload_record *record, struct sdp_err *err);
/* Gives up those that broke off more than a day ago. */
int upload_state_sweep(struct upload_remote *remote, struct sdp_err *err);
/* finished: nothing is left to be resumed. */
void upload_state_close(struct upload_state *state, bool finished);

/* ---- sending to S3 (s3_put.c) ---- */

int upload_remote_init(struct upload_remote *remote, struct upload_settings *settings,
		       const struct upload_params *params, struct sdp_err *err);
void upload_remote_release(struct upload_remote *remote);

/*
 * Sends a file and publishes its record (whose id it sets unless it has one), or leaves no trace.
 * Digests that were not yet known are set in both.
 * remote->s3->fault says what kind a failure was.
 */
int upload_remote_put(struct upload_remote *remote, struct upload_file *file,
		      struct upload_record *record, struct sdp_err *err);

/* ---- the commands (put.c, manage.c, print.c) ---- */

/* Adds a document for each FILE stored, or sent by --sync, to out; what failed stops it. */
int upload_store(const struct upload_params *params, struct upload_settings *settings, int count,
		 char **operands, cJSON *out, struct sdp_err *err);
int upload_sync(const struct upload_params *params, struct upload_settings *settings, cJSON *out,
		struct sdp_err *err);

/*
 * --list, --get, --stat, --remove, --verify: the documents of the files concerned, which stay where
 * they are.
 */
int upload_stored(const struct upload_params *params, struct upload_settings *settings, int count,
		  char **operands, cJSON *out, struct sdp_err *err);
/* Removes the files of documents, but the first kept ones; stops where one cannot be removed. */
int upload_remove(const struct upload_params *params, struct upload_settings *settings,
		  const cJSON *docs, int kept, struct sdp_err *err);

/*
 * Prints documents (print.c).  Should that fail, *printed of them may have been read by
 * somebody, and *broken says that nobody reads the pipe any more, of which this does not die.
 */
int upload_print(const struct sdp_common *common, const cJSON *docs, int *printed, bool *broken,
		 struct sdp_err *err);

#endif
