/*
 * A stream of rows (sdp/rows.h) as an ordered stream: each chunk of the stream is a chunk of the
 * input.
 *
 * As in the first pass of a task, a free worker cuts the next chunk and makes its text; the parent
 * takes in the input and writes. The output does not depend on where chunks are cut, so when a pipe
 * pauses, the records that have arrived are cut into a shorter chunk.
 */
#include "sdp/rows.h"

#include "base/clock.h"
#include "engine/guess.h"
#include "engine/ordered_stream.h"
#include "sdp/shared_arena.h"
#include "table/chunk_reader.h"

#include <stdatomic.h>
#include <sys/mman.h>

enum {
	FLUSH_AFTER = 100, /* ms that records wait for the rest of a chunk */
	/*
	 * After so many ms without a cut, while no chunk is being made, the cutter must be waiting
	 * for a long record.
	 */
	STALLED_AFTER = 10,
	AHEAD = 16 << 20,    /* the most bytes taken in but not cut yet */
	SLOTS = 3,           /* chunks per worker that are cut but not written */
	COUNT_SLOTS = 64,    /* the same if only rows are counted */
	SLOT_SIZE = 2 << 20, /* about the bytes that one of these takes */
};

/* A slot of the ring: a chunk and the result of making it. */
struct slot {
	struct sdp_chunk chunk;
	uint64_t rows;
	/* It has a fault; if there is a limit, perhaps only after the last wanted row. */
	bool faulty;
};

/* Shared by all processes. */
struct shared {
	/* An offset in the spool: the bytes before it have waited for FLUSH_AFTER. */
	_Atomic uint64_t flush_to;
	_Atomic uint64_t cut_to; /* The offset in the spool up to which chunks are cut. */
	uint64_t ring_size;
	/* Chunk i is in slot i % (ring_size + 1): the ring and the chunk before it. */
	struct slot slots[];
};

struct run {
	const struct sdp_rows *rows;
	struct sdp_source *source;
	const struct sdp_engine_options *options;
	const struct sdp_rows_sink *sink;
	struct sdp_row_writer text;
	struct shared *shared;
	/* Used in a worker: */
	struct sdp_chunk_reader reader;
	struct sdp_added added;
	struct sdp_work work;
	/* Used in the parent: */
	bool header_written;
	bool odd_counted; /* an earlier run has counted the oddities */
	/* what is written: chunks, bytes of the input, rows */
	uint64_t chunks, bytes, rows_written, rows_read;
	/* waiting_since and stalled_since are in ms; 0: nothing waits */
	uint64_t waiting_since, cut_seen, stalled_since;
};

static struct slot *slot_of(const struct run *run, uint64_t number)
{
	return &run->shared->slots[number % (run->shared->ring_size + 1)];
}

/* ---- in the workers ---- */

static enum sdp_chunk_status cut(void *context, uint64_t number, struct sdp_err *err)
{
	struct run *run = context;
	const struct sdp_chunk *previous = number ? &slot_of(run, number - 1)->chunk : NULL;
	struct sdp_chunk *chunk = &slot_of(run, number)->chunk;
	enum sdp_chunk_status found =
		sdp_chunk_reader_cut(&run->reader, number, SDP_CHUNK_PATIENT, previous, chunk, err);
	/* Of a file that is followed, all whole records count, also before a failure. */
	if ((found == SDP_CHUNK_WAIT && chunk->offset < atomic_load(&run->shared->flush_to)) ||
	    (found == SDP_CHUNK_END && sdp_source_follows(run->source)))
		found = sdp_chunk_reader_cut(&run->reader, number, SDP_CHUNK_RECORDS, previous,
					     chunk, err);
	if (found == SDP_CHUNK_READY && sdp_source_spools(run->source, chunk->input))
		atomic_store(&run->shared->cut_to, chunk->offset + chunk->length);
	return found;
}

static int make_cells(struct run *run, const struct sdp_block *block, struct sdp_err *err)
{
	run->added.count = 0;
	run->added.text.length = 0;
	return run->rows->make
		       ? run->rows->make(run->rows->plan, block, &run->added, &run->work, err)
		       : 0;
}

/*
 * The slot of the previous chunk may be reused meanwhile. Then the wrong bytes are prefetched, and
 * they are not used.
 */
static bool read_ahead(void *context, uint64_t next, unsigned count)
{
	struct run *run = context;
	return next &&
	       sdp_chunk_reader_prefetch(&run->reader, &slot_of(run, next - 1)->chunk, count);
}

/* A text to make, and how many rows it has. */
struct making {
	struct run *run;
	struct sdp_buf *out;
	uint64_t rows;
};

