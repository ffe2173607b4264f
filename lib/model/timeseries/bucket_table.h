/*
 * A hash table of the buckets of a time series: for each bucket and group, exact accumulators of
 * some columns of numbers.  Tables can be merged.
 *
 * All-zero bytes are an empty table.  Its memory belongs to the owner of the spill, so there is
 * nothing to free.  Functions return 0, or -1 with a message.
 */
#ifndef SDP_MODEL_TIMESERIES_BUCKET_TABLE_H
#define SDP_MODEL_TIMESERIES_BUCKET_TABLE_H

#include "base/map.h"
#include "model/stats/accumulator.h"

/*
 * A number and its time: the first or the last of a bucket.  Of several numbers with the same time,
 * it is the smallest.
 */
struct sdp_timed_value {
	int64_t second;
	struct sdp_value value;
	uint32_t nano;
	bool any;
};

struct sdp_ends {
	struct sdp_timed_value first, last;
};

/* What a table contains; the same for all tables that are merged. */
struct sdp_bucket_table_plan {
	size_t columns;
	bool samples;    /* there are no buckets, and all rows are stored */
	bool ends, keys; /* whether the first and last values, and all values, are needed */
	uint64_t step;   /* approximate distance of the starts of buckets, in seconds; at least 1 */
	uint64_t memory; /* no bucket is added once the arena uses more bytes than this … */
	uint64_t spent;  /* … and these, which hold nothing that is still used */
};

/* Returns the bytes of the arena that are used, without what is spent. */
uint64_t sdp_bucket_table_used(const struct sdp_bucket_table_plan *plan,
			       const struct sdp_spill *spill);

/* Says that buckets or samples need more memory than the plan's.  Returns -1. */
int sdp_bucket_table_fail(const struct sdp_bucket_table_plan *plan, struct sdp_err *err);

struct sdp_slot {
	int64_t start;
	uint64_t rows;
	uint32_t group;
	uint32_t mark; /* index of the slot within the current block */
	/*
	 * One accumulator per column; after them, if the plan has them, the ends and then the value
	 * stores of the columns.
	 */
	struct sdp_accumulator accumulators[];
};

/* Rows of a block that are stored as samples.  A value of kind SDP_NO_VALUE is null. */
enum { SDP_NO_VALUE = -1 };

struct sdp_samples {
	struct sdp_samples *next;
	size_t count;
	int64_t *second;
	uint32_t *nano, *group;
	struct sdp_value *values; /* row by row */
};

struct sdp_bucket_table {
	struct sdp_samples *samples;
	uint64_t sample_count;
	struct sdp_slot **table; /* open addressing, at most half of the entries used */
	size_t capacity, count;  /* capacity is 0 or a power of two */
	struct sdp_map groups;
};

/* Returns the array of the first and last values, one element per column. */
static inline struct sdp_ends *sdp_slot_ends(const struct sdp_bucket_table_plan *plan,
					     struct sdp_slot *slot)
{
	return (struct sdp_ends *)(void *)&slot->accumulators[plan->columns];
}

/* Returns the array of value stores, one per column. */
static inline struct sdp_value_store *sdp_slot_keys(const struct sdp_bucket_table_plan *plan,
						    struct sdp_slot *slot)
{
	struct sdp_ends *ends = sdp_slot_ends(plan, slot);
	return (struct sdp_value_store *)(void *)(ends + (plan->ends ? plan->columns : 0));
}

/* The rows of a block, ordered by bucket. */
struct sdp_placing {
	/* Arrays of the caller with room for the rows of a block. */
	uint32_t *order; /* rows; those of a slot are adjacent, and in ascending order */
	/* local: index in slots of each row's slot; ends: end of each slot's rows in order */
	uint32_t *local, *ends;
	struct sdp_slot **slots;
	size_t count; /* number of slots */
	struct sdp_samples *samples;
	bool full; /* placing failed because of the plan's memory */
};

/* The rows to place, by their numbers in the block, in ascending order. */
struct sdp_bucket_table_rows {
	size_t count;
	const uint32_t *row;
	/*
	 * start of the bucket, or time of the sample; like the following arrays, indexed by row
	 * number
	 */
	const int64_t *start;
	const uint32_t *nano;  /* nanoseconds of samples */
	const uint32_t *group; /* NULL: all rows are of group 0, which need not be in groups */
};

/* Finds or adds the slots of the rows, and counts the rows; or makes room for samples. */
int sdp_bucket_table_place(struct sdp_bucket_table *series,
			   const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
			   const struct sdp_bucket_table_rows *rows, struct sdp_placing *placing,
			   struct sdp_err *err);

/*
 * Values of `scale` in struct sdp_bucket_table_column: up to 18 for a decimal; this one if the
 * number is in `real`; any other if there is no number.
 */
enum { SDP_BUCKET_TABLE_REAL = 0xfe };

/* A column of a block; arrays are indexed by row number. */
struct sdp_bucket_table_column {
	const int64_t *mantissa;
	const uint8_t *scale;
	const double *real;
	bool rational; /* there, the number is instead the rational at the address mantissa */
	bool plain;    /* every row is a decimal, and all have the same scale */
	int low_scale, high_scale; /* smallest and largest scale of the decimals */
	const int64_t *second;     /* time of each row, if the first and last values are wanted */
	const uint32_t *nano;
	int64_t *room; /* scratch space for one value per row of the block */
};

/* Adds the values of one column of the placed rows. */
int sdp_bucket_table_add(const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
			 const struct sdp_placing *placing, size_t column,
			 const struct sdp_bucket_table_column *values, struct sdp_err *err);

/* Merges `from` into `into`.  `from` must not be used afterwards. */
int sdp_bucket_table_merge(struct sdp_bucket_table *into, struct sdp_bucket_table *from,
			   const struct sdp_bucket_table_plan *plan, struct sdp_spill *spill,
			   struct sdp_err *err);

#endif
