/*
 * Runs the passes of a task: the workers call its callbacks; the parent takes in the input, merges
 * the states and calls step.
 *
 * Before the first pass over the chunks, their boundaries are unknown. A worker that looks for work
 * cuts the next chunk, which it has to read and scan anyway, and parses it while another worker
 * cuts the chunk after it. One worker cuts at a time, but it can be any free one. If it dies, the
 * previous chunk still tells where to go on.
 */
#define _GNU_SOURCE
#include "sdp/engine.h"

#include "base/signals.h"
#include "engine/json_columns.h"
#include "engine/pool.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "table/chunk_reader.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	WAIT = 100,     /* ms between checks for signals and reports of progress */
	SEGMENT = 1024, /* chunks whose places are allocated at once */
};

struct run {
	const struct sdp_task *task;
	struct sdp_source *source;
	const struct sdp_engine_options *options;
	struct sdp_pool *pool;
	struct sdp_shared_arena *arena;
	void *plan, *root;
	/* In shared memory, as are plan and root: workers that live on see it change. */
	struct sdp_pass *pass;
	/* The chunks, in shared memory; segments are added in the first pass. */
	struct sdp_chunk **segments;
	uint64_t chunk_count;
	bool cut; /* all chunks are in segments */
	int pass_number;
	int spill_file;
	/* The parts of the run, 0 to 1, that are done before this pass, after it, and now. */
	double before, after, now;
	/* Used in this process only: */
	struct sdp_work work;
	struct sdp_chunk_reader reader;
};

static struct sdp_chunk *chunk_at(const struct run *run, uint64_t number)
{
	return &run->segments[number / SEGMENT][number % SEGMENT];
}

static size_t segments_size(void)
{
	return (sdp_pool_capacity() / SEGMENT + 1) * sizeof(struct sdp_chunk *);
}

/* ---- in the workers ---- */

static void *begin_state(void *context, int worker, struct sdp_err *err)
{
	struct run *run = context;
	run->work.spill.owner = worker + 1;
	void *state =
		sdp_spill_take(&run->work.spill, sdp_task_state_size(run->task, run->plan), err);
	if (state && run->task->init && run->task->init(run->plan, state, &run->work, err) < 0)
		return NULL;
	return state;
}

static enum sdp_chunk_status cut(struct run *run, uint64_t number, enum sdp_chunk_manner manner,
				 struct sdp_err *err)
{
	struct sdp_chunk **segment = &run->segments[number / SEGMENT];
	/* One process at a time cuts, so cutting is an owner of its own, which outlives workers. */
	if (!*segment)
		*segment = sdp_shared_arena_take(run->arena, run->options->workers + 1,
						 SEGMENT * sizeof **segment, err);
	return !*segment ? SDP_CHUNK_FAILED
			 : sdp_chunk_reader_cut(&run->reader, number, manner,
						number ? chunk_at(run, number - 1) : NULL,
						chunk_at(run, number), err);
}

static enum sdp_chunk_status cut_more(void *context, uint64_t number, struct sdp_err *err)
{
	return cut(context, number, SDP_CHUNK_PATIENT, err);
}

static bool read_ahead(void *context, uint64_t next, unsigned count)
{
	struct run *run = context;
	return next && sdp_chunk_reader_prefetch(&run->reader, chunk_at(run, next - 1), count);
}

/* A block is folded into this state. */
struct updating {
	struct run *run;
	void *state;
};

static int update(void *context, const struct sdp_block *block, struct sdp_err *err)
{
	struct updating *u = context;
	return u->run->task->update(u->run->plan, u->state, block, &u->run->work, err);
}

static int run_one(void *context, int worker, void *state, uint64_t number, struct sdp_err *err)
{
	struct run *run = context;
	struct updating u = {run, state};
	(void)worker;
	if (run->pass->kind == SDP_PASS_ITEMS)
		return run->task->item(run->plan, state, number, &run->work, err);
	return sdp_chunk_reader_apply(&run->reader, number, chunk_at(run, number), UINT64_MAX,
				      update, &u, err);
}

/* ---- in the parent ---- */

/* done may become less if a worker dies, and total may grow with the input. */
static void report(struct run *run, uint64_t done, uint64_t total)
{
	const double parts = 1e6;
	struct sdp_progress progress = {run->pass->phase, run->pass_number, done, 0};
	if (!run->options->progress)
		return;
	if (total) {
		double of_pass = done < total ? (double)done / (double)total : 1;
		double now = run->before + (run->after - run->before) * of_pass;
		run->now = now > run->now ? now : run->now;
		progress.done = (uint64_t)(run->now * parts);
		progress.total = (uint64_t)parts;
	}
	run->options->progress(run->options->progress_context, &progress);
}

