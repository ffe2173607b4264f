/*
 * The types and functions that the files of sdp-upload share.
 *
 *	FILE ─ upload_file_take ─▶ bytes in a file, hashed ─ upload_check ─▶ type, rows, columns
 *	                                                                         │
 *	                         upload_local (folder) or upload_remote (S3) ─▶ a record
 *
 * Functions return 0, or -1 with err filled, unless the comment says otherwise. The caller frees
 * the strings and cJSON trees that a function returns.
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
	const char *name;
	int input_format; /* 1 + an enum upload_type; 0: detected */
	bool no_validate, fallback;
	bool list, get, stat, remove, verify, sync;
	int64_t stall; /* in seconds */
};

/* ---- settings from the environment (settings.c) ---- */

struct upload_settings {
	bool s3, fallback;
	uint64_t max_size; /* in bytes */
	char *home;        /* absolute path; owned */
	struct sdp_aws aws;
	const char *bucket, *prefix; /* strings of the environment */
	bool remote;                 /* whether aws, bucket and prefix are set */
};

int upload_settings_read(struct upload_settings *settings, const struct upload_params *params,
			 struct sdp_err *err);
/*
 * Reads the settings of S3. Fails with SDP_USAGE if one is missing. A bucket that is set already is
 * kept.
 */
int upload_settings_remote(struct upload_settings *settings, struct sdp_err *err);
void upload_settings_release(struct upload_settings *settings);

/* ---- a file that is to be stored (intake.c) ---- */

struct upload_file {
	const char *title; /* its name in messages */
	int in;            /* descriptor of the input */
	bool regular;      /* whether in can be read at any offset, repeatedly */
	bool unnamed;      /* it is standard input, but no operand says so */
	struct stat stat;  /* of a regular file, when it was opened */
	int fd;            /* descriptor of the bytes once they were read: in, or a copy */
	uint64_t size;
	char sha256[SDP_SHA256_HEX]; /* "": not known yet */
};

/* Opens the operand.  "-" is standard input, and so is NULL, but then it must not be empty. */
int upload_file_open(struct upload_file *file, const char *operand, struct sdp_err *err);
/*
 * Reads all bytes, counts and hashes them, and writes them to the descriptor copy unless it is -1.
 * Fails as soon as there are more than max_size bytes.
 */
int upload_file_take(struct upload_file *file, int copy, uint64_t max_size, struct sdp_err *err);
/*
 * Takes the size of a regular file without reading it. The digest is computed while the file is
 * sent.
 */
int upload_file_measure(struct upload_file *file, uint64_t max_size, struct sdp_err *err);
/*
 * Computes the key of an upload in progress: the file's digest or, if it is not known yet, a digest
 * of its device, inode, size and times.
 */
int upload_file_key(const struct upload_file *file, char key[SDP_SHA256_HEX], struct sdp_err *err);
/* Fails if a regular file has changed since it was opened. */
int upload_file_unchanged(const struct upload_file *file, struct sdp_err *err);
void upload_file_close(struct upload_file *file);

/* ---- the bytes of a file (reader.c) ---- */

/* Writes a path by which this process and its children can open the bytes. */
enum { UPLOAD_PATH = 40 };
void upload_file_path(const struct upload_file *file, char path[UPLOAD_PATH]);

/* A reader of the file's bytes, which are decompressed, and converted from UTF-16. */
struct upload_reader;
struct sdp_codec;
struct sdp_foreign;
struct upload_reader *upload_reader_open(const struct upload_file *file, struct sdp_err *err);
/*
 * Says what the first bytes are to the programs that read tables (table/input.h): what decodes
 * them, and the format that none of them reads.
 */
void upload_reader_format(const struct upload_reader *reader, const char **decode,
			  const struct sdp_foreign **foreign);