static int make_text(void *context, const struct sdp_block *block, struct sdp_err *err)
{
	struct making *m = context;
	struct run *run = m->run;
	m->rows = block->rows;
	if (make_cells(run, block, err) < 0)
		return -1;
	return run->rows->count_only
		       ? 0
		       : sdp_row_writer_block(&run->text, block, &run->added, m->out, err);
}

static int make(void *context, uint64_t number, struct sdp_buf *out, struct sdp_err *err)
{
	struct run *run = context;
	struct slot *slot = slot_of(run, number);
	struct making making = {run, out, 0};
	int rc = sdp_chunk_reader_apply(&run->reader, number, &slot->chunk,
					run->rows->limited ? run->rows->limit : UINT64_MAX,
					make_text, &making, err);
	slot->rows = making.rows;
	slot->faulty = rc < 0;
	return run->rows->limited ? 0 : rc;
}

/* ---- in the parent ---- */

static void report(struct run *run)
{
	uint64_t total = sdp_source_size(run->source);
	struct sdp_progress progress = {"writing", 1,
					total && run->bytes > total ? total : run->bytes, total};
	if (run->options->progress)
		run->options->progress(run->options->progress_context, &progress);
}

static int write_header(struct run *run, struct sdp_err *err)
{
	struct sdp_buf header = {0};
	int rc = run->rows->count_only ? 0 : sdp_row_writer_header(&run->text, &header, err);
	if (rc == 0 && header.length)
		rc = run->sink->write(run->sink->context, header.data, header.length, err);
	sdp_buf_release(&header);
	run->header_written = true;
	return rc;
}

/*
 * Makes a chunk again and writes its first wanted rows. They must be valid; faults after them are
 * ignored. There are fewer if a worker failed to make the chunk, as it may lack memory for a
 * moment.
 */
static int write_first(struct run *run, const struct sdp_chunk *chunk, uint64_t wanted,
		       struct sdp_err *err)
{
	struct sdp_chunk_reader reader = {.source = run->source};
	struct sdp_buf text = {0};
	struct making making = {run, &text, 0};
	struct sdp_chunk good = *chunk;
	int rc = sdp_chunk_reader_apply(&reader, 0, &good, wanted, make_text, &making, err);
	if (rc == 0 && text.length)
		rc = run->sink->write(run->sink->context, text.data, text.length, err);
	if (rc == 0 && !run->odd_counted)
		sdp_source_count_odd(run->source, &good);
	run->rows_written += making.rows;
	run->rows_read += good.rows_read;
	sdp_buf_release(&text);
	sdp_chunk_reader_release(&reader);
	return rc;
}

static int write_chunk(void *context, uint64_t number, const char *text, size_t length,
		       struct sdp_err *err)
{
	struct run *run = context;
	const struct slot *slot = slot_of(run, number);
	const struct sdp_chunk *chunk = &slot->chunk;
	uint64_t wanted = run->rows->limited ? run->rows->limit - run->rows_written : UINT64_MAX;
	if (sdp_source_unchanged(run->source, err) < 0 ||
	    (!run->header_written && write_header(run, err) < 0))
		return -1;
	if (slot->faulty || slot->rows >= wanted) {
		if (write_first(run, chunk, wanted, err) < 0)
			return -1;
	} else {
		if (length && run->sink->write(run->sink->context, text, length, err) < 0)
			return -1;
		if (!run->odd_counted)
			sdp_source_count_odd(run->source, chunk);
		run->rows_written += slot->rows;
		run->rows_read += chunk->rows_read;
	}
	if (run->rows->limited && run->rows_written == run->rows->limit)
		return 1;
	if (sdp_source_spools(run->source, chunk->input))
		sdp_source_forget(run->source, chunk->offset + chunk->length);
	run->chunks++;
	run->bytes += chunk->length;
	report(run);
	return 0;
}

static int flush(void *context, struct sdp_err *err)
{
	struct run *run = context;
	return run->sink->flush(run->sink->context, err);
}

static int check(void *context, struct sdp_err *err)
{
	struct run *run = context;
	return run->sink->check ? run->sink->check(run->sink->context, err) : 0;
}

/*
 * Sets flush_to when the bytes of a pipe have waited for FLUSH_AFTER without being cut. Returns the
 * ms until that is due.
 */
static int check_deadline(struct run *run, uint64_t time, struct sdp_ordered_stream_feed *feed)
{
	struct shared *s = run->shared;
	uint64_t have = sdp_source_spooled(run->source), cut_to = atomic_load(&s->cut_to);
	if (have <= cut_to || have <= atomic_load(&s->flush_to)) {
		run->waiting_since = 0;
	} else if (!run->waiting_since) {
		run->waiting_since = time;
	} else if (time - run->waiting_since >= FLUSH_AFTER) {
		atomic_store(&s->flush_to, have);
		run->waiting_since = 0;
		feed->wake_workers = true;
	}
	return run->waiting_since ? FLUSH_AFTER - (int)(time - run->waiting_since) : FLUSH_AFTER;
}

