/* The types of columns that --where needs before a stream of rows begins. */
#ifndef SDP_ENGINE_GUESS_H
#define SDP_ENGINE_GUESS_H

#include "table/source.h"

/*
 * Binds the expression of --where, if there is one that is not bound yet. If it needs types that
 * are not fixed, takes in the first rows of the input (SDP_GUESS_ROWS, or the first chunk if that
 * has fewer, or all there are) and guesses them. Returns 0 or -1.
 */
int sdp_guess_for_where(struct sdp_source *source, struct sdp_err *err);

#endif
