/*
 * The chunks of an ordered stream pass through a ring of slots in shared memory: chunk i uses slot
 * i % slots. A chunk is cut only when the chunk before it in the same slot is written, so a worker
 * that has a chunk also has its slot:
 *
 *	     written                    cut
 *	  … ────┼─ made ─ being made ────┼─ (at most slots ahead) …
 *	 parent: writes, feeds            workers: cut, make
 *
 * Chunks are units of a pass of the pool. A pass has room for a limited number of units, but a pipe
 * may go on for ever, so a new pass begins when the last one is full.
 */
#define _GNU_SOURCE
#include "engine/ordered_stream.h"

#include "engine/pool.h"
#include "sdp/shared_arena.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	SLOTS = 3,          /* per worker */
	WAIT = 100,         /* ms between checks for signals */
	PER_PASS = 1 << 18, /* chunks per pass of the pool */
	KEEP = 4 << 20,     /* bytes that a slot keeps when its chunk is written */
	LEAST = 1 << 16,    /* of a slot, if there is one */
};

/*
 * Bytes of the longest chunk, and of the address space of a slot, most of which is never touched.
 * If address space is limited, slots are smaller, and longer chunks are in a file in memory.
 */
static const uint64_t largest = UINT64_C(1) << 30;

/* Shared by all processes. */
struct shared {
	_Atomic uint64_t written; /* the number of chunks written */
	_Atomic bool full;        /* a worker found no slot */
	uint64_t base;            /* the chunk that is unit 0 of this pass */
	uint64_t length[];        /* of the chunk in each slot */
};

struct ring {
	const struct sdp_ordered_stream *stream;
	uint64_t slots;
	size_t room; /* bytes of a slot */
	char *text;  /* slots × room bytes */
	int file;    /* chunk i is at (i % slots) × largest if it is longer than room */
	struct shared *shared;
	struct sdp_pool *pool;
	struct sdp_buf made; /* the chunk that this process makes */
};

/* ---- in the workers ---- */

static void *begin(void *context, int worker, struct sdp_err *err)
{
	(void)worker;
	(void)err;
	return context;
}

static enum sdp_chunk_status more(void *context, uint64_t unit, struct sdp_err *err)
{
	struct ring *ring = context;
	struct shared *s = ring->shared;
	uint64_t chunk = s->base + unit;
	if (unit == PER_PASS)
		return SDP_CHUNK_END;
	/*
	 * The order matters: the parent stores written before it looks at full, so it misses no
	 * worker.
	 */
	atomic_store(&s->full, true);
	if (chunk >= atomic_load(&s->written) + ring->slots)
		return SDP_CHUNK_WAIT;
	atomic_store(&s->full, false);
	if (ring->stream->cut)
		return ring->stream->cut(ring->stream->context, chunk, err);
	return chunk < ring->stream->chunks ? SDP_CHUNK_READY : SDP_CHUNK_END;
}

static bool ahead(void *context, uint64_t next, unsigned count)
{
	const struct ring *ring = context;
	return ring->stream->ahead &&
	       ring->stream->ahead(ring->stream->context, ring->shared->base + next, count);
}

static int make(void *context, int worker, void *state, uint64_t unit, struct sdp_err *err)
{
	struct ring *ring = context;
	uint64_t chunk = ring->shared->base + unit, slot = chunk % ring->slots;
	(void)worker;
	(void)state;
	ring->made.length = 0;
	if (ring->stream->make(ring->stream->context, chunk, &ring->made, err) < 0)
		return -1;
	if (ring->made.length > largest)
		return sdp_fail(err, SDP_SYSTEM, "a piece of output exceeds 1 GiB");
	if (ring->made.length > ring->room) {
		if (sdp_write_at(ring->file, ring->made.data, ring->made.length, slot * largest) <
		    0)
			return sdp_fail_errno(err, "cannot pass on a piece of output");
	} else if (ring->made.length) {
		memcpy(ring->text + slot * ring->room, ring->made.data, ring->made.length);
	}
	ring->shared->length[slot] = ring->made.length;
	return 0;
}

/* ---- in the parent ---- */

/* Writes a chunk from the file, and frees its place there. */
static int write_long(struct ring *ring, uint64_t chunk, size_t length, struct sdp_err *err)
{
	off_t at = (off_t)(chunk % ring->slots * largest);
	void *text = mmap(NULL, length, PROT_READ, MAP_SHARED, ring->file, at);
	if (text == MAP_FAILED)
		return sdp_fail_errno(err, "cannot map a piece of output");
	int rc = ring->stream->write(ring->stream->context, chunk, text, length, err);
	munmap(text, length);
	fallocate(ring->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, (off_t)length);
	return rc;
}

static int write_chunk(struct ring *ring, uint64_t chunk, struct sdp_err *err)
{
	struct shared *s = ring->shared;
	uint64_t slot = chunk % ring->slots, length = s->length[slot];
	int rc = length > ring->room
			 ? write_long(ring, chunk, length, err)
			 : ring->stream->write(ring->stream->context, chunk,
					       ring->text + slot * ring->room, length, err);
	if (rc != 0)
		return rc;
	if (length > KEEP && length <= ring->room)
		madvise(ring->text + slot * ring->room + KEEP, length - KEEP, MADV_REMOVE);
	atomic_store(&s->written, chunk + 1);
	if (atomic_exchange(&s->full, false))
		sdp_pool_wake(ring->pool);
	return 0;
}

static int flush(const struct ring *ring, struct sdp_err *err)
{
	return ring->stream->flush ? ring->stream->flush(ring->stream->context, err) : 0;
}