static void report_chunks(struct run *run, uint64_t total)
{
	uint64_t bytes = sdp_pool_done(run->pool) * sdp_source_chunk_target(run->source);
	report(run, total && bytes > total ? total : bytes, total);
}

/*
 * Waits until nothing is left to do in this pass. pumping is the error of taking in the input, or
 * NULL; it comes after all errors in what was read.
 */
static int finish(struct run *run, const struct sdp_err *pumping, struct sdp_err *err)
{
	while (!sdp_pool_idle(run->pool)) {
		if (sdp_pool_maintain(run->pool, WAIT, -1, err) < 0)
			return -1;
		if (run->pass->kind == SDP_PASS_ITEMS)
			report(run, sdp_pool_done(run->pool), run->pass->items);
		else
			report_chunks(run, sdp_source_have(run->source));
	}
	if (sdp_source_unchanged(run->source, err) < 0 || sdp_pool_failure(run->pool, err) < 0)
		return -1;
	if (pumping) {
		*err = *pumping;
		return -1;
	}
	return 0;
}

/*
 * Maintains the workers until sdp_source_pump would not wait, or for a short time. Returns 1 if it
 * would not wait, else 0 or -1.
 */
static int wait_for_input(struct run *run, struct sdp_err *err)
{
	int input = sdp_source_waits_for(run->source);
	int rc = sdp_pool_maintain(run->pool, input < 0 ? 0 : WAIT, input, err);
	return rc < 0 ? -1 : input < 0 || rc > 0;
}

/* The first pass: workers cut and parse what is there while the parent takes in more. */
static int pass_while_cutting(struct run *run, struct sdp_err *err)
{
	struct sdp_err pumping;
	uint64_t total = sdp_source_size(run->source),
		 target = sdp_source_chunk_target(run->source);
	int rc = 0;
	sdp_pool_begin(run->pool);
	if (run->chunk_count && sdp_pool_offer(run->pool, run->chunk_count, err) < 0)
		return -1;
	do {
		uint64_t chunks = sdp_source_have(run->source) / target + 1;
		if (sdp_pool_grow(run->pool, chunks, err) < 0 ||
		    (rc = wait_for_input(run, err)) < 0)
			return -1;
		report_chunks(run, total);
		if (rc > 0)
			rc = sdp_source_pump(run->source, &pumping);
		else
			rc = 1;
	} while (rc > 0 && !sdp_pool_failed(run->pool));
	sdp_pool_wake(run->pool);
	if (finish(run, rc < 0 ? &pumping : NULL, err) < 0)
		return -1;
	run->chunk_count = sdp_pool_offered(run->pool);
	run->cut = true;
	return 0;
}

static int pass_over(struct run *run, uint64_t count, struct sdp_err *err)
{
	sdp_pool_begin(run->pool);
	if (sdp_pool_offer(run->pool, count, err) < 0)
		return -1;
	return finish(run, NULL, err);
}

static int one_pass(struct run *run, struct sdp_err *err)
{
	double share = run->pass->share;
	run->pass_number++;
	run->before = run->after;
	run->after += (1 - run->before) * (share > 0 && share < 1 ? share : 1);
	if (run->pass->kind == SDP_PASS_ITEMS)
		return pass_over(run, run->pass->items, err);
	return run->cut ? pass_over(run, run->chunk_count, err) : pass_while_cutting(run, err);
}

/*
 * Merges the states of the workers into the root. The memory of the states passes to the owner of
 * the parent's spill, unless the pass said that none of it is needed.
 */
static int merge_states(struct run *run, struct sdp_err *err)
{
	for (int i = 0; i < run->options->workers; i++) {
		void *state = sdp_pool_state(run->pool, i);
		if (state && run->task->merge(run->plan, run->root, state, &run->work, err) < 0)
			return -1;
		if (run->pass->discard_states)
			sdp_shared_arena_drop(run->arena, i + 1);
		else
			sdp_shared_arena_pass(run->arena, i + 1, run->work.spill.owner);
	}
	return 0;
}

/*
 * Cuts a chunk before the first pass and takes in the input that it needs. SDP_CHUNK_END: there is
 * none, and the input is complete.
 */
