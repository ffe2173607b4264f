/*
 * The directory in which sdp keeps data: $SDP_HOME, else $XDG_DATA_HOME/sdp, else
 * ~/.local/share/sdp.
 */
#ifndef SDP_BASE_DATA_DIR_H
#define SDP_BASE_DATA_DIR_H

#include "sdp/buf.h"

/*
 * Appends the absolute path of the directory, which need not exist.  A relative SDP_HOME is taken
 * from the current directory; a relative XDG_DATA_HOME is ignored, as its specification asks.
 *
 * Returns 0, or -1 with SDP_USAGE if neither these variables nor HOME are set.
 */
int sdp_data_dir(struct sdp_buf *path, struct sdp_err *err);

#endif
