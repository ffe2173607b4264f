/* The plan and the state of the task of correlations, which it shares with its document. */
#ifndef SDP_CMD_STATS_CORRELATION_PLAN_H
#define SDP_CMD_STATS_CORRELATION_PLAN_H

#include "correlation.h"
#include "engine/exact_columns.h"
#include "engine/typed_columns.h"
#include "model/stats/ranks.h"

#include <cjson/cJSON.h>

/* A selected column. */
struct column {
	size_t index; /* in the schema */
	const char *name;
	struct sdp_typed_column typed;
	bool named; /* An option names it: if it is not numeric, that is an error. */
	bool extra; /* --against names it, but it is not selected. */
	bool empty; /* It has no values and is not read again. */
};

/* What a worker has found in a selected column. */
struct part {
	unsigned seen; /* SDP_SEEN_ bits */
	struct sdp_exact_need need;
	struct sdp_misfits misfits;
	uint64_t nulls;
};

struct state {
	uint64_t rows, used; /* used: by --drop-nulls, otherwise all */
	bool varied;         /* There would be too many sums: the pass must be repeated. */
	struct sdp_pair_sums *sums;
	struct correlation_block *blocks;
	struct sdp_correlation **results; /* of each numeric column; NULL: computed elsewhere */
	struct sdp_extent *ranks;         /* of each numeric column; empty: computed elsewhere */
	struct part parts[];
};

/* The keys of the numeric columns in the rows of a chunk: model/stats/ranks.h. */
struct correlation_block {
	struct correlation_block *next;
	uint64_t chunk;
	size_t rows;
	struct sdp_extent extent;
};

enum correlation_phase {
	READING,   /* chunks: sums, or for ranks only the units of the columns */
	STORING,   /* chunks: keys, for ranks */
	RANKING,   /* items are columns */
	FINISHING, /* items are columns */
};

struct plan {
	const struct correlation_params *params;
	const struct sdp_schema *schema;
	struct column *columns;
	size_t count;
	size_t against; /* the number of the column, or SDP_PAIRS_ALL */
	/* The columns that are read: their numbers and indices in the schema. */
	size_t *read, *indices, used;
	size_t used_against; /* against among them */
	bool known;          /* The units suffice for all blocks. */
	struct sdp_pair_unit *units;
	bool warned;
	/* The columns of the pairs among those that are read, and against among the former. */
	size_t *numeric, pairs, pair_against;
	enum correlation_phase phase;
	const struct state *root; /* set after the chunks are read */
	/* For ranks: the bytes of the keys of each column, and the blocks in order. */
	size_t *widths;
	const struct correlation_block **blocks;
	size_t block_count;
	struct correlation_rows *rows;
};

/* Returns the bytes that may be used under a limit, at least 16 MiB whatever the limit is. */
static inline uint64_t correlation_memory(uint64_t limit)
{
	const uint64_t least = 16 << 20;
	return limit > least ? limit : least;
}

/* Returns the number of results of a numeric column. */
static inline size_t correlation_count(const struct plan *plan, size_t column)
{
	return plan->pair_against == SDP_PAIRS_ALL ? plan->pairs - column : 1;
}

/* Returns the numeric column with which result number k of a column is. */
static inline size_t correlation_partner(const struct plan *plan, size_t column, size_t k)
{
	return plan->pair_against == SDP_PAIRS_ALL ? column + k : plan->pair_against;
}

/* Returns the selected column of a numeric one. */
static inline const struct column *correlation_column(const struct plan *plan, size_t numeric)
{
	return &plan->columns[plan->read[plan->numeric[numeric]]];
}

static inline bool correlation_is_ranked(const struct plan *plan)
{
	return plan->params->method == CORRELATION_SPEARMAN ||
	       plan->params->method == CORRELATION_KENDALL;
}

/* Notes the rows of a tile in which a column has no value. */
void correlation_find_nulls(const struct sdp_exact_column *c, size_t from, size_t n,
			    struct sdp_pair_nulls *nulls);

/*
 * The parts of the task that only ranks need.  Fails if there are too many columns for the method,
 * or too many rows; keeps the keys of a block; takes the kept blocks; ranks a column; and sets the
 * results of a column.
 */
int correlation_ranks_check(const struct plan *plan, const struct state *s, struct sdp_work *work,
			    struct sdp_err *err);
int correlation_ranks_keep(const struct plan *plan, struct state *s,
			   const struct sdp_exact_columns *columns, uint64_t chunk,
			   struct sdp_work *work, struct sdp_err *err);
int correlation_ranks_take(struct plan *plan, const struct state *s, struct sdp_work *work,
			   struct sdp_err *err);
int correlation_ranks_find(const struct plan *plan, struct state *s, size_t column,
			   struct sdp_work *work, struct sdp_err *err);
int correlation_ranks_correlate(const struct plan *plan, size_t column,
				struct sdp_correlation *results, struct sdp_work *work,
				struct sdp_err *err);

/* Returns memory for the rows of a document of so many numeric columns, at most. */
struct correlation_rows *correlation_rows_new(size_t columns, struct sdp_spill *spill,
					      struct sdp_err *err);
int correlation_emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err);

#endif
