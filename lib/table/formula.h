/*
 * Terms: what a regression's -x lists beyond columns.
 *
 *	a          a column (name, number; a:f and /regex/ stand for several)
 *	a*b, a^3   products and powers of columns, up to degree 16; in a product also levels
 *	log(a)     the natural logarithm
 *	sqrt(a)    the square root
 *
 * A text that is a column's name is that column, whatever it looks like.
 */
#ifndef SDP_TABLE_FORMULA_H
#define SDP_TABLE_FORMULA_H

#include "table/source.h"

enum { SDP_TERM_DEGREE = 16 };

enum sdp_term_kind {
	SDP_TERM_COLUMN,
	SDP_TERM_PRODUCT, /* of factor[0, degree), a power being its column repeated */
	SDP_TERM_LOG,
	SDP_TERM_SQRT,
};

struct sdp_term {
	enum sdp_term_kind kind;
	size_t degree;                  /* 1 but for a product */
	size_t factor[SDP_TERM_DEGREE]; /* columns of the schema */
	const char *name;               /* as given, columns by their names: "x1*x2", "a^2" */
};

/*
 * *terms are what list says, in its order, each once; the caller frees them by sdp_formula_free.
 * except, a column that is no feature (the target; SIZE_MAX: none), is left out of ranges and
 * expressions and an error elsewhere.
 */
int sdp_formula_parse(const struct sdp_schema *schema, const char *list, size_t except,
		      struct sdp_term **terms, size_t *count, struct sdp_err *err);

/* One term that is a name or made of names; the caller frees its name. */
int sdp_term_parse(const struct sdp_schema *schema, const char *text, size_t length,
		   struct sdp_term *term, struct sdp_err *err);

/* Must factor k be a number?  In a power, a logarithm or a root; else levels will do. */
bool sdp_term_needs_number(const struct sdp_term *term, size_t k);

void sdp_formula_free(struct sdp_term *terms, size_t count);

#endif