/* Returns how the file is compressed, or NULL. */
const struct sdp_codec *upload_reader_codec(const struct upload_reader *reader);
/* Reads up to size bytes. Returns their number, 0 at the end, or -1. */
ssize_t upload_reader_next(struct upload_reader *reader, char *bytes, size_t size,
			   struct sdp_err *err);
/*
 * Copies the remaining bytes to a temporary file. Returns its descriptor, which the caller closes,
 * or -1.
 */
int upload_reader_spool(struct upload_reader *reader, struct sdp_err *err);
void upload_reader_close(struct upload_reader *reader);

/* ---- the type of a file (sniff.c) and the check of its contents (check.c, pdf.c) ---- */

enum upload_type { UPLOAD_CSV, UPLOAD_JSON, UPLOAD_NDJSON, UPLOAD_TXT, UPLOAD_PDF, UPLOAD_OTHER };

struct upload_kind {
	enum upload_type type;
	const struct sdp_codec *codec; /* NULL: not compressed */
};

const char *upload_type_name(enum upload_type type);
/* Returns UPLOAD_OTHER if there is no such type. */
enum upload_type upload_type_by_name(const char *name);
const char *upload_content_type(const struct upload_kind *kind);

/*
 * Detects the type by the contents and, if these are ambiguous, by the extension of the name.
 * format is --input-format, 1 + a type, or 0.
 */
int upload_sniff(const struct upload_file *file, const char *name, int format,
		 struct upload_kind *kind, struct sdp_err *err);

struct upload_counts {
	int64_t rows, columns, pages; /* -1: unknown, or the type has none */
};

/* Reads and checks the whole file. Fails with the place of the first error. */
int upload_check(const struct upload_file *file, const struct upload_kind *kind,
		 const struct sdp_common *common, struct upload_counts *counts,
		 struct sdp_err *err);

/* Has sdp-pdf read every page of a PDF (pdf.c). */
int upload_check_pdf(const struct upload_file *file, const struct sdp_common *common,
		     struct upload_counts *counts, struct sdp_err *err);

/* ---- the record of a stored file (record.c) ---- */

struct upload_record {
	char id[SDP_UUID_LENGTH + 1], sha256[SDP_SHA256_HEX];
	char *name, *uri;
	struct upload_kind kind;
	struct upload_counts counts;
	uint64_t size;
	char uploaded_at[SDP_TIMESTAMP_SIZE];
	bool s3, pending;
	char duplicate_of[SDP_UUID_LENGTH + 1]; /* id of an older equal file; "": none */
};

void upload_record_release(struct upload_record *record);
/*
 * Convert a record to a document with these members, to its text, and back. where is for messages.
 */
#define UPLOAD_COLUMNS                                                                             \
	"task,file_id,name,type,compression,size,sha256,rows,columns,pages,uri,uploaded_at,"       \
	"backend,pending,duplicate_of"
cJSON *upload_record_document(const struct upload_record *record, struct sdp_err *err);
int upload_record_text(const struct upload_record *record, struct sdp_buf *out,
		       struct sdp_err *err);
int upload_record_parse(struct upload_record *record, const char *text, const char *where,
			struct sdp_err *err);

/*
 * A list of records. {0} is empty. take moves a record into the list; sort orders the list by id.
 */
struct upload_records {
	struct upload_record *items;
	size_t count, capacity;
};

int upload_records_take(struct upload_records *records, struct upload_record *record,
			struct sdp_err *err);
void upload_records_sort(struct upload_records *records);
/*
 * Sets duplicate_of of all records. They must be all records of a store, because the duplicate that
 * was found at the time of storing may have been removed since.
 */
int upload_records_find_duplicates(struct upload_records *records, struct sdp_err *err);
void upload_records_release(struct upload_records *records);

/*
 * Returns the id of the one record that word stands for (match.c): its name or the beginning of its
 * id.  Fails with SDP_DATA and names the candidates if there are several, or a similar name if
 * there is none; store is "local" or "S3".
 */
