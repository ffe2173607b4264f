/*
 * The local store: files in $SDP_HOME, in which symbolic links are not followed (base/folder.h).
 *
 * Functions that return int return 0, or -1 with err filled, unless their comment says otherwise.
 */
#ifndef SDP_STORAGE_LOCAL_H
#define SDP_STORAGE_LOCAL_H

#include "base/folder.h"
#include "storage/record.h"
#include "storage/settings.h"

/* Opens the store, $SDP_HOME/files, which need not exist. Call sdp_folder_close in any case. */
int sdp_upload_local_open(struct sdp_folder *store, const struct sdp_upload_settings *settings,
			  struct sdp_err *err);

struct sdp_upload_temp {
	char name[sizeof "tmp/.data" + SDP_UUID_LENGTH], *path; /* in the store; absolute, owned */
	int fd, slot;
};

/* Creates a file for an incoming content in the store. Call commit or abandon after that. */
int sdp_upload_local_begin(struct sdp_folder *store, struct sdp_upload_temp *temp,
			   struct sdp_err *err);
/* Stores the content as a file. Sets the record's id, uri and duplicate_of. */
int sdp_upload_local_commit(struct sdp_folder *store, struct sdp_upload_temp *temp,
			    struct sdp_upload_record *record, struct sdp_err *err);
void sdp_upload_local_abandon(struct sdp_upload_temp *temp);

/*
 * Lists all records, or only those that are pending (still to be sent to S3). Records that cannot
 * be read are skipped (sdp_upload_records_skip), and with partly also a folder of them.
 */
int sdp_upload_local_list(struct sdp_folder *store, bool pending, bool partly,
			  struct sdp_upload_records *out, struct sdp_err *err);
/*
 * Sets duplicate_of to the id of the oldest file with this content, unless that is the file itself.
 */
int sdp_upload_local_find_duplicates(const struct sdp_folder *store,
				     struct sdp_upload_record *record, struct sdp_err *err);
/* Finds the record of an id. Returns 1, or 0 if there is none, or -1. */
int sdp_upload_local_find(struct sdp_folder *store, const char *id,
			  struct sdp_upload_record *record, struct sdp_err *err);
/* Opens the content of a file for reading. Returns a descriptor or -1. */
int sdp_upload_local_read(struct sdp_folder *store, const struct sdp_upload_record *record,
			  struct sdp_err *err);
int sdp_upload_local_remove(struct sdp_folder *store, const struct sdp_upload_record *record,
			    struct sdp_err *err);
/*
 * Waits for the lock of the process that sends pending files. Returns a descriptor, which the
 * caller closes, or -1.
 */
int sdp_upload_local_sync_lock(struct sdp_folder *store, struct sdp_err *err);

#endif
