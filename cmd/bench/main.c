/*
 * sdp-bench: measures a command, or tasks on a table, at several numbers of workers.
 *
 * process/measure.h runs and measures a command, model/bench/speedup_models.h fits the speedup
 * models, and cli/tasks.h has the table of tasks.
 */
#include "../speedup_fits.h"
#include "base/address.h"
#include "base/order.h"
#include "base/signals.h"
#include "bench.h"
#include "sdp/engine.h"
#include "sdp/mem.h"
#include "sdp/output.h"
#include "sdp/run.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct params {
	struct sdp_common common;
	const char *counts;
	int64_t runs, warmup;
	const char *name, *tasks, *journal, *save;
	struct sdp_list given;
};

SDP_ORDER_VALUES(by_size, long)

/*
 * Sets the input to the only regular file among the command's arguments, or to NULL if there is
 * none or more than one.
 */
static int find_input(struct sdp_bench *bench, int count, char **words, struct sdp_err *err)
{
	int files = 0;
	for (int i = 1; i < count; i++) {
		struct stat st;
		int rc = stat(words[i], &st);
		if (rc < 0 && (errno == EIO || errno == ENOMEM))
			return sdp_fail_errno(err, "%s", words[i]);
		if (rc < 0 || !S_ISREG(st.st_mode))
			continue;
		files++;
		bench->input.path = words[i];
		bench->input.bytes = (double)st.st_size;
	}
	if (files != 1)
		bench->input.path = NULL;
	return 0;
}

static int add_command(struct sdp_bench *bench, const char *name, int count, char **words,
		       struct sdp_err *err)
{
	const char *slash = strrchr(words[0], '/');
	bool marked = false;
	if (!*words[0])
		return sdp_fail(err, SDP_USAGE, "the command to run is empty");
	for (int i = 0; i < count; i++)
		marked |= strstr(words[i], "{}") || strstr(words[i], "{w}");
	if (!marked && bench->count_count > 1)
		sdp_warn("the command has no {}, so it is the same for all numbers of workers");
	if (find_input(bench, count, words, err) < 0)
		return -1;
	return sdp_bench_add_case(bench,
				  name                ? name
				  : slash && slash[1] ? slash + 1
						      : words[0],
				  count, words, 0, err);
}

/*
 * Adds the case PROGRAM -j {} -f json [OPTION VALUE]… -- FILE. Values and FILE may have a {} of
 * their own.
 */
static int add_task(struct sdp_bench *bench, const struct sdp_bench_task *task,
		    const struct sdp_bench_choice *c, struct sdp_err *err)
{
	enum { WORKERS = 2 };
	char *words[10 + 2 * SDP_BENCH_PARAMETERS] = {(char *)task->program, "-j", [WORKERS] = "{}",
						      "-f", "json"};
	struct sdp_buf options[SDP_BENCH_PARAMETERS] = {{0}};
	int n = 5, rc = sdp_bench_words(task, c->values, options, words, &n, err);
	if (bench->common->pdf_table) {
		words[n++] = "--pdf-table";
		words[n++] = (char *)bench->common->pdf_table;
	}
	words[n++] = "--";
	words[n++] = (char *)bench->input.place;
	if (rc == 0)
		rc = sdp_bench_add_case(bench, task->name, n, words, WORKERS, err);
	for (int k = 0; k < SDP_BENCH_PARAMETERS; k++)
		sdp_buf_release(&options[k]);
	return rc;
}

static int add_tasks(struct sdp_bench *bench, struct sdp_bench_choice *choices, struct sdp_err *err)
{
	struct sdp_bench_profile found = {0};
	cJSON *doc = NULL;
	int rc = sdp_bench_profile_input(bench, choices, &found, &doc, err);
	if (rc == 0)
		rc = sdp_bench_resolve(&found, choices, err);
	for (int i = 0; rc == 0 && i < SDP_BENCH_TASKS; i++) {
		if (choices[i].wanted && !choices[i].reason)
			rc = add_task(bench, &sdp_bench_tasks[i], &choices[i], err);
	}
	cJSON_Delete(doc);
	return rc;
}

