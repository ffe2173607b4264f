/* Whether a file was changed while it was read. */
#ifndef SDP_BASE_FILE_CHANGE_H
#define SDP_BASE_FILE_CHANGE_H

#include "sdp/err.h"

#include <sys/stat.h>

/*
 * Fails if the regular file that fd refers to is no longer what it was when then was filled
 * (fstat). The system itself sets the time of the last change of an inode (ctime), so a file that
 * was rewritten in place is noticed even if its size and its mtime are the same again. The ctime
 * also changes if the file is renamed, linked or removed, or its owner or permissions are set.
 * Since nothing tells that from a rewrite, this is a failure as well, with a message of its own.
 * Other files than regular ones never fail. name is for messages.
 */
int sdp_file_unchanged(int fd, const struct stat *then, const char *name, struct sdp_err *err);

#endif
