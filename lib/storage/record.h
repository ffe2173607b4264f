/*
 * The record of a stored file, and lists of records.
 *
 * The caller frees the strings and cJSON trees that a function returns.
 * Functions that return int return 0, or -1 with err filled, unless their comment says otherwise.
 */
#ifndef SDP_STORAGE_RECORD_H
#define SDP_STORAGE_RECORD_H

#include "base/timestamp.h"
#include "base/uuid.h"
#include "sdp/buf.h"
#include "storage/kind.h"

#include <cjson/cJSON.h>

struct sdp_upload_counts {
	int64_t rows, columns, pages; /* -1: unknown, or the type has none */
};

struct sdp_upload_record {
	char id[SDP_UUID_LENGTH + 1], sha256[SDP_SHA256_HEX];
	char *name, *uri;
	struct sdp_upload_kind kind;
	struct sdp_upload_counts counts;
	uint64_t size;
	char uploaded_at[SDP_TIMESTAMP_SIZE];
	bool s3, pending;
	char duplicate_of[SDP_UUID_LENGTH + 1]; /* id of an older equal file; "": none */
};

void sdp_upload_record_release(struct sdp_upload_record *record);
/*
 * Convert a record to a document with these members, to its text, and back. where is for messages.
 */
#define SDP_UPLOAD_COLUMNS                                                                         \
	"task,file_id,name,type,compression,size,sha256,rows,columns,pages,uri,uploaded_at,"       \
	"backend,pending,duplicate_of"
cJSON *sdp_upload_record_document(const struct sdp_upload_record *record, struct sdp_err *err);
int sdp_upload_record_text(const struct sdp_upload_record *record, struct sdp_buf *out,
			   struct sdp_err *err);
int sdp_upload_record_parse(struct sdp_upload_record *record, const struct sdp_buf *text,
			    const char *where, struct sdp_err *err);

/* The lengths of a digest in hexadecimal and of "ID.SHA256.json", a name for a record. */
enum { SDP_UPLOAD_SHA = 64, SDP_UPLOAD_ENTRY = SDP_UUID_LENGTH + 1 + SDP_UPLOAD_SHA + 5 };

/* Writes "ID.SHA256.json"; is_entry returns whether a name has this form. */
void sdp_upload_entry_name(char out[SDP_UPLOAD_ENTRY + 1], const char *id, const char *sha256);
bool sdp_upload_is_entry(const char *name);

/*
 * A list of records. {0} is empty. take moves a record into the list; sort orders the list by id.
 */
struct sdp_upload_records {
	struct sdp_upload_record *items;
	size_t count, capacity;
	size_t skipped; /* records, or the bytes of files, that could not be read */
	/* of the first one that is damaged (SDP_DATA), or else of the first one */
	struct sdp_err why;
};

int sdp_upload_records_take(struct sdp_upload_records *records, struct sdp_upload_record *record,
			    struct sdp_err *err);
/*
 * skip warns that a record, or all records of a store, cannot be read, and counts it, so that the
 * others can be used. It returns 0. whole fails if any was skipped.
 */
int sdp_upload_records_skip(struct sdp_upload_records *records, const struct sdp_err *why);
int sdp_upload_records_whole(const struct sdp_upload_records *records, struct sdp_err *err);
void sdp_upload_records_sort(struct sdp_upload_records *records);
/*
 * Sets duplicate_of of all records. They must be all records of a store, because the duplicate that
 * was found at the time of storing may have been removed since.
 */
int sdp_upload_records_find_duplicates(struct sdp_upload_records *records, struct sdp_err *err);
void sdp_upload_records_release(struct sdp_upload_records *records);

/*
 * Returns the id of the one record that word stands for (match.c): its name or the beginning of its
 * id.  Fails with SDP_DATA and names the candidates if there are several, or a similar name if
 * there is none; store is "local" or "S3".
 */
const char *sdp_upload_match(const struct sdp_upload_records *records, const char *word,
			     const char *store, struct sdp_err *err);

#endif