/*
 * Takes in input, but not far ahead of the cutter, so that a faster writer has to wait; unless the
 * cutter itself waits for the rest of a record that is longer than that.
 */
static int feed(void *context, struct sdp_ordered_stream_feed *feed, struct sdp_err *err)
{
	struct run *run = context;
	uint64_t time = sdp_clock_ms() + 1, cut_to = atomic_load(&run->shared->cut_to);
	int rc = 1;
	if (feed->busy || cut_to != run->cut_seen)
		run->stalled_since = time;
	run->cut_seen = cut_to;
	bool room = sdp_source_spooled(run->source) < cut_to + AHEAD ||
		    time - run->stalled_since >= STALLED_AFTER;
	if (room && (feed->ready || sdp_source_waits_for(run->source) < 0)) {
		rc = sdp_source_pump(run->source, err);
		feed->wake_workers = true;
	}
	feed->chunks = sdp_source_have(run->source) / sdp_source_chunk_target(run->source) + 1;
	feed->timeout = check_deadline(run, time, feed);
	feed->input = room ? sdp_source_waits_for(run->source) : -1;
	if (room ? feed->input < 0 : feed->timeout > STALLED_AFTER)
		feed->timeout = room ? 0 : STALLED_AFTER;
	return rc;
}

static int run_stream(struct run *run, struct sdp_engine_report *result, struct sdp_err *err)
{
	struct sdp_ordered_stream stream = {
		.make = make,
		.write = write_chunk,
		.flush = flush,
		.check = check,
		.cut = cut,
		.ahead = read_ahead,
		.feed = feed,
		.context = run,
		.slots = (int)run->shared->ring_size,
		.silent = run->rows->count_only,
	};
	int deaths = 0;
	bool none = run->rows->limited && run->rows->limit == 0;
	if ((!none && sdp_ordered_stream_run(&stream, run->options->workers, &deaths, err) < 0) ||
	    sdp_source_unchanged(run->source, err) < 0 ||
	    (!run->header_written && write_header(run, err) < 0))
		return -1;
	*result = (struct sdp_engine_report){
		.chunks = run->chunks,
		.rows = run->rows_written,
		.rows_read = run->rows_read,
		.passes = 1,
		.deaths = deaths,
		.temporary = sdp_source_spooled(run->source),
	};
	return flush(run, err);
}

/* Returns how many chunks ahead memory allows and the workers can use. */
static uint64_t ring_size(const struct sdp_engine_options *options, bool count_only)
{
	uint64_t fit = options->max_memory / 2 / SLOT_SIZE,
		 use = (count_only ? COUNT_SLOTS : SLOTS) * (uint64_t)options->workers;
	return fit < 1 ? 1 : fit < use ? fit : use;
}

int sdp_rows_run(const struct sdp_rows *rows, struct sdp_source *source,
		 const struct sdp_engine_options *options, const struct sdp_rows_sink *sink,
		 struct sdp_engine_report *result, struct sdp_err *err)
{
	struct run run = {.rows = rows,
			  .source = source,
			  .reader = {.source = source},
			  .options = options,
			  .sink = sink};
	const struct sdp_schema *schema = sdp_source_schema(source);
	if (sdp_discover_columns(source, options, err) < 0)
		return -1;
	if (sdp_guess_for_where(source, err) < 0)
		return -1;
	run.odd_counted = sdp_source_odd(source);
	uint64_t ahead = ring_size(options, rows->count_only);
	run.work.workers = options->workers;
	run.work.memory = options->max_memory / 4 / (unsigned)options->workers;
	if (run.work.memory < 1 << 20)
		run.work.memory = 1 << 20;
	if (sdp_row_writer_init(&run.text, rows->format, sdp_source_name(source, 0), schema,
				rows->choice, rows->added, rows->added_count, err) < 0)
		return -1;
	size_t size = sizeof *run.shared + (ahead + 1) * sizeof run.shared->slots[0];
	int rc = -1;
	run.shared = sdp_shared_map(size, err);
	if (run.shared) {
		run.shared->ring_size = ahead;
		rc = run_stream(&run, result, err);
		munmap(run.shared, size);
	}
	sdp_added_release(&run.added);
	sdp_work_release(&run.work);
	sdp_row_writer_release(&run.text);
	return rc;
}
