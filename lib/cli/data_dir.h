/* The folder in which sdp keeps files: SDP_HOME, else sdp below XDG_DATA_HOME or ~/.local/share. */
#ifndef SDP_CLI_DATA_DIR_H
#define SDP_CLI_DATA_DIR_H

#include "sdp/buf.h"

/* Appends its absolute path; it need not exist.  SDP_USAGE if nothing says where it is. */
int sdp_data_dir(struct sdp_buf *path, struct sdp_err *err);

#endif
