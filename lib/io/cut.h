/* Between source.c and cut.c. */
#ifndef SDP_CUT_H
#define SDP_CUT_H

#include "input.h"

/* Begins the first input: its header makes the schema. */
int sdp_cut_begin(struct sdp_source *s, struct sdp_err *err);

/* Takes a header record (or, with --no-header, the first record, which stays data). */
int sdp_source_header(struct sdp_source *s, const char *text, size_t length, struct sdp_err *err);

#endif
