/*
 * A folder that sdp keeps for its own files, such as $SDP_HOME/jobs, and everything below it.
 *
 * Paths are relative to the folder: "ID/events.ndjson".  No part of a path may be a symbolic link,
 * which could lead to files of others that sdp would then read, change or remove.  A file that is
 * not regular is not opened either, because a FIFO would block the reader.  Files and folders are
 * made for their owner alone (0600, 0700).
 *
 * Functions that return int return -1 with err set, which names the whole path.  Those that need a
 * file return SDP_ABSENT, without an error, if it or a folder above it does not exist.
 */
#ifndef SDP_BASE_FOLDER_H
#define SDP_BASE_FOLDER_H

#include "sdp/buf.h"

#include <stdbool.h>
#include <sys/stat.h>

enum {
	SDP_ABSENT = -2, /* there is no such file */
	SDP_HELD = -3,   /* another process has the lock */
};

struct sdp_folder {
	int fd;      /* -1: the folder does not exist */
	char *path;  /* home/name; owned */
	size_t home; /* length of home */
};

/*
 * Opens the folder home/name.  home may be, or go through, a symbolic link; name may not.  The
 * folder need not exist.  Call sdp_folder_close in any case.
 */
int sdp_folder_open(struct sdp_folder *folder, const char *home, const char *name,
		    struct sdp_err *err);
void sdp_folder_close(struct sdp_folder *folder);

/* Makes the folder, and in it the folder path with those that contain it, unless they exist. */
int sdp_folder_make(struct sdp_folder *folder, const char *path, struct sdp_err *err);

/* Returns the whole path, as a new string, or NULL with err set. */
char *sdp_folder_path(const struct sdp_folder *folder, const char *path, struct sdp_err *err);

/*
 * Opens a file as open(2) does.  Returns the descriptor, SDP_ABSENT (without O_CREAT), or -1, also
 * if the file is there and flags have O_EXCL.
 */
int sdp_folder_open_file(const struct sdp_folder *folder, const char *path, int flags,
			 struct sdp_err *err);

/* Reads what lstat(2) says about a file.  Returns 0, SDP_ABSENT or -1. */
int sdp_folder_stat(const struct sdp_folder *folder, const char *path, struct stat *st,
		    struct sdp_err *err);

/*
 * Appends the whole file to text, without what other processes append to it meanwhile.  Fails with
 * SDP_DATA if it has more than most bytes (a number of MiB).  Returns 0, SDP_ABSENT or -1.
 */
int sdp_folder_read(const struct sdp_folder *folder, const char *path, size_t most,
		    struct sdp_buf *text, struct sdp_err *err);

/*
 * Makes a file with these bytes and syncs it.  It must not exist, unless flags are O_TRUNC, which
 * replaces the bytes, or O_APPEND.  If it cannot be written, a new file is removed.
 */
int sdp_folder_write(const struct sdp_folder *folder, const char *path, int flags,
		     const void *bytes, size_t length, struct sdp_err *err);

/*
 * Renames a file or folder, replacing a file at the new path, and syncs the folder that it is then
 * in.  After a crash, a file that was synced before is complete at the new path or still at the old
 * one.  If only the sync fails, the file is at the new path.
 */
int sdp_folder_move(const struct sdp_folder *folder, const char *from, const char *to,
		    struct sdp_err *err);

/*
 * Opens the folder path, or "" for the folder itself, for what has to work when no more files can
 * be opened.  Returns a descriptor, which the caller closes, or -1.
 */
int sdp_folder_open_folder(const struct sdp_folder *folder, const char *path, struct sdp_err *err);

/* Syncs the names in the folder path, or "" for the folder itself. */
int sdp_folder_sync(const struct sdp_folder *folder, const char *path, struct sdp_err *err);

/*
 * Removes a file, a symbolic link, or a folder with everything in it.  Returns 0 also if there is
 * none.
 */
int sdp_folder_remove(const struct sdp_folder *folder, const char *path, struct sdp_err *err);

/*
 * Calls each for every name in the folder path ("" for the folder itself), in no order, except "."
 * and "..".  Stops if each returns other than 0, and returns that.  Returns 0 if there is no such
 * folder.  each may remove the file.
 */
int sdp_folder_each(const struct sdp_folder *folder, const char *path,
		    int (*each)(void *context, const char *name, struct sdp_err *err),
		    void *context, struct sdp_err *err);

/*
 * Makes a file, unless it exists, and locks it (sdp_file_lock).  If another process has the lock,
 * waits, or, without wait, returns SDP_HELD.  Returns the descriptor: closing it ends the lock.
 */
int sdp_folder_lock(const struct sdp_folder *folder, const char *path, bool wait,
		    struct sdp_err *err);

#endif