static enum sdp_chunk_status cut_early(struct run *run, uint64_t number, struct sdp_err *err)
{
	struct sdp_err pumping;
	enum sdp_chunk_status found;
	int more = 1;
	while ((found = cut(run, number, SDP_CHUNK_WHOLE, err)) == SDP_CHUNK_WAIT) {
		/* Waits for twice as much as last time, since a cut starts over. */
		uint64_t have = sdp_source_spooled(run->source);
		while (more > 0 && sdp_source_spooled(run->source) < 2 * have + 1) {
			int rc = wait_for_input(run, err);
			if (rc < 0)
				return SDP_CHUNK_FAILED;
			if (rc > 0)
				more = sdp_source_pump(run->source, &pumping);
		}
	}
	if (found != SDP_CHUNK_END || more >= 0)
		return found;
	*err = pumping;
	return SDP_CHUNK_FAILED;
}

/*
 * Guesses the types from the rows that --where wants. Chunks without such a row are read here for
 * the only time. Sets *chunks to how many were cut. The pass reports faults of the input.
 */
static int guess_from_wanted(struct run *run, uint64_t *chunks, struct sdp_err *err)
{
	struct sdp_guess guess = {0};
	struct sdp_err fault;
	struct sdp_block block;
	bool more = true;
	for (uint64_t number = 0; more; number++) {
		if (number >= *chunks) {
			if (sdp_pool_maintain(run->pool, 0, -1, err) < 0)
				return -1;
			if (cut_early(run, number, &fault) != SDP_CHUNK_READY)
				break;
			*chunks = number + 1;
		}
		more = sdp_chunk_reader_load(&run->reader, number, chunk_at(run, number), &block,
					     &fault) == 0;
		more &= sdp_source_guess_wanted(run->source, &block, &guess);
	}
	return 0;
}

/* Cuts and reads the first chunk before anything else, to guess the types of the columns. */
static int guess_types(struct run *run, struct sdp_err *err)
{
	struct sdp_where *where = sdp_source_where(run->source);
	struct sdp_block block = {0};
	struct sdp_err fault;
	uint64_t chunks = 0;
	bool was_bound = where && sdp_where_is_bound(where);
	uint32_t usual = sdp_source_usual_chunks(run->source, true);
	enum sdp_chunk_status found = cut_early(run, 0, err);
	if (found == SDP_CHUNK_FAILED)
		return -1;
	/* The pass reports a faulty record, because it also finds the faults before it. */
	if (found == SDP_CHUNK_READY) {
		sdp_chunk_reader_load(&run->reader, 0, chunk_at(run, 0), &block, &fault);
		chunks = 1;
	}
	if (sdp_source_guess(run->source, &block, err) < 0)
		return -1;
	if (chunks && where && !was_bound && sdp_where_is_bound(where) &&
	    guess_from_wanted(run, &chunks, err) < 0)
		return -1;
	/* The chunks are the first ones of the pass unless those of the pass are smaller. */
	run->chunk_count = sdp_source_usual_chunks(run->source, false) == usual ? chunks : 0;
	return 0;
}

static int prepare(struct run *run, struct sdp_err *err)
{
	const struct sdp_engine_options *options = run->options;
	if (options->workers < 1 || options->workers > SDP_WORKERS_MAX)
		return sdp_fail(err, SDP_USAGE, "%d workers: not from 1 to %d", options->workers,
				SDP_WORKERS_MAX);
	run->arena = sdp_shared_arena_new(options->workers + 3, err);
	if (!run->arena)
		return -1;
	/* Without a file to spill to, memory must suffice. */
	struct sdp_err ignored;
	run->spill_file = sdp_spool_new(&ignored);
	if (sdp_spill_init(&run->work.spill, run->arena, run->spill_file, sdp_temporary_folder(),
			   options->max_memory / 2, err) < 0)
		return -1;
	run->work.workers = options->workers;
	run->work.memory = options->max_memory / 4 / (unsigned)options->workers;
	if (run->work.memory < 1 << 20)
		run->work.memory = 1 << 20;
	run->segments = sdp_shared_map(segments_size(), err);
	if (!run->segments)
		return -1;
	run->pass = sdp_spill_take(&run->work.spill, sizeof *run->pass, err);
	struct sdp_pool_work work = {.begin = begin_state,
				     .run = run_one,
				     .more = cut_more,
				     .ahead = read_ahead,
				     .context = run};
	run->pool = run->pass ? sdp_pool_new(run->arena, options->workers, &work, err) : NULL;
	return run->pool ? 0 : -1;
}

