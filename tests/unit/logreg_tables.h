/* Tables for the tests of logistic regression. */
#ifndef SDP_UNIT_LOGREG_TABLES_H
#define SDP_UNIT_LOGREG_TABLES_H

#include "base/rng.h"
#include "model/regression/logreg.h"

#include <math.h>
#include <stdlib.h>

struct table {
	size_t rows, features, labels;
	double *values; /* feature by feature */
	const double **columns;
	unsigned char *codes;
};

static inline struct table new_table(size_t rows, size_t features, size_t labels)
{
	struct table t = {rows,
			  features,
			  labels,
			  calloc(rows * features + 1, sizeof(double)),
			  calloc(features + 1, sizeof(double *)),
			  calloc(rows, 1)};
	for (size_t j = 0; j < features; j++)
		t.columns[j] = t.values + j * rows;
	return t;
}

static inline void free_table(struct table *t)
{
	free(t->values);
	free(t->columns);
	free(t->codes);
}

static inline struct sdp_logreg_rows rows_of(const struct table *t)
{
	return (struct sdp_logreg_rows){t->rows, t->columns, t->codes};
}

static inline double uniform(uint64_t seed, uint64_t i, uint64_t j)
{
	return 2 * sdp_rng_unit(seed, i, j) - 1;
}

/* Labels by a linear predictor with noise. */
static inline struct table made_table(size_t rows, size_t features, size_t labels, double noise,
				      uint64_t seed)
{
	struct table t = new_table(rows, features, labels);
	for (size_t i = 0; i < rows; i++) {
		double best = -INFINITY;
		for (size_t j = 0; j < features; j++)
			t.values[j * rows + i] = ldexp(uniform(seed, i, j), (int)(j % 7) - 3);
		for (size_t k = 0; k < labels; k++) {
			double eta = noise * uniform(seed + 1, i, k);
			for (size_t j = 0; j < features; j++)
				eta += uniform(seed + 2, k, j) * t.values[j * rows + i];
			if (eta > best) {
				best = eta;
				t.codes[i] = (unsigned char)k;
			}
		}
	}
	return t;
}

#endif
