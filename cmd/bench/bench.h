/*
 * The types and functions that the files of sdp-bench share.
 *
 * A benchmark measures pairs of a case (a command) and a number of workers. It works in rounds.
 * Each round runs every pair once, in a random order of its own, so that a drift of the machine's
 * speed affects all pairs alike.
 *
 * Functions return 0, or -1 with err filled, unless the comment says otherwise. sdp_bench_release
 * frees everything in a struct sdp_bench.
 */
#ifndef SDP_CMD_BENCH_H
#define SDP_CMD_BENCH_H

#include "cli/progress.h"
#include "cli/tasks.h"
#include "process/measure.h"
#include "sdp/output.h"
#include "sdp/program.h"

#include <cjson/cJSON.h>

enum { SDP_BENCH_CASES = 16 };

/* A command. */
struct sdp_bench_case {
	char *name;
	char **words; /* ends with NULL */
	/*
	 * The only word in which each {} or {w} is replaced by the number of workers; 0: all but
	 * the first, which is the program.
	 */
	size_t marked;
	struct sdp_buf path;
};

/*
 * The measurements of a pair. wall, user and sys have room for one value in seconds per measured
 * run.
 */
struct sdp_bench_cell {
	double *wall, *user, *sys;
	size_t done;
	uint64_t peak_memory, hash[2];
	bool hashed, differs; /* differs: a run printed something else than the first */
};

/* A run that has ended, as the journal records it. */
struct sdp_bench_entry {
	size_t index, round;
	double wall, user, sys;
	uint64_t peak_memory, hash[2];
};

struct sdp_bench_journal {
	int fd; /* -1: there is no journal */
	const char *path;
	struct sdp_bench_entry *entries; /* the runs of an interrupted benchmark */
	size_t count, capacity;
};

struct sdp_bench {
	const struct sdp_common *common;
	long counts[SDP_BENCH_COUNTS]; /* in ascending order */
	size_t count_count;
	struct sdp_bench_case cases[SDP_BENCH_CASES];
	size_t case_count;
	struct sdp_bench_cell *cells; /* one per pair, ordered by case, then by count */
	size_t runs, warmup;
	uint64_t seed;
	struct {
		const char *path, *place; /* as the user wrote it; as the commands get it */
		double bytes, rows;       /* rows: NaN if they were not counted */
	} input;
	char *shown; /* input.path, if that is an address */
	struct sdp_bench_journal journal;
	const char *save; /* the folder of --save, or NULL */
	struct sdp_output saved;
	struct sdp_buf save_path;
	bool saving; /* whether saved is open */
	int inherit; /* descriptor of the spooled input, or -1 */
	char file[32];
	struct sdp_progress_line line;
	int64_t started; /* seconds since 1970; of the first start, if a journal continues */
	size_t ended;    /* number of runs that have ended, for progress */
	double start;
};

/*
 * Adds a case with a copy of the count words. The first word is the program; marked is the member
 * of struct sdp_bench_case.
 */
int sdp_bench_add_case(struct sdp_bench *bench, const char *name, int count, char **words,
		       size_t marked, struct sdp_err *err);

/*
 * Runs all rounds. If a command fails, shows the end of its standard error and fails as
 * sdp_bench_succeeded does.
 */
int sdp_bench_run(struct sdp_bench *bench, struct sdp_err *err);

void sdp_bench_release(struct sdp_bench *bench);

/*
 * Returns whether the command exited with code 0. If not, shows the end of its standard error and
 * fills err with a message that begins with what (SDP_DATA; SDP_SYSTEM if the command is ours, so
 * that its codes mean what those of sdp-bench do, and exited with that code).
 */
bool sdp_bench_succeeded(const struct sdp_measure *m, const char *what, bool ours,
			 struct sdp_err *err);

/*
 * Opens or creates the journal and reads the runs that have ended. All cases must have been added
 * before. The journal begins with header, a document that is the same for two benchmarks only if
 * they are the same benchmark. Fails with SDP_USAGE if the file begins with another header.
 */
int sdp_bench_journal_open(struct sdp_bench *bench, const char *path, const cJSON *header,
			   struct sdp_err *err);
/*
 * Sets *entry to the journal's entry of the next run, or to NULL if that run has not ended yet.
 * index (of the pair) and round must be those of the next run. Fails with SDP_USAGE if the
 * journal's runs are in another order.
 */
int sdp_bench_journal_next(struct sdp_bench *bench, size_t index, size_t round,
			   const struct sdp_bench_entry **entry, struct sdp_err *err);
/* Records that a run begins (m is NULL) or has ended. Does nothing without a journal. */
int sdp_bench_journal_add(struct sdp_bench *bench, size_t index, size_t round,
			  const struct sdp_measure *m, struct sdp_err *err);
void sdp_bench_journal_close(struct sdp_bench_journal *journal);

/*
 * --save: check makes the folder. The output of each case goes there once, under the case's name.
 * Around each run call open, then take with every piece of the command's output, then close; keep
 * is false if the run failed.
 */
int sdp_bench_save_check(struct sdp_bench *bench, const char *folder, struct sdp_err *err);
int sdp_bench_save_open(struct sdp_bench *bench, size_t which, struct sdp_err *err);
int sdp_bench_save_take(void *bench, const void *bytes, size_t length, struct sdp_err *err);
int sdp_bench_save_close(struct sdp_bench *bench, bool keep, struct sdp_err *err);

/*
 * Opens the table that all tasks read. path may be NULL or "-" for standard input. Input that is
 * not a regular file is copied to a temporary file.
 */
int sdp_bench_open_input(struct sdp_bench *bench, const char *path, struct sdp_err *err);

/*
 * Fills profile, by sdp-stats if a task needs the columns of a table, and counts the rows of the
 * input. *doc becomes the document that profile->columns belongs to, or NULL; the caller frees it.
 * If the input has baskets, but is no table, the other tasks get a reason to be skipped.
 */
int sdp_bench_profile_input(struct sdp_bench *bench, struct sdp_bench_choice *choices,
			    struct sdp_bench_profile *profile, cJSON **doc, struct sdp_err *err);

/*
 * Writes doc.times: one row per measured run, ordered by case, then by number of workers, then by
 * run.  Of this function and the next two the caller checks the result (sdp_err_result).
 */
void bench_put_times(const struct sdp_bench *bench, cJSON *doc, struct sdp_err *err);

/* Writes doc.method: the numbers of runs and of warm-up runs, and the seed. */
void bench_put_method(const struct sdp_bench *bench, cJSON *doc, struct sdp_err *err);

/*
 * Writes doc.environment: the time started (seconds since 1970), the version of sdp, the system and
 * the machine.
 */
void bench_put_environment(int64_t started, cJSON *doc, struct sdp_err *err);

#endif