/* Appends "TASK, TASK: REASON" for each reason, separated by "; ". */
static int list_reasons(const struct sdp_bench_choice *choices, struct sdp_buf *out,
			struct sdp_err *err)
{
	bool told[SDP_BENCH_TASKS] = {false};
	int rc = 0;
	for (int i = 0; rc == 0 && i < SDP_BENCH_TASKS; i++) {
		const char *reason = choices[i].reason;
		if (!choices[i].wanted || told[i])
			continue;
		rc = sdp_buf_format(out, err, "%s%s", out->length ? "; " : "",
				    sdp_bench_tasks[i].name);
		for (int k = i + 1; rc == 0 && k < SDP_BENCH_TASKS; k++)
			if (choices[k].wanted && strcmp(choices[k].reason, reason) == 0) {
				told[k] = true;
				rc = sdp_buf_format(out, err, ", %s", sdp_bench_tasks[k].name);
			}
		if (rc == 0)
			rc = sdp_buf_format(out, err, ": %s", reason);
	}
	return rc;
}

/* Warns of the tasks that are skipped, or fails if all are. */
static int report_skipped(const struct sdp_bench *bench, const struct sdp_bench_choice *choices,
			  struct sdp_err *err)
{
	struct sdp_buf reasons = {0};
	for (int i = 0; bench->case_count && i < SDP_BENCH_TASKS; i++)
		if (choices[i].wanted && choices[i].reason)
			sdp_warn("%s is skipped: %s", sdp_bench_tasks[i].name, choices[i].reason);
	if (bench->case_count)
		return 0;
	if (list_reasons(choices, &reasons, err) == 0)
		sdp_fail(err, SDP_DATA, "%.200s: no task can run: %.700s",
			 strcmp(bench->input.path, "-") == 0 ? "standard input" : bench->input.path,
			 reasons.data);
	sdp_buf_release(&reasons);
	return -1;
}

static int prepare(struct sdp_bench *bench, const struct params *params,
		   struct sdp_bench_choice *choices, int count, char **operands,
		   struct sdp_err *err)
{
	if (sdp_bench_counts(params->counts, bench->counts, &bench->count_count, err) < 0)
		return -1;
	qsort(bench->counts, bench->count_count, sizeof *bench->counts, by_size);
	if (!params->tasks && params->given.count)
		return sdp_fail(err, SDP_USAGE, "--param needs --tasks");
	if (!params->tasks && params->common.pdf_table)
		return sdp_fail(err, SDP_USAGE, "--pdf-table needs --tasks");
	if (!params->tasks && count == 0)
		return sdp_fail(err, SDP_USAGE,
				"nothing to run: give a command after --, or --tasks");
	if (!params->tasks)
		return add_command(bench, params->name, count, operands, err);
	if (params->name)
		return sdp_fail(err, SDP_USAGE, "--name is for a command, not for --tasks");
	if (count > 1)
		return sdp_fail(err, SDP_USAGE, "--tasks takes one FILE, or - for standard input");
	if (sdp_refuse_typing(count, err) < 0)
		return -1;
	if (sdp_bench_choose(params->tasks, choices, err) < 0)
		return -1;
	for (size_t i = 0; i < params->given.count; i++)
		if (sdp_bench_parameter(params->given.items[i], choices, err) < 0)
			return -1;
	if (sdp_bench_check(choices, err) < 0)
		return -1;
	if (sdp_bench_open_input(bench, count ? operands[0] : NULL, err) < 0)
		return -1;
	return add_tasks(bench, choices, err);
}

/* The median times of a case at all numbers of workers, which the models are fitted to. */
struct medians {
	double workers[SDP_BENCH_COUNTS], times[SDP_BENCH_COUNTS];
};

static int put_speedup(const struct sdp_bench *b, size_t index, const struct medians *m, cJSON *row,
		       struct sdp_err *err)
{
	size_t k = index % b->count_count;
	const struct sdp_bench_cell *base = &b->cells[index - k], *cell = &b->cells[index];
	double speedup = m->times[0] / m->times[k], more = m->workers[k] / m->workers[0];
	struct sdp_speedup_interval ci = {b->runs > 1 ? 1 : NAN, b->runs > 1 ? 1 : NAN};

