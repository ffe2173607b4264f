/* Finds programs: the other programs of sdp first, then those in PATH. */
#ifndef SDP_PROCESS_FIND_H
#define SDP_PROCESS_FIND_H

#include "sdp/buf.h"

/*
 * Sets path to the path of a program.  A name with a slash is the path; any other name is looked up
 * in the directory of this program's file and then in PATH.  Fails with SDP_SYSTEM if there is no
 * such program.
 */
int sdp_find_program(const char *name, struct sdp_buf *path, struct sdp_err *err);

#endif
