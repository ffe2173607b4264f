/*
 * The types and functions that the files of sdp-timeseries share: open.c reads the options, main.c
 * runs the passes, read.c reads blocks, order.c orders and completes the results, emit.c writes
 * the document, and parts.c goes through groups in parts if they do not fit into memory.
 *
 * Functions return 0, or -1 with err filled, unless the comment says otherwise. Plans and states
 * are in shared memory of the spill, which the engine frees.
 */
#ifndef SDP_CMD_TIMESERIES_H
#define SDP_CMD_TIMESERIES_H

#include "model/timeseries/aggregates.h"
#include "model/timeseries/correlogram.h"
#include "model/timeseries/duplicate_times.h"
#include "model/timeseries/resample.h"
#include "model/timeseries/time_buckets.h"
#include "sdp/program.h"
#include "sdp/task.h"
#include "table/misfits.h"
#include "table/time_column.h"

enum timeseries_profile { PROFILE_NONE, PROFILE_HOUR, PROFILE_WEEKDAY, PROFILE_MONTH };

struct timeseries_params {
	struct sdp_common common;
	const char *time, *time_format, *tz, *value, *by;
	const char *every, *origin, *agg;
	enum { LABEL_START, LABEL_END } label;
	enum { CLOSED_LEFT, CLOSED_RIGHT } closed;
	enum timeseries_profile profile;
	const char *fill, *from, *to;
	const char *window;
	enum { DECOMPOSE_NOT, DECOMPOSE_ADDITIVE, DECOMPOSE_MULTIPLICATIVE } decompose;
	bool center, cumulative;
	int64_t min_periods, lag, diff, pct_change, acf, period; /* 0: not given */
	double ewma;
};

extern const char *const timeseries_profiles[];

/* A point in time that is given on the command line. */
struct timeseries_bound {
	bool given;
	int64_t second;
	uint32_t nano;
};

struct timeseries_column {
	size_t index; /* in the schema */
	const char *name;
};

struct timeseries_output; /* the rows for printing */

/* A part of the groups: those whose hashes are from first to last. */
struct timeseries_part_of_groups {
	bool on; /* groups are read in parts */
	uint64_t first, last, width;
};

/* Finished rows of all parts, in the temporary file. */
struct timeseries_runs;

/* The plan of the task. */
struct timeseries_plan {
	struct timeseries_column time, *values, *by;
	size_t value_count, by_count;
	/*
	 * Columns that are not used, but might be if it were not for a few cells, or if they had a
	 * value in the first rows: indices in the schema.
	 */
	size_t *watched, watched_count;
	bool counting;           /* count rows only; there are no value columns */
	const char *needs_value; /* what an option needs one to do, or NULL */
	bool table;              /* whether the document is printed as a table */
	struct sdp_time_format format;
	const struct sdp_schema *schema;
	const struct sdp_tz *zone;
	const char *zone_name; /* of --tz, or NULL */
	const char *every;
	struct sdp_time_buckets edges;
	enum timeseries_profile profile;
	bool right_closed, label_end;
	struct timeseries_bound from, to;
	const char *counted; /* an option whose time is a number, or NULL */
	const char *zoned;   /* an option whose time has a zone, or NULL */
	struct sdp_aggregate_list aggregates;
	struct sdp_bucket_table_plan plan;
	struct sdp_fill fill;
	struct sdp_window_function derive;
	size_t aggregate;    /* index of the aggregate that window functions use */
	size_t lags;         /* number of lags of --acf */
	bool counting_times; /* this pass counts distinct times, as rows are unsorted */
	/* Results of reading. */
	uint64_t duplicates;
	const struct sdp_value_store *times; /* hashes of the times, or NULL */
	struct sdp_slot **slots;             /* in the order of the document */
	size_t slot_count;
	bool *wide;              /* per value column: it has wide numbers (sdp/num.h) */
	enum sdp_type *by_types; /* of each column of --by */
	uint64_t gaps;
	struct sdp_timeline timeline;
	struct sdp_correlation *correlations; /* ordered by group, column, lag */
	struct timeseries_output *output;
	struct timeseries_part_of_groups part;
	struct timeseries_runs *runs[2]; /* of buckets and of acf */
};