	if (k && sdp_speedup_speedup_ci(base->wall, base->done, cell->wall, cell->done, b->seed,
					2 * index + 1, &ci, err) < 0)
		return -1;
	return SDP_DOC_REALS(row, err, {"speedup", speedup}, {"speedup_ci_low", ci.low},
			     {"speedup_ci_high", ci.high}, {"efficiency", speedup / more},
			     {"karp_flatt", sdp_speedup_karp_flatt(speedup, more)});
}

static int put_note(long workers, cJSON *row, struct sdp_err *err)
{
	char note[80];
	int cores = sdp_core_count();
	if (workers <= cores)
		return sdp_doc_null(row, "note", err);
	snprintf(note, sizeof note, "more workers than cores (%d)", cores);
	return sdp_doc_text(row, "note", note, err);
}

static int put_row(struct sdp_bench *b, size_t index, struct medians *m, cJSON *results,
		   struct sdp_err *err)
{
	size_t k = index % b->count_count;
	struct sdp_bench_cell *base = &b->cells[index - k], *cell = &b->cells[index];
	const struct sdp_bench_case *c = &b->cases[index / b->count_count];
	struct sdp_speedup_summary s;
	bool identical = !cell->differs && memcmp(cell->hash, base->hash, sizeof cell->hash) == 0;
	cJSON *row = sdp_doc_row(results, err);

	if (sdp_speedup_summarize(cell->wall, cell->done, b->seed, 2 * index, &s, err) < 0)
		return -1;
	sdp_doc_text(row, "name", c->name, err);
	sdp_doc_integer(row, "workers", b->counts[k], err);
	sdp_doc_count(row, "runs", cell->done, err);
	m->workers[k] = (double)b->counts[k];
	m->times[k] = s.median;
	double bytes = b->input.path ? b->input.bytes : NAN;
	SDP_DOC_REALS(row, err, {"median", s.median}, {"mean", s.mean}, {"stddev", s.stddev},
		      {"min", s.min}, {"ci_low", s.ci.low}, {"ci_high", s.ci.high},
		      {"user", sdp_speedup_median(cell->user, cell->done)},
		      {"sys", sdp_speedup_median(cell->sys, cell->done)});
	sdp_doc_count(row, "peak_rss", cell->peak_memory, err);
	SDP_DOC_REALS(row, err, {"bytes_per_second", bytes / s.median},
		      {"rows_per_second", b->input.rows / s.median});
	if (put_speedup(b, index, m, row, err) < 0)
		return -1;
	sdp_doc_bool(row, "identical", identical, err);
	return put_note(b->counts[k], row, err);
}

/* Quotes the words for a shell, without the secrets of addresses. */
static void quote(char *const *words, struct sdp_buf *out, struct sdp_err *err)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,@%+-{}";
	for (size_t i = 0; words[i]; i++) {
		char *shown = sdp_address_shown(words[i], err);
		const char *word = shown ? shown : "";
		bool quoted = !*word || word[strspn(word, plain)];
		sdp_buf_add(out, " ", i > 0, err);
		sdp_buf_add(out, "'", quoted, err);
		for (; *word; word++)
			if (*word == '\'')
				sdp_buf_add_text(out, "'\\''", err);
			else
				sdp_buf_add(out, word, 1, err);
		sdp_buf_add(out, "'", quoted, err);
		free(shown);
	}
}

static void put_command(const struct sdp_bench_case *c, cJSON *object, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	quote(c->words, &text, err);
	sdp_doc_text(object, "command", text.data, err);
	sdp_buf_release(&text);
}

/*
 * Writes "command", which is null if there are several commands, and "commands", one row per
 * command.
 */