const char *upload_match(const struct upload_records *records, const char *word, const char *store,
			 struct sdp_err *err);

/* ---- names and folders below $SDP_HOME (layout.c) ---- */

struct upload_local {
	char *root; /* $SDP_HOME/files; owned */
};

/* The lengths of a digest in hexadecimal and of "ID.SHA256.json". */
enum { UPLOAD_SHA = 64, UPLOAD_ENTRY = SDP_UUID_LENGTH + 1 + UPLOAD_SHA + 5 };

/* Returns the path ROOT/FOLDER/NAME, or NULL. name may be "". */
char *upload_path_to(const struct upload_local *local, const char *folder, const char *name,
		     struct sdp_err *err);

/* Writes "ID.SHA256.json"; is_entry returns whether a name has this form. */
void upload_entry_name(char out[UPLOAD_ENTRY + 1], const char *id, const char *sha256);
bool upload_is_entry(const char *name);

/* Makes a folder and its parents. Returns -1 with errno set on failure. */
int upload_make_folders(const char *path);

/*
 * Calls each with every name in a folder until it returns a value other than 0, and returns that
 * value. A folder that does not exist is empty.
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

/* Creates a file for an incoming content in the store. Call commit or abandon after that. */
int upload_local_begin(struct upload_local *local, struct upload_temp *temp, struct sdp_err *err);
/* Stores the content as a file. Sets the record's id, uri and duplicate_of. */
int upload_local_commit(struct upload_local *local, struct upload_temp *temp,
			struct upload_record *record, struct sdp_err *err);
void upload_local_abandon(struct upload_temp *temp);

/* Lists all records, or only those that are pending (still to be sent to S3). */
int upload_local_list(struct upload_local *local, bool pending, struct upload_records *out,
		      struct sdp_err *err);
/*
 * Sets duplicate_of to the id of the oldest file with this content, unless that is the file itself.
 */
int upload_local_find_duplicates(const struct upload_local *local, struct upload_record *record,
				 struct sdp_err *err);
/* Finds the record of an id. Returns 1, or 0 if there is none, or -1. */
int upload_local_find(struct upload_local *local, const char *id, struct upload_record *record,
		      struct sdp_err *err);
/* Opens the content of a file for reading. Returns a descriptor or -1. */
int upload_local_open(struct upload_local *local, const struct upload_record *record,
		      struct sdp_err *err);
int upload_local_remove(struct upload_local *local, const struct upload_record *record,
			struct sdp_err *err);
/*
 * Waits for the lock of the process that sends pending files. Returns a descriptor, which the
 * caller closes, or -1.
 */
int upload_local_sync_lock(struct upload_local *local, struct sdp_err *err);

/* ---- S3: keys, and the search for a record (s3_keys.c) ---- */

struct upload_remote {
	struct sdp_s3 *s3;
	struct upload_settings *settings;
	const struct sdp_common *common;
};

/* Return PREFIX/ID/NAME, PREFIX/ID.json and PREFIX/sha256/SHA256/ID, or NULL. */
char *upload_remote_key(const struct upload_remote *remote, const struct upload_record *record,
			struct sdp_err *err);
char *upload_record_key(const struct upload_remote *remote, const char *id, struct sdp_err *err);
char *upload_mark_key(const struct upload_remote *remote, const struct upload_record *record,
		      struct sdp_err *err);

/*
 * The keys of a file, except that of its mark, which contains the digest and may not be known yet.
 * make fails if the longest key exceeds the limit of S3.
 */
struct upload_keys {
	char *data, *record;
};

int upload_keys_make(struct upload_keys *k, const struct upload_remote *remote,
		     const struct upload_record *record, struct sdp_err *err);
void upload_keys_release(struct upload_keys *k);

/* Finds the record of an id. Returns 1, or 0 if there is none, or -1. */
int upload_remote_find(struct upload_remote *remote, const char *id, struct upload_record *record,
		       struct sdp_err *err);
