/*
 * Generates synthetic data of any size with a known structure, for sdp-sample.
 *
 * Both generators are pure functions of (seed, record number): the records first … first + count −
 * 1 have the same bytes regardless of how they are split into calls, on every machine.  So workers
 * may generate them in any order.  Text is appended to out, which the caller releases.  Functions
 * return 0, or -1 if memory runs out.
 *
 * Record numbers start at 0 and are below SDP_SYNTHETIC_ROWS_MAX, where the year still has four
 * digits.
 */
#ifndef SDP_MODEL_SYNTHETIC_SYNTHETIC_H
#define SDP_MODEL_SYNTHETIC_SYNTHETIC_H

#include "sdp/buf.h"

#define SDP_SYNTHETIC_ROWS_MAX 4000000000.0

/*
 * A number of rows per call that balances its fixed cost (about 50 µs) and the memory for the text
 * (2 MB).
 */
#define SDP_SYNTHETIC_BLOCK 16384

/* The names of the columns, followed by a newline. */
extern const char sdp_synthetic_header[];

/*
 * Generates CSV rows id,ts,category,customer,x1..x6,qty,y,label,items.  Their structure
 * (man/sdp-sample.1 repeats it for users):
 *
 *	x1 ~ N(0, 1)   x2 ~ N(5, 2)   x3 ~ U[0, 100], 2 % of its cells empty   x4 ~ Exp(mean 3)
 *	(x5, x6) three round clusters (standard deviation 0.6): 50 % about (−3, −3), 30 % (0, 4),
 *	20 % (4, −1)
 *	y = 3 + 2 x1 − 1.5 x2 + 0.1 x3 + 0.7 x4 + 2 sin(2π minute of day/1440) + N(0, 1)
 *	P(label = 1) = 1/(1 + exp(−(2.5 + x1 − 0.5 x2)))
 *	items: butter with bread 60 % (else 10 %), beer with diapers 70 % (15 %), sugar with coffee
 *	50 % (5 %), cereal with milk 60 % (8 %), cheese with both pasta and tomatoes 80 % (10 %)
 *
 * The relations hold for the numbers as printed (y within its own rounding).  Where x3 is empty, y
 * was computed with the number that x3 would have had.
 */
int sdp_synthetic_rows(uint64_t seed, uint64_t first, uint64_t count, struct sdp_buf *out,
		       struct sdp_err *err);

/*
 * Generates baskets, one per line, as distinct item names separated by spaces.
 *
 * Each basket has a body of i0 … i999, generated in the manner of R. Agrawal and R. Srikant (Fast
 * Algorithms for Mining Association Rules, VLDB 1994: weighted, overlapping patterns that lose
 * items).  It is preceded by goods in five planted sets, each of which is complete with the given
 * probability: beer diapers 8 %, bread butter milk 6 %, coffee sugar 5 %, cheese pasta tomatoes 4
 * %, apples cereal yoghurt 3 %.  A quarter of the baskets also contain one of the thirteen goods,
 * drawn at random.
 */
int sdp_synthetic_baskets(uint64_t seed, uint64_t first, uint64_t count, struct sdp_buf *out,
			  struct sdp_err *err);

#endif
