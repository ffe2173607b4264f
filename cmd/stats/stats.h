/*
 * The parts of sdp-stats: main.c has the options, statistics.c the table of statistics, task.c the
 * task and its passes, read.c adds blocks to the summaries of the columns, and document.c makes the
 * document of the finished ones.
 */
#ifndef SDP_CMD_STATS_H
#define SDP_CMD_STATS_H

#include "cli/misfit_warnings.h"
#include "correlation.h"
#include "engine/typed_columns.h"
#include "model/stats/column_summary.h"
#include "model/stats/quantiles.h"
#include "model/stats/wide_store.h"
#include "sdp/program.h"
#include "sdp/task.h"
#include "statistics.h"

enum {
	STATS_SEEN_WIDE =
		1 << 16 /* with the SDP_SEEN_ bits of a column: it has wide numbers (sdp/num.h) */
};

struct stats_params {
	union {
		struct sdp_common common;
		struct correlation_params correlation; /* begins with common */
	};
	const char *agg; /* NULL: default */
};

/*
 * Pass 1 reads each column as the guess of its type says. If a guess turns out to be wrong, the
 * column alone is read again as its real type. The items of the last pass are columns, for their
 * distinct values and quantiles; without these there is no such pass.
 */
struct stats_column {
	size_t index; /* in the schema */
	const char *name;
	struct sdp_typed_column typed;
	bool read; /* whether the current pass reads it */
	bool wide; /* its numbers are kept in the wide store */
};

struct stats_plan {
	const struct sdp_schema *schema;
	size_t count;
	bool first; /* in the first pass, which counts the rows */
	uint32_t dictionary;
	size_t *order; /* of columns, by descending cost */
	const struct stats_state *root;
	struct stats_list list;
	struct stats_column columns[];
};

struct stats_sorted {
	bool done;
	struct sdp_quantiles_result order;
	const struct sdp_wide_result *wide; /* of a column of wide numbers */
};

struct stats_state {
	uint64_t rows;
	struct stats_sorted *sorted; /* results of the pass over columns */
	struct sdp_misfits *misfits; /* of each column, counted in the first pass */
	struct sdp_wide_store *wide; /* of each column, for those of wide numbers */
	struct sdp_column_summary columns[];
};

/* A column of which all is known. */
struct stats_finished {
	const struct stats_column *column;
	const struct sdp_column_summary *summary;
	const struct stats_sorted *sorted;
	uint64_t rows;                    /* of the table */
	struct sdp_moment_result moments; /* NaN if the column is not numeric */
};

/* Returns the SDP_SEEN_ bits of the cells of a column. */
static inline unsigned stats_seen_of(const struct sdp_column_summary *s)
{
	return s->seen & ~(unsigned)STATS_SEEN_WIDE;
}

/* Returns whether a column has wide numbers, but was read as if it had none. */
static inline bool stats_is_too_narrow(const struct stats_column *c,
				       const struct sdp_column_summary *s)
{
	return c->typed.class == SDP_CLASS_NUMBER && s->seen & STATS_SEEN_WIDE && !c->wide;
}

/* read.c: Adds the rows of a block to a state, as the update of struct sdp_task. */
int stats_read(const void *plan, void *state, const struct sdp_block *block, struct sdp_work *work,
	       struct sdp_err *err);

/* document.c: Adds the statistics of the finished state to a document, as the emit of a task. */
int stats_emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err);

extern const struct sdp_task stats_task; /* task.c */

#endif
