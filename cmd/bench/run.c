/* Runs the commands of sdp-bench at their numbers of workers and collects the measurements. */
#include "base/clock.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "bench.h"
#include "process/find.h"
#include "sdp/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TAIL = 64 << 10 };

static void free_words(char **words)
{
	for (size_t i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}

void sdp_bench_release(struct sdp_bench *b)
{
	for (size_t i = 0; i < b->case_count; i++) {
		free(b->cases[i].name);
		free_words(b->cases[i].words);
		sdp_buf_release(&b->cases[i].path);
	}
	for (size_t i = 0; b->cells && i < b->case_count * b->count_count; i++)
		free(b->cells[i].wall);
	free(b->cells);
	sdp_bench_journal_close(&b->journal);
	if (b->inherit >= 0)
		close(b->inherit);
	free(b->shown);
}

int sdp_bench_add_case(struct sdp_bench *b, const char *name, int count, char **words,
		       size_t marked, struct sdp_err *err)
{
	if (b->case_count == SDP_BENCH_CASES)
		SDP_BUG();
	struct sdp_bench_case *c = &b->cases[b->case_count++];
	c->marked = marked;
	c->name = sdp_strndup(name, strlen(name), err);
	c->words = sdp_alloc((size_t)count + 1, sizeof *c->words, err);
	if (!c->name || !c->words)
		return -1;
	for (int i = 0; i < count; i++)
		if (!(c->words[i] = sdp_strndup(words[i], strlen(words[i]), err)))
			return -1;
	return 0;
}

/*
 * Returns a copy of the word with the number of workers filled in, which the caller frees, or NULL.
 */
static char *expand(const char *word, long workers, struct sdp_err *err)
{
	struct sdp_buf out = {0};
	int rc = sdp_buf_add_text(&out, "", err);
	while (rc == 0 && *word) {
		size_t mark = strncmp(word, "{}", 2) == 0    ? 2
			      : strncmp(word, "{w}", 3) == 0 ? 3
							     : 0;
		rc = mark ? sdp_buf_format(&out, err, "%ld", workers)
			  : sdp_buf_add(&out, word, 1, err);
		word += mark ? mark : 1;
	}
	if (rc == 0)
		return out.data;
	sdp_buf_release(&out);
	return NULL;
}

/* Returns the words of a run with this number of workers, or NULL. */
static char **expand_all(const struct sdp_bench_case *c, long workers, struct sdp_err *err)
{
	char *const *words = c->words;
	size_t n = 0;
	while (words[n])
		n++;
	char **out = sdp_alloc(n + 1, sizeof *out, err);
	for (size_t i = 0; out && i < n; i++)
		if (!(out[i] = i && (!c->marked || i == c->marked)
				       ? expand(words[i], workers, err)
				       : sdp_strndup(words[i], strlen(words[i]), err))) {
			free_words(out);
			return NULL;
		}
	return out;
}

bool sdp_bench_succeeded(const struct sdp_measure *m, const char *what, bool ours,
			 struct sdp_err *err)
{
	size_t length = m->messages.length < TAIL ? m->messages.length : TAIL;
	if (WIFEXITED(m->status) && WEXITSTATUS(m->status) == 0)
		return true;
	if (length)
		sdp_pass_on_messages(m->messages.data + m->messages.length - length, length);
	if (WIFEXITED(m->status))
		sdp_fail(err, ours && WEXITSTATUS(m->status) == SDP_SYSTEM ? SDP_SYSTEM : SDP_DATA,
			 "%s: it ended with exit code %d", what, WEXITSTATUS(m->status));
	else
		sdp_fail(err, SDP_DATA, "%s: it died of signal %d", what, WTERMSIG(m->status));
	return false;
}

static size_t total_runs(const struct sdp_bench *b)
{
	return b->case_count * b->count_count * (b->warmup + b->runs);
}

static void show_progress(void *context)
{
	struct sdp_bench *b = context;
	size_t total = total_runs(b);
	char phase[100];
	if (b->line.how == SDP_PROGRESS_NONE)
		return;
	snprintf(phase, sizeof phase, "run %zu of %zu", b->ended + 1, total);
	if (b->ended > b->journal.count) {
		double each =
			(sdp_clock_seconds() - b->start) / (double)(b->ended - b->journal.count);
		b->line.left = each * (double)(total - b->ended);
	}
	sdp_progress_line_show(&b->line, &(struct sdp_progress){phase, 1, b->ended, total});
}

static void note_run(struct sdp_bench_cell *cell, const struct sdp_bench_entry *m, bool measured)
{
	if (!cell->hashed)
		memcpy(cell->hash, m->hash, sizeof m->hash);
	cell->hashed = true;
	cell->differs |= memcmp(cell->hash, m->hash, sizeof m->hash) != 0;
	if (!measured)
		return;
	cell->wall[cell->done] = m->wall;
	cell->user[cell->done] = m->user;
	cell->sys[cell->done] = m->sys;
	cell->done++;
	if (cell->peak_memory < m->peak_memory)
		cell->peak_memory = m->peak_memory;
}

static int run_once(struct sdp_bench *b, size_t index, size_t round, struct sdp_err *err)
{
	const struct sdp_bench_case *c = &b->cases[index / b->count_count];
	long workers = b->counts[index % b->count_count];
	bool measured = round >= b->warmup;
	char what[300];
	struct sdp_measure m = {0};
	char **words = expand_all(c, workers, err);
	struct sdp_measure_command command = {.path = c->path.data,
					      .words = words,
					      .inherit = b->inherit,
					      .on_output = sdp_bench_save_take,
					      .tick = show_progress,
					      .context = b};

	if (!words)
		return -1;
	snprintf(what, sizeof what, "%.*s, %ld worker%s, %s %zu",
		 (int)sdp_utf8_prefix(c->name, 200), c->name, workers, workers == 1 ? "" : "s",
		 measured ? "run" : "warm-up", measured ? round - b->warmup + 1 : round + 1);
	show_progress(b);
	int rc = sdp_bench_journal_add(b, index, round, NULL, err);
	if (rc == 0)
		rc = sdp_bench_save_open(b, index / b->count_count, err);
	if (rc == 0)
		rc = sdp_measure_run(&command, &m, err);
	if (rc < 0 || WEXITSTATUS(m.status) || !WIFEXITED(m.status))
		sdp_progress_line_end(&b->line);
	if (rc == 0 && !sdp_bench_succeeded(&m, what, b->input.place != NULL, err))
		rc = -1;
	if (sdp_bench_save_close(b, rc == 0, err) < 0)
		rc = -1;
	if (rc == 0)
		rc = sdp_bench_journal_add(b, index, round, &m, err);
	if (rc == 0) {
		note_run(&b->cells[index],
			 &(struct sdp_bench_entry){index,
						   round,
						   m.wall,
						   m.user,
						   m.sys,
						   m.peak_memory,
						   {m.hash[0], m.hash[1]}},
			 measured);
		sdp_note("%s: %.6f s", what, m.wall);
	}
	sdp_buf_release(&m.messages);
	free_words(words);
	return rc;
}

/* Takes the run's measurements from the journal if it has ended there, and runs it otherwise. */
static int run_or_pass(struct sdp_bench *b, size_t index, size_t round, struct sdp_err *err)
{
	const struct sdp_bench_entry *entry;
	int rc = sdp_bench_journal_next(b, index, round, &entry, err);
	if (rc == 0 && entry)
		note_run(&b->cells[index], entry, round >= b->warmup);
	else if (rc == 0)
		rc = run_once(b, index, round, err);
	b->ended += rc == 0;
	return rc;
}

/* Runs every pair once, in a random order. */
static int run_round(struct sdp_bench *b, size_t round, size_t *order, struct sdp_err *err)
{
	size_t pairs = b->case_count * b->count_count;
	for (size_t i = 0; i < pairs; i++) {
		size_t k = (size_t)sdp_rng_below(i + 1, b->seed, round, i);
		order[i] = order[k];
		order[k] = i;
	}
	for (size_t i = 0; i < pairs; i++)
		if (run_or_pass(b, order[i], round, err) < 0)
			return -1;
	return 0;
}

static int make_room(struct sdp_bench *b, struct sdp_err *err)
{
	size_t pairs = b->case_count * b->count_count;
	if (!(b->cells = sdp_alloc(pairs, sizeof *b->cells, err)))
		return -1;
	for (size_t i = 0; i < pairs; i++) {
		if (!(b->cells[i].wall = sdp_alloc(3 * b->runs, sizeof(double), err)))
			return -1;
		b->cells[i].user = b->cells[i].wall + b->runs;
		b->cells[i].sys = b->cells[i].user + b->runs;
	}
	return 0;
}

int sdp_bench_run(struct sdp_bench *b, struct sdp_err *err)
{
	if (make_room(b, err) < 0)
		return -1;
	for (size_t i = 0; i < b->case_count; i++)
		if (sdp_find_program(b->cases[i].words[0], &b->cases[i].path, err) < 0)
			return -1;
	size_t *order = sdp_alloc(b->case_count * b->count_count, sizeof *order, err);
	int rc = order ? 0 : -1;
	sdp_progress_line_init(&b->line, "sdp-bench", b->common);
	b->start = sdp_clock_seconds();
	for (size_t round = 0; rc == 0 && round < b->warmup + b->runs; round++)
		rc = run_round(b, round, order, err);
	if (rc == 0)
		sdp_progress_line_end(&b->line);
	free(order);
	return rc;
}