static void put_commands(const struct sdp_bench *b, cJSON *doc, struct sdp_err *err)
{
	if (b->case_count == 1)
		put_command(&b->cases[0], doc, err);
	else
		sdp_doc_null(doc, "command", err);
	cJSON *rows = sdp_doc_array(doc, "commands", err);
	for (size_t i = 0; i < b->case_count; i++) {
		cJSON *row = sdp_doc_row(rows, err);
		sdp_doc_text(row, "name", b->cases[i].name, err);
		put_command(&b->cases[i], row, err);
	}
}

static void put_input(const struct sdp_bench *b, cJSON *doc, struct sdp_err *err)
{
	cJSON *input = sdp_doc_object(doc, "input", err);
	sdp_doc_text(input, "path", b->input.path, err);
	SDP_DOC_REALS(input, err, {"bytes", b->input.path ? b->input.bytes : NAN},
		      {"rows", b->input.rows});
}

static void put_choices(const struct sdp_bench_choice *choices, cJSON *doc, struct sdp_err *err)
{
	cJSON *skipped = sdp_doc_array(doc, "skipped", err);
	sdp_doc_columns(skipped, "name,reason", err);
	cJSON *all = sdp_doc_object(doc, "parameters", err), *row;
	for (int i = 0; i < SDP_BENCH_TASKS; i++) {
		const struct sdp_bench_task *task = &sdp_bench_tasks[i];
		if (!choices[i].wanted)
			continue;
		if (choices[i].reason) {
			row = sdp_doc_row(skipped, err);
			sdp_doc_text(row, "name", task->name, err);
			sdp_doc_text(row, "reason", choices[i].reason, err);
			continue;
		}
		row = sdp_doc_object(all, task->name, err);
		for (int k = 0; task->parameters[k]; k++)
			sdp_doc_text(row, task->parameters[k], choices[i].values[k], err);
	}
}

static int put_all(struct sdp_bench *b, const struct sdp_bench_choice *choices, cJSON *doc,
		   struct sdp_err *err)
{
	struct medians medians[SDP_BENCH_CASES];
	err->code = SDP_OK;
	sdp_doc_text(doc, "task", "benchmark", err);
	cJSON *results = sdp_doc_array(doc, "results", err);
	for (size_t i = 0; i < b->case_count * b->count_count; i++)
		if (put_row(b, i, &medians[i / b->count_count], results, err) < 0)
			return -1;
	put_commands(b, doc, err);
	put_input(b, doc, err);
	sdp_doc_integer(doc, "cores", sdp_core_count(), err);
	cJSON *fits = sdp_doc_array(doc, "fits", err);
	for (size_t i = 0; i < b->case_count; i++) {
		struct sdp_speedup_points points = {medians[i].workers, medians[i].times,
						    b->count_count};
		put_fit(fits, b->cases[i].name, &points, err);
	}
	put_choices(choices, doc, err);
	bench_put_times(b, doc, err);
	bench_put_method(b, doc, err);
	bench_put_environment(b->started, doc, err);
	return sdp_err_result(err);
}

static cJSON *make_document(struct sdp_bench *b, const struct sdp_bench_choice *choices,
			    struct sdp_err *err)
{
	cJSON *doc = cJSON_CreateObject();
	if (!doc)
		sdp_fail_memory(err);
	else if (put_all(b, choices, doc, err) == 0)
		return doc;
	cJSON_Delete(doc);
	return NULL;
}

/*
 * Writes the first line of a journal: everything that two runs of the same benchmark have in
 * common.
 */
static int put_header(const struct sdp_bench *b, const struct sdp_bench_choice *choices,
		      cJSON *header, struct sdp_err *err)
{
	err->code = SDP_OK;
	sdp_doc_text(header, "journal", "sdp-bench", err);
	cJSON *workers = sdp_doc_array(header, "workers", err);
	for (size_t i = 0; i < b->count_count; i++)
		sdp_doc_integer(workers, NULL, b->counts[i], err);
	sdp_doc_count(header, "runs", b->runs, err);
	sdp_doc_count(header, "warmup", b->warmup, err);
	sdp_doc_count(header, "seed", b->seed, err);
	put_commands(b, header, err);
	put_input(b, header, err);
	put_choices(choices, header, err);
	return sdp_err_result(err);
}

