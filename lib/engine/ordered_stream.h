/*
 * An ordered stream: workers make chunks of text in any order, and the parent writes them in
 * ascending order.
 *
 * The callbacks return 0 or -1 unless stated otherwise. The context belongs to the caller.
 */
#ifndef SDP_ENGINE_ORDERED_STREAM_H
#define SDP_ENGINE_ORDERED_STREAM_H

#include "sdp/buf.h"
#include "table/chunk.h"

#include <stdbool.h>

/* What the stream and its feed callback tell each other. */
struct sdp_ordered_stream_feed {
	/* Set by the stream: */
	bool ready; /* the descriptor input can be read */
	bool busy;  /* some chunks are cut but not written yet */
	/* Set by feed, which is called again when input can be read or timeout has passed: */
	int input;         /* the descriptor to wait for; -1: none */
	int timeout;       /* in milliseconds */
	bool wake_workers; /* a chunk may be ready to be cut, so the workers must look again */
	uint64_t chunks;   /* about how many chunks there are so far, written ones included */
};

struct sdp_ordered_stream {
	/*
	 * Called in a worker: appends chunk number chunk to out, which is empty. The text must
	 * depend only on the arguments, because a worker may die and the chunk is then made again.
	 */
	int (*make)(void *context, uint64_t chunk, struct sdp_buf *out, struct sdp_err *err);
	/*
	 * Called in the parent for each chunk once, in ascending order. Returns 0 to go on, 1 to
	 * end the stream successfully, -1 on failure.
	 */
	int (*write)(void *context, uint64_t chunk, const char *text, size_t length,
		     struct sdp_err *err);
	/*
	 * May be NULL. Called in the parent after one or more writes when the next chunk is not
	 * made yet.
	 */
	int (*flush)(void *context, struct sdp_err *err);
	/*
	 * May be NULL. Called in the parent before it waits for input while all chunks are written:
	 * fails if nobody would read further ones.
	 */
	int (*check)(void *context, struct sdp_err *err);
	void *context;
	/*
	 * If cut is NULL, the chunks are 0 to chunks - 1. Otherwise they are cut from what feed
	 * takes in:
	 */
	uint64_t chunks;
	/*
	 * Called in the worker that then makes the chunk. Returns SDP_CHUNK_READY if the chunk is
	 * there; SDP_CHUNK_WAIT if it may be after the next wake_workers; SDP_CHUNK_FAILED if it
	 * and all later chunks cannot be cut. Chunks are cut in
	 * ascending order and never by two workers at the same time. A worker may die in it; then
	 * another worker is asked for the same chunk.
	 */
	enum sdp_chunk_status (*cut)(void *context, uint64_t chunk, struct sdp_err *err);
	/*
	 * May be NULL. Called in a worker that waits while others cut count chunks, starting with
	 * next: prepares for the chunk after these. Returns whether it did anything.
	 */
	bool (*ahead)(void *context, uint64_t next, unsigned count);
	/*
	 * Called in the parent: takes in the input that is available. Returns 1 to be called again,
	 * 0 at the end of the input, and -1 if the input fails. After a failure, the chunks that
	 * are there are cut and written before the stream fails with that error.
	 */
	int (*feed)(void *context, struct sdp_ordered_stream_feed *feed, struct sdp_err *err);
	/* the most chunks that are cut or made but not written yet; 0: three per worker */
	int slots;
	bool silent; /* no chunk has text, so slots need no memory */
};

/*
 * Makes and writes all chunks, or as many as write wants, with 1 to 256 workers. Stops at the first
 * chunk that fails, after writing those before it. A chunk may have at most 1 GiB. If deaths is not
 * NULL, it is set to the number of workers that died. Returns 0 or -1.
 */
int sdp_ordered_stream_run(const struct sdp_ordered_stream *stream, int workers, int *deaths,
			   struct sdp_err *err);

#endif
