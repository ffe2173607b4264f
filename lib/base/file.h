/*
 * Files by their paths: opening, reading as a whole, making folders, syncing, locking.
 *
 * Every call is repeated after EINTR, unless a signal has asked the program to end
 * (base/signals.h).  Descriptors are opened with close-on-exec.  Functions without a struct sdp_err
 * return -1 with errno set.  For files that sdp keeps for itself, see base/folder.h.
 */
#ifndef SDP_BASE_FILE_H
#define SDP_BASE_FILE_H

#include "sdp/buf.h"

#include <stdbool.h>

/* Opens a file as open(2) does.  mode is used if flags have O_CREAT.  Returns the descriptor. */
int sdp_file_open(const char *path, int flags, unsigned mode);

/* Opens a file as openat(2) does; at is a folder, or AT_FDCWD. */
int sdp_file_open_at(int at, const char *path, int flags, unsigned mode);

/*
 * Waits until a stream has bytes or has ended, or a signal is to end the program (sdp_interrupted).
 * Returns 0, or -1 with errno.
 */
int sdp_file_wait(int fd);

/* Closes a descriptor, unless it is negative.  Leaves errno as it is. */
void sdp_file_close(int fd);

/*
 * Appends the whole file to text.  Fails with SDP_SYSTEM if it cannot be read, and with SDP_DATA if
 * it has more than most bytes (a number of MiB).  Returns 0 or -1.
 */
int sdp_file_read(const char *path, size_t most, struct sdp_buf *text, struct sdp_err *err);

/*
 * Reads the first bytes of a file, at most size - 1 of them, and adds a NUL.  Returns their number;
 * if the file cannot be read, -1, with text set to "".
 */
ssize_t sdp_file_read_start(const char *path, char *text, size_t size);

/*
 * Makes a folder and those that contain it, as mkdir -p does, with the permissions mode & ~umask.
 * Returns 0 also if it exists.
 */
int sdp_file_make_folders(const char *path, unsigned mode);

/* Sets the size of a file, as ftruncate does. */
int sdp_file_resize(int fd, size_t size);

/*
 * Waits until the file, or the names in a folder, are on the disk.  Returns 0 also on a file system
 * that has nothing to sync.
 */
int sdp_file_sync(int fd);

/* Returns what follows the last slash of a path, which may be ""; the path if it has no slash. */
const char *sdp_file_last_part(const char *path);

/*
 * Opens the folder that contains path, so that it can be synced: a rename survives a crash only
 * after that. Returns the descriptor.
 */
int sdp_file_open_folder_of(const char *path);

/*
 * Locks a file by flock(2): the lock belongs to the open file, so it ends when this descriptor and
 * all its copies, also those of children, are closed.  If another process has the lock, the call
 * waits for it, or, without wait, fails with EWOULDBLOCK.  Returns 0 or -1.
 */
int sdp_file_lock(int fd, bool wait);

#endif
