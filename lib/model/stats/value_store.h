/*
 * The values of a column, stored for the statistics that need all of them: the number of distinct
 * values and the quantiles.
 *
 * While there are few distinct values, a dictionary counts them.  Once there are many, further
 * values are stored in runs, one run for each block: offsets from the smallest value of the run, in
 * as few bytes as the largest offset needs.  Runs are in shared memory or, beyond the limit of the
 * spill, in its file.  Dictionary and runs together are the column; a value may be in both.
 *
 * All-zero bytes are an empty store.  The memory to which a store points belongs to the owner of
 * the spill, so there is nothing to free.  Functions return 0, or -1 if memory or disk space runs
 * out, unless stated otherwise.
 */
#ifndef SDP_MODEL_STATS_VALUE_STORE_H
#define SDP_MODEL_STATS_VALUE_STORE_H

#include "sdp/spill.h"

#include <stddef.h>

/* The kinds of keys.  Values from 0 to 18 are the scale of a decimal. */
enum {
	SDP_KEY_REAL = 32,     /* a double, as an integer that has the same order */
	SDP_KEY_HASH = 33,     /* a 128-bit hash of a string */
	SDP_KEY_RATIONAL = 34, /* the address of a struct sdp_rational */
};

/*
 * A number: value × 10^-kind; if kind is SDP_KEY_REAL, the double sdp_key_to_double(value); if it
 * is SDP_KEY_RATIONAL, the rational at this address (model/stats/exact_value.h).
 */
struct sdp_value {
	int kind;
	int64_t value;
};

struct sdp_key_run {
	struct sdp_key_run *next;
	struct sdp_extent extent;
	uint64_t count;
	int64_t base;  /* the smallest value; the extent stores the differences from it */
	uint64_t span; /* the largest offset */
	uint8_t kind;  /* scale, SDP_KEY_REAL or SDP_KEY_HASH */
	uint8_t width; /* bytes of an offset: 1, 2, 4 or 8; of a hash: 16 */
};

struct sdp_key_entry {
	uint64_t key;   /* the mantissa, the ordered double, or the first half of the hash */
	uint64_t extra; /* the kind, or in a hashed table the second half of the hash */
	uint64_t count; /* 0 if the entry is free */
};

struct sdp_value_store {
	struct sdp_key_run *runs, *last_run;
	uint64_t cost; /* estimate of the work that the runs make, in arbitrary units */
	struct sdp_key_entry *table;
	uint32_t capacity, used; /* entries of the table; capacity is 0 or a power of two */
	bool frozen;             /* no further values are added to the table */
	bool hashed;             /* the table contains hashes, and extra is not a kind */
	uint64_t counted;        /* number of values counted in the table */
};

/*
 * Returns an integer for a finite double.  Integers have the order of the doubles, and -0 becomes
 * 0.
 */
int64_t sdp_key_of_double(double value);

/* Returns the key of the double nearest to a decimal. */
int64_t sdp_key_of_decimal(int64_t mantissa, int scale);

/* The inverse of sdp_key_of_double. */
double sdp_key_to_double(int64_t key);

/*
 * Adds n decimals of one scale, or n ordered doubles (kind SDP_KEY_REAL), all of them between low
 * and high.
 */
int sdp_value_store_add(struct sdp_value_store *keys, struct sdp_spill *spill,
			const int64_t *values, size_t n, int kind, int64_t low, int64_t high,
			struct sdp_err *err);

/*
 * Counts one string by its hash (first, second) in the dictionary, which may have at most limit
 * entries.  Returns 1 if the hash is new, 0 if it was there already, -1 on failure.  Must not be
 * called once frozen is set.
 */
int sdp_value_store_count_hash(struct sdp_value_store *keys, struct sdp_spill *spill,
			       uint64_t first, uint64_t second, uint32_t limit,
			       struct sdp_err *err);

/*
 * Prefetches the entry of a hash that will be counted soon, as the dictionary may not be in the
 * cache.
 */
void sdp_value_store_prefetch(const struct sdp_value_store *keys, uint64_t first, uint64_t second);

/* Adds n hashes (first, second, first, …) as a run. */
int sdp_value_store_add_hashes(struct sdp_value_store *keys, struct sdp_spill *spill,
			       const uint64_t *hashes, size_t n, struct sdp_err *err);

/* Merges `from` into `into`.  `from` must not be used afterwards. */
int sdp_value_store_merge(struct sdp_value_store *into, struct sdp_value_store *from,
			  struct sdp_spill *spill, struct sdp_err *err);

#endif