/* Writes the chunks that are made, in order. Returns 1 if write wants no more, else 0 or -1. */
static int write_made(struct ring *ring, struct sdp_err *err)
{
	bool any = false;
	for (;; any = true) {
		uint64_t chunk = atomic_load(&ring->shared->written),
			 unit = chunk - ring->shared->base;
		bool made =
			unit < sdp_pool_offered(ring->pool) && sdp_pool_unit_done(ring->pool, unit);
		if (sdp_pool_lowest_failure(ring->pool) == unit)
			return flush(ring, err) < 0 ? -1 : sdp_pool_failure(ring->pool, err);
		if (!made)
			break;
		int rc = write_chunk(ring, chunk, err);
		if (rc != 0)
			return rc;
	}
	return any ? flush(ring, err) : 0;
}

/* Returns whether all chunks that were cut are written. */
static bool all_written(const struct ring *ring)
{
	return ring->shared->base + sdp_pool_offered(ring->pool) ==
	       atomic_load(&ring->shared->written);
}

/*
 * Begins a pass for about chunks chunks. There is at least one worker, because only a worker can
 * find out that there are no chunks.
 */
static int begin_pass(struct ring *ring, uint64_t chunks, struct sdp_err *err)
{
	ring->shared->base = atomic_load(&ring->shared->written);
	sdp_pool_begin(ring->pool);
	return sdp_pool_grow(ring->pool, chunks ? chunks : 1, err);
}

static int loop(struct ring *ring, struct sdp_err *err)
{
	const struct sdp_ordered_stream *stream = ring->stream;
	struct sdp_ordered_stream_feed feed = {.input = -1,
					       .timeout = WAIT,
					       .chunks = stream->cut ? 1 : stream->chunks};
	struct sdp_err feeding;
	int fed = stream->feed ? 1 : 0;
	if (begin_pass(ring, feed.chunks, err) < 0)
		return -1;
	for (;;) {
		int rc = write_made(ring, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		if (sdp_pool_idle(ring->pool) && all_written(ring)) {
			/* Cutting may have failed since the look at what is made. */
			if (sdp_pool_lowest_failure(ring->pool) ==
			    atomic_load(&ring->shared->written) - ring->shared->base)
				continue;
			bool full = sdp_pool_offered(ring->pool) == PER_PASS;
			if (full && begin_pass(ring, feed.chunks, err) < 0)
				return -1;
			if (!full && fed <= 0)
				break;
		}
		feed.busy = !all_written(ring);
		if (!feed.busy && stream->check && stream->check(stream->context, err) < 0)
			return -1;
		if (fed > 0 && (fed = stream->feed(stream->context, &feed, &feeding)) <= 0)
			feed = (struct sdp_ordered_stream_feed){.input = -1,
								.timeout = WAIT,
								.wake_workers = true,
								.chunks = feed.chunks};
		if (feed.wake_workers && sdp_pool_grow(ring->pool, feed.chunks, err) < 0)
			return -1;
		feed.wake_workers = false;
		rc = sdp_pool_maintain(ring->pool, feed.timeout, feed.input, err);
		if (rc < 0)
			return -1;
		feed.ready = rc > 0;
	}
	if (fed < 0)
		*err = feeding;
	return fed;
}

/* Reserves the slots, and about half of the address space for others if it is limited. */
static int reserve(struct ring *ring, struct sdp_err *err)
{
	size_t lengths = sizeof *ring->shared + ring->slots * sizeof ring->shared->length[0];
	ring->shared = sdp_shared_map(lengths, err);
	ring->room = ring->stream->silent ? 0 : largest;
	while (ring->room && !(ring->text = sdp_shared_map(ring->slots * ring->room, err)))
		ring->room = ring->room > LEAST ? ring->room / 2 : 0;
	if (ring->text && ring->room > LEAST && ring->room < largest) {
		munmap(ring->text, ring->slots * ring->room);
		ring->room /= 2;
		ring->text = sdp_shared_map(ring->slots * ring->room, err);
	}
	ring->file = ring->room < largest ? memfd_create("sdp", MFD_CLOEXEC) : -1;
	if (ring->room < largest && ring->file < 0)
		return sdp_fail_errno(err, "cannot make a file in memory");
	return ring->shared && (ring->text || !ring->room) ? 0 : -1;
}

static void release(struct ring *ring)
{
	size_t lengths = sizeof *ring->shared + ring->slots * sizeof ring->shared->length[0];
	sdp_buf_release(&ring->made);
	if (ring->text)
		munmap(ring->text, ring->slots * ring->room);
	if (ring->shared)
		munmap(ring->shared, lengths);
	if (ring->file >= 0)
		close(ring->file);
}

int sdp_ordered_stream_run(const struct sdp_ordered_stream *stream, int workers, int *deaths,
			   struct sdp_err *err)
{
	struct ring ring = {.stream = stream, .slots = SLOTS * (uint64_t)workers};
	struct sdp_pool_work work = {.begin = begin,
				     .run = make,
				     .more = more,
				     .ahead = ahead,
				     .context = &ring,
				     .eager = true};
	if (stream->slots > 0)
		ring.slots = (uint64_t)stream->slots;
	int rc = reserve(&ring, err);
	if (rc == 0)
		rc = (ring.pool = sdp_pool_new(NULL, workers, &work, err)) ? loop(&ring, err) : -1;
	if (ring.pool && deaths)
		*deaths = sdp_pool_deaths(ring.pool);
	sdp_pool_free(ring.pool);
	release(&ring);
	return rc;
}
