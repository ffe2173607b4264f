/*
 * The values of a column, collected for figures that need all of them: distinct, quantiles.
 *
 * While there are few distinct values they are counted in a dictionary.  When there are many,
 * further values are kept in runs, one a block: offsets from the run's smallest value, as
 * narrow as the block allows, in shared memory or, past the spill's limit, in its file.  Both
 * together are the column: a value may stand in the dictionary and in runs.
 *
 * All-zero bytes are an empty collection.  What hangs on it belongs to the spill's owner.
 * Functions return 0 or -1 (memory or disk ended).
 */
#ifndef SDP_MODEL_STATS_VALUE_STORE_H
#define SDP_MODEL_STATS_VALUE_STORE_H

#include "sdp/spill.h"

#include <stddef.h>

/* What a key is, besides a decimal of scale 0 to 18. */
enum {
	SDP_KEY_REAL = 32, /* a double, as an integer that sorts alike */
	SDP_KEY_HASH = 33, /* a 128-bit hash of a string */
};

/* A number as it is collected: value × 10^-kind, or with SDP_KEY_REAL an ordered double. */
struct sdp_value {
	int kind;
	int64_t value;
};

/* Below 0, 0 or above 0, exactly. */
int sdp_value_compare(const struct sdp_value *a, const struct sdp_value *b);

struct sdp_key_run {
	struct sdp_key_run *next;
	struct sdp_extent extent;
	uint64_t count;
	int64_t base;  /* the smallest value; the extent holds values - base */
	uint64_t span; /* the largest offset */
	uint8_t kind;  /* scale, SDP_KEY_REAL or SDP_KEY_HASH */
	uint8_t width; /* bytes an offset: 1, 2, 4, 8; a hash: 16 */
};

struct sdp_key_entry {
	uint64_t key;   /* mantissa, ordered double or the hash's first half */
	uint64_t extra; /* kind; in a hashed table the hash's second half */
	uint64_t count; /* 0: the place is free */
};

struct sdp_value_store {
	struct sdp_key_run *runs, *last_run;
	uint64_t cost; /* of solving the runs, in arbitrary units */
	struct sdp_key_entry *table;
	uint32_t capacity, used; /* of the table, a power of two */
	bool frozen;             /* new values go to runs */
	bool hashed;             /* the table holds hashes: extra is no kind */
	uint64_t counted;        /* values in the table */
};

/* An order-preserving integer for a finite double (-0 as 0), and back. */
int64_t sdp_key_of_double(double value);
double sdp_key_to_double(int64_t key);

/*
 * Adds n decimals of one scale, or ordered doubles (kind SDP_KEY_REAL), all between low and high.
 */
int sdp_value_store_add(struct sdp_value_store *keys, struct sdp_spill *spill,
			const int64_t *values, size_t n, int kind, int64_t low, int64_t high,
			struct sdp_err *err);

/*
 * Counts one string by its hash in the dictionary, which may hold limit entries: 1 if it was not
 * there yet, 0 if it was, -1 on failure.  Not to be called once frozen is set.
 */
int sdp_value_store_count_hash(struct sdp_value_store *keys, struct sdp_spill *spill,
			       uint64_t first, uint64_t second, uint32_t limit,
			       struct sdp_err *err);

/* Says that this hash will soon be counted: the dictionary may not be in the cache. */
void sdp_value_store_prefetch(const struct sdp_value_store *keys, uint64_t first, uint64_t second);

/* Keeps n hashes (first, second, first, …) in a run. */
int sdp_value_store_add_hashes(struct sdp_value_store *keys, struct sdp_spill *spill,
			       const uint64_t *hashes, size_t n, struct sdp_err *err);

/* from is used up. */
int sdp_value_store_merge(struct sdp_value_store *into, struct sdp_value_store *from,
			  struct sdp_spill *spill, struct sdp_err *err);

#endif
