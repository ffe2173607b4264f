/*
 * Row streams on N workers: pieces of text made in any order, written in theirs.
 */
#ifndef SDP_STREAM_H
#define SDP_STREAM_H

#include "sdp/buf.h"

struct sdp_stream {
	uint64_t pieces;
	/*
	 * In a worker: appends piece number to out (empty).  A function of its arguments: a worker
	 * may die and the piece be made again.
	 */
	int (*make)(void *context, uint64_t piece, struct sdp_buf *out, struct sdp_err *err);
	/* In the parent, pieces in ascending order, each once. */
	int (*write)(void *context, const char *text, size_t length, struct sdp_err *err);
	void *context;
};

/*
 * Makes and writes all pieces; the first piece that fails ends it, those before it are written.
 * A few pieces a worker are in memory at a time; one may have 1 GiB.
 */
int sdp_stream_run(const struct sdp_stream *stream, int workers, struct sdp_err *err);

#endif