/*
 * Sets duplicate_of to the id of the oldest file that has this content and a record, unless that is
 * the file itself.
 */
int upload_remote_find_duplicates(struct upload_remote *remote, struct upload_record *record,
				  struct sdp_err *err);

/* ---- listing and removing files in S3 (s3_list.c) ---- */

int upload_remote_list(struct upload_remote *remote, struct upload_records *out,
		       struct sdp_err *err);
int upload_remote_remove(struct upload_remote *remote, const struct upload_record *record,
			 struct sdp_err *err);

/* Removes everything of an upload, complete or not. */
int upload_remote_drop(struct upload_remote *remote, const struct upload_record *record,
		       const struct upload_keys *k, const char *upload_id, struct sdp_err *err);
/* Removes what is left of an interrupted upload, unless it is complete. */
int upload_remote_forget(struct upload_remote *remote, const struct upload_record *record,
			 const char *upload_id, struct sdp_err *err);

/* ---- uploads in progress (s3_resume.c) ---- */

/* An upload in progress. Its file in $SDP_HOME/uploads is locked while the process lives. */
struct upload_state {
	int fd;
	char *path;
	char id[SDP_UUID_LENGTH + 1];
	char upload_id[1200]; /* "": a single request, or no multipart upload has begun */
	uint64_t part_size;
	bool resumed;
};

/*
 * Opens the state of an interrupted upload with the same key, store and name (and the record's id,
 * if it has one), or makes a new one.
 */
int upload_state_open(struct upload_state *state, struct upload_remote *remote,
		      const struct upload_record *record, const char *key, struct sdp_err *err);
int upload_state_save(struct upload_state *state, const struct upload_remote *remote,
		      const struct upload_record *record, struct sdp_err *err);
/* Removes uploads that were interrupted more than a day ago. */
int upload_state_sweep(struct upload_remote *remote, struct sdp_err *err);
/* finished: nothing is left to resume, so the file is removed. */
void upload_state_close(struct upload_state *state, bool finished);

/* ---- sending to S3 (s3_put.c) ---- */

int upload_remote_init(struct upload_remote *remote, struct upload_settings *settings,
		       const struct upload_params *params, struct sdp_err *err);
void upload_remote_release(struct upload_remote *remote);

/*
 * Sends a file and then its record, whose id it sets if it has none. If that fails, removes what
 * was sent. Sets digests that were not known before in both. remote->s3->fault is the kind of a
 * failure.
 */
int upload_remote_put(struct upload_remote *remote, struct upload_file *file,
		      struct upload_record *record, struct sdp_err *err);

/* ---- the commands (put.c, manage.c, print.c) ---- */

/*
 * Store the FILEs, or send those that are pending (--sync), and add a document for each to out.
 * Stop at the first failure.
 */
int upload_store(const struct upload_params *params, struct upload_settings *settings, int count,
		 char **operands, cJSON *out, struct sdp_err *err);
int upload_sync(const struct upload_params *params, struct upload_settings *settings, cJSON *out,
		struct sdp_err *err);

/*
 * Runs --list, --get, --stat, --remove or --verify and adds the documents of the files to out. It
 * removes nothing; upload_remove does that after the documents were printed.
 */
int upload_stored(const struct upload_params *params, struct upload_settings *settings, int count,
		  char **operands, cJSON *out, struct sdp_err *err);
/* Removes the files of the documents, except the first kept ones. Stops at the first failure. */
int upload_remove(const struct upload_params *params, struct upload_settings *settings,
		  const cJSON *docs, int kept, struct sdp_err *err);

/*
 * Prints the documents (print.c). On failure, *printed is the number of documents that may have
 * been read, and *broken says whether the reader of a pipe is gone; SIGPIPE does not kill this
 * process.
 */
int upload_print(const struct upload_params *params, const cJSON *docs, int *printed, bool *broken,
		 struct sdp_err *err);

#endif