static int run_passes(struct run *run, const void *params, struct sdp_err *err)
{
	const struct sdp_task *task = run->task;
	if (guess_types(run, err) < 0 || task->open(params, sdp_source_schema(run->source),
						    &run->work, &run->plan, run->pass, err) < 0)
		return -1;
	run->root = sdp_spill_take(&run->work.spill, sdp_task_state_size(task, run->plan), err);
	if (!run->root || (task->init && task->init(run->plan, run->root, &run->work, err) < 0))
		return -1;
	/* merge and step take from an owner of their own, so that a task can drop all states. */
	run->work.spill.owner = run->options->workers + 2;
	while (run->pass->kind != SDP_PASS_DONE) {
		if (one_pass(run, err) < 0 || merge_states(run, err) < 0)
			return -1;
		if (!task->step)
			run->pass->kind = SDP_PASS_DONE;
		else if (task->step(run->plan, run->root, &run->work, run->pass, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Adds the warnings about the input to the document. Oddities are counted once per source, because
 * a model may be fitted and used on the same source.
 */
static int add_warnings(struct run *run, cJSON *doc, struct sdp_err *err)
{
	char text[SDP_ODD_TEXT];
	if (!sdp_source_odd(run->source))
		for (uint64_t i = 0; i < run->chunk_count; i++)
			sdp_source_count_odd(run->source, chunk_at(run, i));
	cJSON *warnings = sdp_doc_member(doc, "warnings");
	if (!cJSON_IsArray(warnings))
		return 0;
	const char *warning;
	for (size_t i = 0; (warning = sdp_source_warning(run->source, i)); i++)
		if (sdp_doc_text(warnings, NULL, warning, err) < 0)
			return -1;
	for (int k = 0; k < SDP_ODD_KINDS; k++)
		if (sdp_source_odd_text(run->source, (enum sdp_odd)k, false, text, sizeof text) &&
		    sdp_doc_text(warnings, NULL, text, err) < 0)
			return -1;
	return 0;
}

/* Sets what the report says of rows. */
static void count_rows(const struct run *run, struct sdp_engine_report *report)
{
	report->rows = report->rows_read = 0;
	for (uint64_t i = 0; i < run->chunk_count; i++) {
		report->rows += chunk_at(run, i)->rows_wanted;
		report->rows_read += chunk_at(run, i)->rows_read;
	}
}

/* Adds the number of rows that were read, wanted or not, after that of the wanted rows. */
static int add_rows_read(cJSON *doc, uint64_t count, struct sdp_err *err)
{
	if (sdp_doc_count(doc, "rows_read", count, err) < 0)
		return -1;
	cJSON *rows = sdp_doc_member(doc, "rows"), *read = sdp_doc_member(doc, "rows_read");
	/* The members between the two move to the end. */
	while (rows && rows->next != read)
		cJSON_AddItemToArray(doc, cJSON_DetachItemViaPointer(doc, rows->next));
	return 0;
}

int sdp_engine_run_as_is(const struct sdp_task *task, const void *params, struct sdp_source *source,
			 const struct sdp_engine_options *options, cJSON *doc,
			 struct sdp_engine_report *report, struct sdp_err *err)
{
	struct run run = {.task = task,
			  .source = source,
			  .reader = {.source = source},
			  .options = options,
			  .spill_file = -1};
	int rc = prepare(&run, err) < 0 ? -1 : run_passes(&run, params, err);
	if (rc == 0) {
		err->code = SDP_OK;
		rc = task->emit(run.plan, run.root, doc, err) < 0 ? -1 : sdp_err_result(err);
	}
	struct sdp_engine_report rows;
	count_rows(&run, &rows);
	if (rc == 0 && doc && sdp_source_where(source))
		rc = add_rows_read(doc, rows.rows_read, err);
	if (rc == 0)
		rc = add_warnings(&run, doc, err);
	if (rc == 0 && options->finish)
		rc = options->finish(options->finish_context, doc, err);
	if (rc == 0)
		*report = (struct sdp_engine_report){
			.chunks = run.chunk_count,
			.rows = rows.rows,
			.rows_read = rows.rows_read,
			.passes = run.pass_number,
			.deaths = sdp_pool_deaths(run.pool),
			.temporary =
				sdp_spill_file_bytes(&run.work.spill) + sdp_source_spooled(source),
		};
	sdp_pool_free(run.pool);
	if (run.segments)
		munmap(run.segments, segments_size());
	sdp_chunk_reader_release(&run.reader);
	sdp_work_release(&run.work);
	if (run.spill_file >= 0)
		close(run.spill_file);
	sdp_shared_arena_free(run.arena);
	return rc;
}