static int open_files(struct sdp_bench *b, const struct params *params,
		      const struct sdp_bench_choice *choices, struct sdp_err *err)
{
	if (params->save && sdp_bench_save_check(b, params->save, err) < 0)
		return -1;
	if (!params->journal)
		return 0;
	cJSON *header = cJSON_CreateObject();
	int rc = header ? put_header(b, choices, header, err) : sdp_fail_memory(err);
	if (rc == 0)
		rc = sdp_bench_journal_open(b, params->journal, header, err);
	cJSON_Delete(header);
	return rc;
}

static int run(void *p, int count, char **operands, struct sdp_err *err)
{
	const struct params *params = p;
	struct sdp_bench bench = {
		.common = &params->common,
		.runs = (size_t)params->runs,
		.warmup = (size_t)params->warmup,
		.seed = (uint64_t)params->common.seed,
		.input = {.rows = NAN},
		.journal = {.fd = -1},
		.started = (int64_t)time(NULL),
		.inherit = -1,
	};
	struct sdp_bench_choice choices[SDP_BENCH_TASKS] = {{0}};
	cJSON *doc = NULL;

	if (sdp_signals_install() < 0)
		return sdp_fail_errno(err, "cannot handle signals");
	int rc = -1;
	if (prepare(&bench, params, choices, count, operands, err) < 0 ||
	    open_files(&bench, params, choices, err) < 0 ||
	    report_skipped(&bench, choices, err) < 0 || sdp_bench_run(&bench, err) < 0)
		goto out;
	if ((doc = make_document(&bench, choices, err)))
		rc = sdp_output_document(&params->common, doc, err);
out:
	cJSON_Delete(doc);
	sdp_bench_release(&bench);
	sdp_bench_choices_release(choices);
	return rc;
}

static const struct sdp_option options[] = {
	{'w', "workers", SDP_TEXT, offsetof(struct params, counts), "LIST", NULL, "1,2,4,8", 0, 0,
	 "numbers of workers, separated by commas"},
	{0, "runs", SDP_INTEGER, offsetof(struct params, runs), "N", NULL, "5", 1, 1000,
	 "measured runs with each number of workers"},
	{0, "warmup", SDP_INTEGER, offsetof(struct params, warmup), "N", NULL, "1", 0, 1000,
	 "unmeasured runs before them"},
	{0, "name", SDP_TEXT, offsetof(struct params, name), "NAME", NULL, NULL, 0, 0,
	 "name of the command in the document; by default its program"},
	{0, "tasks", SDP_TEXT, offsetof(struct params, tasks), "LIST", NULL, NULL, 0, 0,
	 "tasks to run on FILE instead of a command; all: every task"},
	{0, "param", SDP_LIST, offsetof(struct params, given), "TASK.NAME=VALUE", NULL, NULL, 0, 0,
	 "set a parameter of a task; may be repeated"},
	{0, "journal", SDP_TEXT, offsetof(struct params, journal), "FILE", NULL, NULL, 0, 0,
	 "file that records each run; runs recorded there are not repeated"},
	{0, "save", SDP_TEXT, offsetof(struct params, save), "FOLDER", NULL, NULL, 0, 0,
	 "folder for the output of each command's first run"},
	{0},
};

static const char *const examples[] = {
	"sdp-bench -w 1,2,4 --runs 5 -- sdp-stats -j {} table.csv",
	"sdp-bench --tasks all -w 1,2 table.csv | sdp-report -o report.html",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"what is measured", "tasks param name"},
	{"how often", "workers runs warmup"},
	{"results", "save journal"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "results commands input fits skipped parameters times method environment"},
	{"tasks", SDP_BENCH_TASK_NAMES},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-bench",
	.summary =
		"measure time, memory and speedup of a command or of tasks with 1, 2, 4, 8 workers",
	.operands = "-- COMMAND [ARGUMENT...] | --tasks LIST [FILE]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_DOCUMENT | SDP_GROUP_SEED | SDP_GROUP_PROGRESS | SDP_GROUP_PDF,
	.params_size = sizeof(struct params),
	.run = run,
};
