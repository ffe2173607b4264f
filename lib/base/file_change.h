/* Tells whether a file changed while it was read. */
#ifndef SDP_BASE_FILE_CHANGE_H
#define SDP_BASE_FILE_CHANGE_H

#include "sdp/err.h"

#include <sys/stat.h>

/*
 * Fails with SDP_DATA if the regular file of fd has changed since `then` was filled by fstat: its
 * size, its mtime or its ctime. Only the system sets the ctime, so a file that was rewritten in
 * place is noticed even if its size and its mtime are the same again. The ctime also changes if the
 * file is renamed, linked or removed, or if its owner or permissions are set. Nothing distinguishes
 * this from a rewrite, so it is a failure as well, with a message of its own. A file that is not
 * regular never fails. name is for messages.
 */
int sdp_file_unchanged(int fd, const struct stat *then, const char *name, struct sdp_err *err);

#endif
