/*
 * Tests the laws of sdp/task.h on any task. It is linked with the objects of cmd/NAME and is run as
 *
 *	laws_sdp-NAME [OPTIONS] FILE...
 *
 * It reads the input as the program does, with all its options. SDP_TEST_CHUNK splits it elsewhere.
 *
 * First the task is run in the plain way, with one state and the blocks in order. Then it is run
 * many times with its blocks (or items) in random order, in a random number of states, which are
 * merged in random pairs. Empty states are merged in on either side, some blocks are read twice and
 * one of the two states is discarded, and scratch memory is overwritten in between. The document
 * must be identical byte for byte.
 */
#include "base/rng.h"
#include "cli/cli.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/run.h"
#include "table/chunk_reader.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TRIALS = 30, STATES = 8, CHUNKS = 4096, MEMORY = 64 << 20, LITTLE = 1 << 20 };

struct trial {
	const struct sdp_task *task;
	struct sdp_source *source;
	struct sdp_chunk *chunks;
	size_t chunk_count;
	void *plan;
	struct sdp_work work;
	struct sdp_chunk_reader reader;
	uint64_t seed, draw; /* seed 0: the plain way */
	struct sdp_err err;
};

static _Noreturn void fail(struct trial *t, const char *what)
{
	fprintf(stderr, "laws: %s: %s\n", what, t->err.text);
	exit(1);
}

static size_t below(struct trial *t, size_t n)
{
	return t->seed == 0 ? 0 : (size_t)sdp_rng_below(n, t->seed, 0, t->draw++);
}

static void *fresh(struct trial *t)
{
	void *state =
		sdp_spill_take(&t->work.spill, sdp_task_state_size(t->task, t->plan), &t->err);
	if (!state || (t->task->init && t->task->init(t->plan, state, &t->work, &t->err) < 0))
		fail(t, "init");
	return state;
}

/* What the last callback left in scratch memory is nobody's business. */
static void spoil(struct trial *t)
{
	if (t->seed && below(t, 4) == 0)
		sdp_work_release(&t->work);
	else if (t->seed && t->work.scratch)
		memset(t->work.scratch, (int)below(t, 256), t->work.scratch_size);
}

static void run_one(struct trial *t, void *state, const struct sdp_pass *pass, size_t number)
{
	struct sdp_block block;
	spoil(t);
	if (pass->kind == SDP_PASS_ITEMS) {
		if (t->task->item(t->plan, state, number, &t->work, &t->err) < 0)
			fail(t, "item");
		return;
	}
	if (sdp_chunk_reader_load(&t->reader, number, &t->chunks[number], &block, &t->err) < 0)
		fail(t, "load");
	if (t->task->update(t->plan, state, &block, &t->work, &t->err) < 0)
		fail(t, "update");
}

static void merge(struct trial *t, void *into, void *from)
{
	if (t->task->merge(t->plan, into, from, &t->work, &t->err) < 0)
		fail(t, "merge");
}

/* Merges states[0, n) into one, in any order and direction. */
static void *merge_all(struct trial *t, void **states, size_t n)
{
	while (n > 1) {
		size_t i = below(t, n), j = below(t, n - 1);
		j += j >= i;
		if (t->seed && below(t, 3) == 0) {
			void *nothing = fresh(t);
			merge(t, states[i], nothing); /* a fresh state as the right side … */
			nothing = fresh(t);
			merge(t, nothing, states[j]); /* … and as the left one */
			states[j] = nothing;
		}
		merge(t, states[i], states[j]);
		states[j] = states[--n];
	}
	return states[0];
}

static void one_pass(struct trial *t, void *root, const struct sdp_pass *pass)
{
	size_t n = pass->kind == SDP_PASS_ITEMS ? pass->items : t->chunk_count,
	       count = 1 + below(t, STATES);
	size_t *order = malloc((n + 1) * sizeof *order);
	void *states[STATES];
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; t->seed && i > 1; i--) {
		size_t j = below(t, i), swap = order[i - 1];
		order[i - 1] = order[j];
		order[j] = swap;
	}
	for (size_t i = 0; i < count; i++)
		states[i] = fresh(t);
	for (size_t i = 0; i < n; i++) {
		if (t->seed && below(t, 5) == 0)
			run_one(t, fresh(t), pass, order[i]); /* a worker that died */
		run_one(t, states[below(t, count)], pass, order[i]);
	}
	free(order);
	merge(t, root, merge_all(t, states, count));
}

