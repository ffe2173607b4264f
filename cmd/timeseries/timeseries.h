/*
 * What the parts of sdp-timeseries share: cmd/timeseries/main.c (passes), timeseries_open.c
 * (options), timeseries_read.c (blocks), timeseries_order.c (what reading leaves, in order),
 * timeseries_emit.c (the document).
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
#include "table/time_column.h"

struct timeseries_params {
	struct sdp_common common;
	const char *time, *time_format, *tz, *value, *by;
	const char *every, *origin, *label, *closed, *agg, *profile;
	const char *fill, *from, *to;
	const char *window, *decompose;
	bool center, cumulative;
	int64_t min_periods, lag, diff, pct_change, acf, period; /* 0: not given */
	double ewma;
};

enum timeseries_profile { PROFILE_NONE, PROFILE_HOUR, PROFILE_WEEKDAY, PROFILE_MONTH };

extern const char *const timeseries_profiles[];

/* A point in time of the command line. */
struct timeseries_bound {
	bool given;
	int64_t second;
	uint32_t nano;
};

struct timeseries_column {
	size_t index; /* in the schema */
	const char *name;
};

struct timeseries_output; /* rows for printing */

/* In shared memory; what hangs on it, too. */
struct timeseries_job {
	struct timeseries_column time, *values, *by;
	size_t value_count, by_count;
	size_t *used; /* the schema's indices of all these, in the schema's order */
	size_t used_count;
	bool counting; /* rows, no values */
	bool table;    /* is the document's form */
	struct sdp_time_format format;
	const struct sdp_tz *zone;
	const char *zone_name; /* of --tz, or NULL */
	const char *every;
	struct sdp_time_buckets edges;
	enum timeseries_profile profile;
	bool right_closed, label_end;
	struct timeseries_bound from, to;
	const char *counted; /* an option whose time is a number; NULL: none */
	struct sdp_aggregate_list figures;
	struct sdp_bucket_table_plan plan;
	struct sdp_fill fill;
	struct sdp_window_function derive;
	size_t figure;       /* the one that series are made of */
	size_t lags;         /* of --acf */
	bool counting_times; /* pass: rows came in no order of time, so their times are counted */
	/* After reading. */
	uint64_t duplicates;
	const struct sdp_value_store *times; /* of that pass, or NULL */
	struct sdp_slot **slots;             /* in the document's order */
	size_t slot_count;
	bool *integer; /* is the column of --by one of integers? */
	uint64_t gaps;
	struct sdp_timeline timeline;
	struct sdp_correlation *correlations; /* by groups, columns, lags */
	struct timeseries_output *output;
};

/* Figures of a range of slots, made by one worker. */
struct timeseries_part {
	struct timeseries_part *next;
	size_t item;
	struct sdp_aggregate *figures;
};

struct timeseries_state {
	uint64_t rows, used, no_time, outside, twice, never;
	unsigned seen;     /* SDP_TIMES_ */
	unsigned *by_seen; /* SDP_SEEN_ of each column of --by */
	struct sdp_bucket_table series;
	struct timeseries_part *parts;
	struct sdp_duplicate_times repeats;
	struct sdp_value_store times; /* hashes of them */
	uint64_t distinct;            /* by the item that counts them */
};

enum { TIMESERIES_ITEM = 512 }; /* slots whose figures are made by one call */

/* Are the options in order, as far as they can be judged without input?  Fails with SDP_USAGE. */
int timeseries_check(const struct timeseries_params *params, struct sdp_err *err);
/* Makes the plan but for what reading needs. */
int timeseries_open(const struct timeseries_params *params, const struct sdp_schema *schema,
		    struct sdp_work *work, struct timeseries_job *plan, struct sdp_err *err);
int timeseries_update(const void *plan, void *state, const struct sdp_block *block,
		      struct sdp_work *work, struct sdp_err *err);
/* Judges the times of the whole column; puts groups and slots in order. */
int timeseries_order(struct timeseries_job *plan, const struct timeseries_state *root,
		     struct sdp_work *work, struct sdp_err *err);
/* Once all figures are made: rows, empty ones too, and series made of them. */
int timeseries_finish(struct timeseries_job *plan, const struct timeseries_state *root,
		      struct sdp_work *work, struct sdp_err *err);
int timeseries_prepare_output(struct timeseries_job *plan, const struct timeseries_state *root,
			      struct sdp_work *work, struct sdp_err *err);
int timeseries_emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err);

/*
 * A group's key: for each column of --by a byte, 'v' or 'n' (null), and behind 'v' length and text.
 */
struct timeseries_cell {
	const char *text; /* NULL: null */
	size_t length;
};

/* The first cell of a key, or of what is left of it; key moves on. */
struct timeseries_cell timeseries_key_cell(const char **key);

#endif
