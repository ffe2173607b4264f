/* Access to the exact sums of a Gram matrix, for linreg.c. */
#ifndef SDP_MODEL_REGRESSION_GRAM_PRIVATE_H
#define SDP_MODEL_REGRESSION_GRAM_PRIVATE_H

#include "model/regression/gram.h"

#include <gmp.h>

/* Computes Σ a × b over all rows, in units of the columns' integers.  out must be initialised. */
void sdp_gram_product(const struct sdp_gram *gram, const struct sdp_gram_column *a,
		      const struct sdp_gram_column *b, mpz_t out);

#endif
