/*
 * What the files of sdp-bench share.
 *
 * Runs are cases times numbers of workers, in rounds of which each has every pair once, in an order
 * of its own, so that what drifts while they run falls on all pairs alike.
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

/* A command with {} or {w} where the number of workers goes. */
struct sdp_bench_case {
	char *name;
	char **words; /* ended by NULL */
	struct sdp_buf path;
};

/* A case at a number of workers; times has room for the wall times of all runs, and so on. */
struct sdp_bench_cell {
	double *wall, *user, *sys;
	size_t done;
	uint64_t peak_memory, hash[2];
	bool hashed, differs; /* differs: of its runs one did not print what the first did */
};

/* A run that ended, as the journal has it. */
struct sdp_bench_entry {
	size_t index, round;
	double wall, user, sys;
	uint64_t peak_memory, hash[2];
};

struct sdp_bench_journal {
	int fd; /* -1: there is none */
	const char *path;
	struct sdp_bench_entry *entries; /* those of a benchmark that broke off */
	size_t count, capacity;
};

struct sdp_bench {
	const struct sdp_common *common;
	long counts[SDP_BENCH_COUNTS]; /* ascending */
	size_t count_count;
	struct sdp_bench_case cases[SDP_BENCH_CASES];
	size_t case_count;
	struct sdp_bench_cell *cells; /* case by case */
	size_t runs, warmup;
	uint64_t seed;
	struct {
		const char *path, *place; /* as given; as the runs get it */
		double bytes, rows;       /* rows: NaN if they were not counted */
	} input;
	struct sdp_bench_journal journal;
	const char *save; /* the folder of --save, or NULL */
	struct sdp_output saved;
	struct sdp_buf save_path;
	bool saving; /* saved is open */
	int inherit; /* the spool, or -1 */
	char file[32];
	struct sdp_progress_line line;
	int64_t started; /* seconds since 1970, by the journal if that has begun before */
	size_t ended;    /* runs, for progress */
	double start;
};

/* A case of a copy of these words, the first being the program. */
int sdp_bench_add_case(struct sdp_bench *bench, const char *name, int count, char **words,
		       struct sdp_err *err);

/* All rounds; -1 with SDP_DATA if a command failed, what it said being shown. */
int sdp_bench_run(struct sdp_bench *bench, struct sdp_err *err);

void sdp_bench_release(struct sdp_bench *bench);

/* Did the command end with 0?  If not shows what it said and fails, what being the place. */
bool sdp_bench_succeeded(const struct sdp_measure *m, const char *what, struct sdp_err *err);

/*
 * Opens or makes the journal, when all cases are known, and reads what has ended.  It begins with
 * header, a document that two benchmarks only share if they are the same: SDP_USAGE if it does not.
 */
int sdp_bench_journal_open(struct sdp_bench *bench, const char *path, const cJSON *header,
			   struct sdp_err *err);
/* The entry of this run, which is the next, or NULL if it has yet to be done. */
int sdp_bench_journal_next(struct sdp_bench *bench, size_t index, size_t round,
			   const struct sdp_bench_entry **entry, struct sdp_err *err);
/* Notes that a run begins (m is NULL) or has ended; does nothing without a journal. */
int sdp_bench_journal_add(struct sdp_bench *bench, size_t index, size_t round,
			  const struct sdp_measure *m, struct sdp_err *err);
void sdp_bench_journal_close(struct sdp_bench_journal *journal);

/*
 * --save: makes the folder; what a case prints goes there under its name, once.  For each run:
 * open, take as that of the command, and close.
 */
int sdp_bench_save_check(struct sdp_bench *bench, const char *folder, struct sdp_err *err);
int sdp_bench_save_open(struct sdp_bench *bench, size_t which, struct sdp_err *err);
int sdp_bench_save_take(void *bench, const void *bytes, size_t length, struct sdp_err *err);
int sdp_bench_save_close(struct sdp_bench *bench, bool keep, struct sdp_err *err);

/* The table of all tasks, NULL or "-" being standard input; what is no regular file is spooled. */
int sdp_bench_open_input(struct sdp_bench *bench, const char *path, struct sdp_err *err);

/* The document of sdp-stats on it; the caller's. */
cJSON *sdp_bench_profile_input(struct sdp_bench *bench, struct sdp_err *err);

/*
 * doc.times: a row a measured run, case by case, numbers of workers ascending, in the order of the
 * runs.
 */
int bench_put_times(const struct sdp_bench *bench, cJSON *doc, struct sdp_err *err);

/* doc.method: runs, warm-ups, seed. */
int bench_put_method(const struct sdp_bench *bench, cJSON *doc, struct sdp_err *err);

/* doc.environment: when, which sdp, which machine.  started: seconds since 1970. */
int bench_put_environment(int64_t started, cJSON *doc, struct sdp_err *err);

#endif
