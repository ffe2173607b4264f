/*
 * Row streams on N workers: chunks of text made in any order, written in theirs.
 */
#ifndef SDP_ENGINE_ORDERED_STREAM_H
#define SDP_ENGINE_ORDERED_STREAM_H

#include "sdp/buf.h"

#include <stdbool.h>

/* Between the stream and who feeds it. */
struct sdp_ordered_stream_feed {
	/* Set by the stream. */
	bool ready; /* input can be read */
	bool busy;  /* chunks are cut that are not written yet */
	/* Set by feed, which is called again when one of the two has come about. */
	int input;       /* a descriptor that can be read; -1: none */
	int timeout;     /* ms that have passed */
	bool news;       /* a chunk may be cut that could not before: workers look */
	uint64_t chunks; /* about as many are there, now or before */
};

struct sdp_ordered_stream {
	/*
	 * In a worker: appends chunk number to out (empty).  A function of its arguments: a worker
	 * may die and the chunk be made again.
	 */
	int (*make)(void *context, uint64_t chunk, struct sdp_buf *out, struct sdp_err *err);
	/*
	 * In the parent, chunks in ascending order, each once.  1: the stream ends here, well; 0:
	 * it goes on.
	 */
	int (*write)(void *context, uint64_t chunk, const char *text, size_t length,
		     struct sdp_err *err);
	/* In the parent, after writes, when the next chunk is not there yet.  May be NULL. */
	int (*flush)(void *context, struct sdp_err *err);
	void *context;
	/* Chunks 0 … chunks-1, or if cut is there, chunks that are cut from what is fed: */
	uint64_t chunks;
	/*
	 * In the worker that goes on to make it: chunk is there to be made: 1.  0: there is none,
	 * nor will be.  2: not yet, but perhaps after the next news.  -1: it cannot be cut, nor any
	 * behind it.  In ascending order and never by two workers at once; one may die in it and
	 * another be asked again.
	 */
	int (*cut)(void *context, uint64_t chunk, struct sdp_err *err);
	/*
	 * May be NULL.  In a worker that waits while others cut count chunks from next on: it can
	 * get ready for the one behind these.  Did it do anything?
	 */
	bool (*ahead)(void *context, uint64_t next, unsigned count);
	/*
	 * In the parent: takes in what is at hand.  1, or 0 when all is there, or -1 when no more
	 * will come of what should; then what is there is cut and written before the failure is the
	 * stream's.
	 */
	int (*feed)(void *context, struct sdp_ordered_stream_feed *feed, struct sdp_err *err);
	int slots; /* chunks cut or made and not yet written, at most; 0: three a worker */
};

/*
 * Makes and writes all chunks, or as many as write wants; the first chunk that fails ends it, those
 * before it are written.
 * One chunk may have 1 GiB.  deaths, of workers, may be NULL.
 */
int sdp_ordered_stream_run(const struct sdp_ordered_stream *stream, int workers, int *deaths,
			   struct sdp_err *err);

#endif
