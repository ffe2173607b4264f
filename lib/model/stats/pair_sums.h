/*
 * Exact sums of pairs of columns: of x, y, x², y² and xy over the rows in which both x and y have a
 * value, for all pairs of columns, or for all pairs with one of them.
 *
 * The columns are integers in limbs (base/limbs.h), value = integer × 10^-tens.  A cell without a
 * value is 0, so it adds nothing to products; what it takes from the sums of the other columns is
 * summed apart, for the columns that have such cells.  Nothing is rounded, so the sums depend
 * neither on the order of the rows nor on how they are divided.
 *
 * All memory is taken from a spill and never freed one by one.  Functions that return int return 0,
 * or -1 if memory is exhausted or the limit of the spill is exceeded.
 */
#ifndef SDP_MODEL_STATS_PAIR_SUMS_H
#define SDP_MODEL_STATS_PAIR_SUMS_H

#include "base/gmp.h"
#include "model/regression/gram.h"
#include "sdp/spill.h"

#define SDP_PAIRS_ALL SIZE_MAX

struct sdp_pair_unit {
	int tens;
	size_t limbs;
};

/* A column: its first limb, and the first of its sums over the rows that another one lacks. */
struct sdp_pair_column {
	struct sdp_pair_unit unit;
	size_t limb, lack;
};

struct sdp_pair_sums {
	struct sdp_pair_sums *next; /* of the caller: sums in other units */
	size_t count, limbs;
	size_t against; /* the column that is in all pairs, or SDP_PAIRS_ALL */
	size_t lack;    /* the sums over the rows that a column lacks */
	struct sdp_pair_column *columns;
	uint64_t rows;
	uint64_t *nulls;  /* of each column */
	sdp_int128 *sums; /* of each limb */
	struct sdp_gram *
		*grams;     /* one of all columns; or one for each column, with against first */
	sdp_int128 **lacks; /* of each column; NULL: it lacks no rows */
};

/* The rows of a tile in which a column has no value: their numbers, ascending, and a bit each. */
struct sdp_pair_nulls {
	size_t count;
	uint16_t rows[SDP_TILE];
	uint64_t bits[SDP_TILE / 64];
};

/* Returns empty sums of count columns in the given units; NULL on failure. */
struct sdp_pair_sums *sdp_pair_sums_new(const struct sdp_pair_unit *units, size_t count,
					size_t against, struct sdp_spill *spill,
					struct sdp_err *err);

/* Returns an upper bound of the bytes that such sums take. */
double sdp_pair_sums_bytes(const struct sdp_pair_unit *units, size_t count, size_t against,
			   bool nulls);

/*
 * Adds n ≤ SDP_TILE rows.  tile has the limbs of all columns, with zeros after the rows up to a
 * multiple of 8, and room for twice the most limbs of a column after them.  nulls is an array of
 * one element per column.
 */
int sdp_pair_sums_add(struct sdp_pair_sums *sums, int32_t *tile, size_t n,
		      const struct sdp_pair_nulls *nulls, struct sdp_spill *spill,
		      struct sdp_err *err);

/* Returns whether both have the same units, so that they can be merged. */
bool sdp_pair_sums_match(const struct sdp_pair_sums *a, const struct sdp_pair_sums *b);

/* Adds from, which takes over no memory of into but may give its own to it. */
void sdp_pair_sums_merge(struct sdp_pair_sums *into, const struct sdp_pair_sums *from);

/* The sums of a pair: Σx = x × 10^-x_tens, Σxy = xy × 10^-(x_tens + y_tens), and so on. */
struct sdp_pair_total {
	uint64_t n;
	int x_tens, y_tens;
	mpz_t x, y, xx, yy, xy;
};

void sdp_pair_total_init(struct sdp_pair_total *total);
void sdp_pair_total_clear(struct sdp_pair_total *total);

/* Computes the sums of a pair over a list of sums. */
void sdp_pair_total(const struct sdp_pair_sums *list, size_t x, size_t y,
		    struct sdp_pair_total *total);

#endif