/* The aggregates of a range of slots, computed by one worker. */
struct timeseries_part {
	struct timeseries_part *next;
	size_t item;
	struct sdp_aggregate *aggregates;
};

/* The numbers that look like times of one kind, and the first of them. */
struct timeseries_look {
	uint64_t count, chunk;
	struct sdp_place place;
	char text[64]; /* quoted */
};

struct timeseries_state {
	uint64_t rows, used, no_time, outside, twice, never;
	unsigned seen; /* SDP_TIMES_ bits */
	struct timeseries_look looks[SDP_TIME_LOOKS];
	unsigned *by_seen;           /* SDP_SEEN_ bits of each column of --by */
	struct sdp_misfits *watched; /* one per watched column */
	bool *wide;                  /* as in the plan, for the blocks read */
	struct sdp_bucket_table series;
	struct timeseries_part *parts;
	struct sdp_duplicate_times repeats;
	struct sdp_value_store times; /* hashes of the times */
	uint64_t distinct;            /* result of the item that counts them */
	/*
	 * The series does not fit into memory, and is not what was read.  placed: rows that were
	 * read into it before.  The greatest hash of a group in this part, and the complement of
	 * the least.
	 */
	bool full;
	uint64_t placed, hash_most, hash_least;
};

enum { TIMESERIES_ITEM = 512 }; /* number of slots per item */

/* Checks the options as far as possible without input. Fails with SDP_USAGE. */
int timeseries_check(const struct timeseries_params *params, struct sdp_err *err);
/* Makes the plan, except for the results of reading. */
int timeseries_open(const struct timeseries_params *params, const struct sdp_schema *schema,
		    struct sdp_work *work, struct timeseries_plan *plan, struct sdp_err *err);
/* Fails if an option needs a value column and there is none. It names one that nearly is. */
int timeseries_check_values(const struct timeseries_plan *plan, const struct timeseries_state *root,
			    struct sdp_err *err);
int timeseries_update(const void *plan, void *state, const struct sdp_block *block,
		      struct sdp_work *work, struct sdp_err *err);
/* Checks the times of the whole column, and sets the types of the columns of --by. */
int timeseries_check_times(struct timeseries_plan *plan, const struct timeseries_state *root,
			   struct sdp_err *err);
/* Sorts groups and slots. */
int timeseries_order(struct timeseries_plan *plan, const struct timeseries_state *root,
		     struct sdp_work *work, struct sdp_err *err);
/*
 * Makes the rows, including those of empty buckets, and applies the window function. All aggregates
 * must have been computed.  Returns 1 if the rows need more than --max-memory; err says so.
 */
int timeseries_finish(struct timeseries_plan *plan, const struct timeseries_state *root,
		      struct sdp_work *work, struct sdp_err *err);
int timeseries_prepare_output(struct timeseries_plan *plan, const struct timeseries_state *root,
			      struct sdp_work *work, struct sdp_err *err);
void timeseries_release_output(struct timeseries_plan *plan);
/* The rows of the output: those of the buckets, and those of --acf. */
struct sdp_lazy_rows *timeseries_lazy_rows(struct timeseries_plan *plan, int which);
int timeseries_emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err);

/*
 * The key of a group has for each column of --by one byte, 'v' or 'n' (null). A 'v' is followed by
 * the length and the text of the cell.
 */
struct timeseries_cell {
	const char *text; /* NULL: null */
	size_t length;
};

/* Returns the first cell of *key and moves *key to the next one. */
struct timeseries_cell timeseries_key_cell(const char **key);

/* Compares the keys of two groups in the order of the document. */
int timeseries_compare_keys(const struct timeseries_plan *plan, const char *a, const char *b);

/* Returns the most rows that fit into memory; with those of a table that is printed, or without. */
size_t timeseries_most_rows(const struct timeseries_plan *plan, bool table);

/* Forgets what was read into the root, except counts and what is known of columns. */
void timeseries_forget(struct timeseries_plan *plan, struct timeseries_state *root,
		       struct sdp_work *work);
/*
 * Goes on to the next part of the groups, or to a smaller part if this one was too large: then err
 * is the failure, which stands if the groups cannot be divided any more.
 */
int timeseries_next_part(struct timeseries_plan *plan, struct timeseries_state *root, bool failed,
			 struct sdp_work *work, struct sdp_pass *next, struct sdp_err *err);

#endif
