/*
 * Pieces go through a ring of places in shared memory, piece i through place i % places.  The
 * parent offers a piece only when the one before it in the same place is written, so a worker
 * that has a piece also has its place.
 */
#define _GNU_SOURCE
#include "sdp/stream.h"

#include "pool.h"

#include <string.h>
#include <sys/mman.h>

enum { PLACES = 3 /* a worker */, WAIT = 100 /* ms between looks at signals */ };

static const uint64_t largest = UINT64_C(1) << 30; /* address space, mostly never touched */

struct ring {
	const struct sdp_stream *stream;
	uint64_t places;
	char *text;      /* places × largest bytes */
	uint64_t *length; /* of the piece in each place */
	struct sdp_buf made; /* of this process */
};

static void *begin(void *context, int worker, struct sdp_err *err)
{
	(void)worker;
	(void)err;
	return context;
}

static int make(void *context, int worker, void *state, uint64_t piece, struct sdp_err *err)
{
	struct ring *ring = context;
	(void)worker;
	(void)state;
	ring->made.length = 0;
	if (ring->stream->make(ring->stream->context, piece, &ring->made, err) < 0)
		return -1;
	if (ring->made.length > largest)
		return sdp_fail(err, SDP_SYSTEM, "a piece of output exceeds 1 GiB");
	uint64_t place = piece % ring->places;
	if (ring->made.length)
		memcpy(ring->text + place * largest, ring->made.data, ring->made.length);
	ring->length[place] = ring->made.length;
	return 0;
}

static int pump(struct ring *ring, struct sdp_pool *pool, struct sdp_err *err)
{
	const struct sdp_stream *stream = ring->stream;
	uint64_t offered = 0;
	sdp_pool_begin(pool);
	for (uint64_t written = 0; written < stream->pieces; written++) {
		uint64_t place = written % ring->places;
		uint64_t offer = written + ring->places;
		if (offer > stream->pieces)
			offer = stream->pieces;
		if (sdp_pool_offer(pool, offer - offered, err) < 0)
			return -1;
		offered = offer;
		while (!sdp_pool_job_done(pool, written))
			if (sdp_pool_tend(pool, WAIT, -1, err) < 0)
				return -1;
		if (sdp_pool_lowest_failure(pool) == written)
			return sdp_pool_failure(pool, err);
		if (stream->write(stream->context, ring->text + place * largest, ring->length[place], err) < 0)
			return -1;
	}
	return 0;
}

static int run(struct ring *ring, struct sdp_arena *arena, int workers, struct sdp_err *err)
{
	size_t size = ring->places * largest;
	ring->length = sdp_arena_take(arena, 0, ring->places * sizeof *ring->length, err);
	if (!ring->length)
		return -1;
	ring->text = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ring->text == MAP_FAILED)
		return sdp_fail_errno(err, "cannot map shared memory");
	struct sdp_pool_work work = {.begin = begin, .run = make, .context = ring, .eager = true};
	struct sdp_pool *pool = sdp_pool_new(arena, workers, &work, err);
	int rc = pool ? pump(ring, pool, err) : -1;
	sdp_pool_free(pool);
	munmap(ring->text, size);
	return rc;
}

int sdp_stream_run(const struct sdp_stream *stream, int workers, struct sdp_err *err)
{
	struct ring ring = {.stream = stream, .places = PLACES * (uint64_t)workers};
	struct sdp_arena *arena = sdp_arena_new(workers + 1, err);
	int rc = arena ? run(&ring, arena, workers, err) : -1;
	sdp_buf_release(&ring.made);
	sdp_arena_free(arena);
	return rc;
}