static char *run(struct trial *t, const void *params)
{
	struct sdp_pass pass;
	const struct sdp_task *task = t->task;
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &t->err);
	int spill_file = sdp_spool_new(&t->err);
	/* Every other trial keeps everything in the file, and every third one has little memory. */
	if (!arena || spill_file < 0 ||
	    sdp_spill_init(&t->work.spill, arena, spill_file, sdp_temporary_folder(),
			   t->seed % 2 ? 0 : MEMORY, &t->err) < 0)
		fail(t, "store");
	t->work.memory = t->seed % 3 == 1 ? LITTLE : MEMORY;
	t->work.workers = 1 + (int)below(t, 7);
	if (task->open(params, sdp_source_schema(t->source), &t->work, &t->plan, &pass, &t->err) <
	    0)
		fail(t, "open");
	void *root = fresh(t);
	while (pass.kind != SDP_PASS_DONE) {
		one_pass(t, root, &pass);
		if (!task->step)
			pass.kind = SDP_PASS_DONE;
		else if (task->step(t->plan, root, &t->work, &pass, &t->err) < 0)
			fail(t, "step");
	}
	cJSON *doc = cJSON_CreateObject();
	if (!doc || task->emit(t->plan, root, doc, &t->err) < 0)
		fail(t, "emit");
	struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	struct sdp_buf text = {0};
	if (sdp_doc_print(doc, &style, &text, &t->err) < 0)
		fail(t, "print");
	cJSON_Delete(doc);
	sdp_work_release(&t->work);
	sdp_chunk_reader_release(&t->reader);
	sdp_shared_arena_free(arena);
	close(spill_file);
	return text.data;
}

/* All chunks of the input; the first one makes the guesses. */
static void cut(struct trial *t)
{
	struct sdp_block block = {0};
	enum sdp_chunk_status found = SDP_CHUNK_READY;
	t->chunks = calloc(CHUNKS, sizeof *t->chunks);
	while (t->chunk_count < CHUNKS - 1 && found == SDP_CHUNK_READY) {
		size_t n = t->chunk_count;
		found = sdp_chunk_reader_cut(&t->reader, n, SDP_CHUNK_WHOLE,
					     n ? &t->chunks[n - 1] : NULL, &t->chunks[n], &t->err);
		t->chunk_count += found == SDP_CHUNK_READY;
	}
	if (found != SDP_CHUNK_END)
		fail(t, "cut");
	if (t->chunk_count && sdp_chunk_reader_load(&t->reader, 0, t->chunks, &block, &t->err) < 0)
		fail(t, "load");
	if (sdp_source_guess(t->source, &block, &t->err) < 0)
		fail(t, "guess");
	struct sdp_guess guess = {0};
	bool more = sdp_source_where(t->source) != NULL;
	for (uint64_t n = 0; more && n < t->chunk_count; n++) {
		if (sdp_chunk_reader_load(&t->reader, n, &t->chunks[n], &block, &t->err) < 0)
			fail(t, "load");
		more = sdp_source_guess_wanted(t->source, &block, &guess);
	}
}

int main(int argc, char **argv)
{
	struct trial t = {.task = sdp_program.task};
	struct sdp_option_table table;
	struct sdp_command_line command;
	void *params = calloc(1, sdp_program.params_size);
	int more;
	if (sdp_option_table_make(&table, &sdp_program, &t.err) < 0 ||
	    sdp_command_line_parse(&command, &sdp_program, &table, params, argc, argv, &t.err) < 0)
		fail(&t, "options");
	if (sdp_program.choose_task)
		t.task = sdp_program.choose_task(params);
	((struct sdp_common *)params)->workers = 2;
	t.source = sdp_run_open(params, command.count, command.operands, &t.err);
	if (!t.source)
		fail(&t, "open");
	t.reader.source = t.source;
	while ((more = sdp_source_pump(t.source, &t.err)) > 0)
		;
	if (more < 0)
		fail(&t, "pump");
	cut(&t);
	char *expected = run(&t, params);
	int failed = 0;
	for (uint64_t trial = 1; trial <= TRIALS; trial++) {
		struct trial again = {.task = t.task,
				      .source = t.source,
				      .reader = {.source = t.source},
				      .chunks = t.chunks,
				      .chunk_count = t.chunk_count,
				      .seed = trial};
		char *got = run(&again, params);
		if (strcmp(got, expected) != 0) {
			fprintf(stderr, "laws: trial %d differs:\n%s\n%s\n", (int)trial, expected,
				got);
			failed++;
		}
		free(got);
	}
	printf("%s: %zu chunks, %d of %d trials gave the same document\n", sdp_program.name,
	       t.chunk_count, TRIALS - failed, TRIALS);
	free(expected);
	free(t.chunks);
	sdp_source_free(t.source);
	sdp_command_line_release(&command, &table, params);
	sdp_option_table_release(&table);
	free(params);
	return failed != 0;
}
