/*
 * Ranks of the values of a column, and the correlations of pairs of ranked columns.
 *
 * A rank is doubled, so that mid-ranks are integers: the doubled rank of values that are the
 * first-th to last-th of the column in ascending order is first + last, from 2 to 2n.  0 is the
 * rank of a cell without a value.
 */
#ifndef SDP_MODEL_STATS_RANKS_H
#define SDP_MODEL_STATS_RANKS_H

#include "model/stats/correlation.h"

#define SDP_RANKS_MAX ((uint64_t)INT32_MAX)

/*
 * The key of a cell: the integer in limbs (base/limbs.h) as 4 or 8 bytes, or all its limbs.
 * Returns the bytes of a key of so many limbs, of integers of so many bits.
 */
size_t sdp_rank_key_width(size_t limbs, int bits);

/* Writes the keys of the n ≤ SDP_TILE rows of a tile, of which nulls have no value. */
void sdp_rank_keys(const int32_t *tile, size_t limbs, size_t n, size_t width,
		   const struct sdp_pair_nulls *nulls, char *out);

/* Returns the bytes of private memory that sdp_rank takes for n keys, and a pair for n rows. */
uint64_t sdp_rank_memory(size_t width, uint64_t n);
uint64_t sdp_rank_pair_memory(uint64_t n);

/* Sets ranks to those of n ≤ SDP_RANKS_MAX keys.  Returns 0, or -1 if memory is exhausted. */
int sdp_rank(const char *keys, size_t width, size_t n, uint32_t *ranks, struct sdp_err *err);

/*
 * Computes Spearman's r or Kendall's tau-b of two columns of n ranks, which are at most 2n, on the
 * rows in which both have a value.  Returns 0, or -1 if memory is exhausted.
 */
int sdp_rank_spearman(const uint32_t *x, const uint32_t *y, size_t n, struct sdp_correlation *out,
		      struct sdp_err *err);
int sdp_rank_kendall(const uint32_t *x, const uint32_t *y, size_t n, struct sdp_correlation *out,
		     struct sdp_err *err);

#endif
