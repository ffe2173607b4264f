/* Names, folders and the lock of the local store: between upload_local.c and upload_index.c. */
#ifndef SDP_CMD_UPLOAD_FOLDER_H
#define SDP_CMD_UPLOAD_FOLDER_H

#include "upload.h"

enum { SHA = 64, ENTRY = SDP_UUID_LENGTH + 1 + SHA + 5 };

/* To be freed.  name may be "". */
char *upload_path_to(const struct upload_local *local, const char *folder, const char *name,
		     struct sdp_err *err);
char *upload_object_path(const struct upload_local *local, const char *sha256, struct sdp_err *err);

/* "ID.SHA256.json" */
void upload_entry_name(char out[ENTRY + 1], const char *id, const char *sha256);
bool upload_is_entry(const char *name);

/* Fails by errno: the store cannot be written to. */
int upload_store_fail(const struct upload_local *local, struct sdp_err *err);
/* A folder with those above it; -1 with errno. */
int upload_make_folders(const char *path);
int upload_sync_folder(const char *path);

/*
 * Makes the store's folders if need be and waits for the lock called name: a descriptor, to be
 * closed.
 */
int upload_lock(const struct upload_local *local, const char *name, struct sdp_err *err);

/*
 * Calls each with every name in a folder until it returns other than 0; a folder that is not there
 * is empty.
 */
int upload_each_name(const struct upload_local *local, const char *folder,
		     int (*each)(void *context, const char *name, struct sdp_err *err),
		     void *context, struct sdp_err *err);

/* first: the id of the oldest stored file of this content, "" if there is none. */
int upload_find_content(const struct upload_local *local, const char *sha256,
			char first[SDP_UUID_LENGTH + 1], struct sdp_err *err);

/* Removes a content unless a record refers to it.  With the lock. */
int upload_drop_content(const struct upload_local *local, const char *sha256, struct sdp_err *err);

#endif
