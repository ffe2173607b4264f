/*
 * The buckets of a time series: for each bucket and group the tallies of some columns of numbers,
 * in a table that can be merged.
 *
 * All-zero bytes are an empty series.  What hangs on it belongs to the spill's owner.
 */
#ifndef SDP_MODEL_TIMESERIES_BUCKET_TABLE_H
#define SDP_MODEL_TIMESERIES_BUCKET_TABLE_H

#include "model/stats/accumulator.h"
#include "model/timeseries/dictionary.h"

/* A number and when it was; the first or last of a bucket, of equal times the smaller number. */
struct sdp_moment_value {
	int64_t second;
	struct sdp_value value;
	uint32_t nano;
	bool any;
};

struct sdp_ends {
	struct sdp_moment_value first, last;
};

/* What a series is made of; the same for all that are merged. */
struct sdp_bucket_table_plan {
	size_t columns;
	bool samples;    /* no buckets: all rows are kept */
	bool ends, keys; /* are first and last wanted, and all values? */
	uint64_t step;   /* how far starts lie apart, about; at least 1 */
	uint64_t memory; /* bytes of the arena past which no bucket is added */
};

struct sdp_slot {
	int64_t start;
	uint64_t rows;
	uint32_t group;
	uint32_t mark; /* of the block at hand */
	struct sdp_accumulator
		tallies[]; /* columns; behind them ends and keys, if the plan has them */
};

/* Rows of a block that are kept as they are; values of a kind of SDP_NO_VALUE are null. */
enum { SDP_NO_VALUE = -1 };

struct sdp_samples {
	struct sdp_samples *next;
	size_t count;
	int64_t *second;
	uint32_t *nano, *group;
	struct sdp_value *values; /* by rows */
};

struct sdp_bucket_table {
	struct sdp_samples *samples;
	uint64_t sample_count;
	struct sdp_slot **table; /* open addressing, at most half full */
	size_t capacity, count;  /* 0 or a power of two */
	struct sdp_dictionary groups;
};

static inline struct sdp_ends *sdp_slot_ends(const struct sdp_bucket_table_plan *plan,
					     struct sdp_slot *slot)
{
	return (struct sdp_ends *)(void *)&slot->tallies[plan->columns];
}

static inline struct sdp_value_store *sdp_slot_keys(const struct sdp_bucket_table_plan *plan,
						    struct sdp_slot *slot)
{
	struct sdp_ends *ends = sdp_slot_ends(plan, slot);
	return (struct sdp_value_store *)(void *)(ends + (plan->ends ? plan->columns : 0));
}

/* Rows of a block, ordered by bucket. */
struct sdp_placing {
	/* Room for the rows of a block, by whoever places. */
	uint32_t *order; /* rows, those of a slot together, else in their order */
	/* of each row its slot's number; where a slot's rows end in order */
	uint32_t *local, *ends;
	struct sdp_slot **slots;
	size_t count; /* of slots */
	struct sdp_samples *samples;
};

/* The rows to place, by their numbers in the block, ascending. */
struct sdp_bucket_table_rows {
	size_t count;
	const uint32_t *row;
	/* of the bucket, or a sample's time; by number in the block, as are … */
	const int64_t *start;
	const uint32_t *nano;  /* of samples, and */
	const uint32_t *group; /* NULL: all are of group 0, which need not be added */
};

/* Finds or makes the slots of rows and counts these; or makes room for samples. */
int sdp_bucket_table_place(struct sdp_bucket_table *series,
			   const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
			   const struct sdp_bucket_table_rows *rows, struct sdp_placing *placing,
			   struct sdp_err *err);

/* A column of a block, by row. */
/* in scale: the number is in real; up to 18: a decimal; else none */
enum { SDP_BUCKET_TABLE_REAL = 0xfe };

struct sdp_bucket_table_column {
	const int64_t *mantissa;
	const uint8_t *scale;
	const double *real;
	bool plain;                /* every row is a decimal of the one scale */
	int low_scale, high_scale; /* of the decimals */
	const int64_t *second;     /* when, if first and last are wanted */
	const uint32_t *nano;
	int64_t *room; /* for as many values as the block has rows */
};

int sdp_bucket_table_add(const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
			 const struct sdp_placing *placing, size_t column,
			 const struct sdp_bucket_table_column *values, struct sdp_err *err);

/* from is used up. */
int sdp_bucket_table_merge(struct sdp_bucket_table *into, struct sdp_bucket_table *from,
			   const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
			   struct sdp_err *err);

#endif
