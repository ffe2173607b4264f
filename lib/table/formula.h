/*
 * The terms of a regression, as in the option -x.
 *
 *	a          a column (name or number; a:f and /regex/ stand for several columns)
 *	a*b, a^3   products and powers of columns, up to degree 16; a product may have levels
 *	log(a)     the natural logarithm
 *	sqrt(a)    the square root
 *
 * A text that is the name of a column means that column, even if it looks like something else. Any
 * other expression, such as exp(a), 1/a or a+b, is a usage error that names these terms.
 */
#ifndef SDP_TABLE_FORMULA_H
#define SDP_TABLE_FORMULA_H

#include "table/source.h"

enum { SDP_TERM_DEGREE = 16 };

/* The terms, as help and messages list them. */
#define SDP_TERMS "a*b, a^2, log(a), sqrt(a)"

enum sdp_term_kind {
	SDP_TERM_COLUMN,
	/* of factor[0] to factor[degree - 1]; a power repeats its column */
	SDP_TERM_PRODUCT,
	SDP_TERM_LOG,
	SDP_TERM_SQRT,
};

struct sdp_term {
	enum sdp_term_kind kind;
	size_t degree;                  /* 1 except for products */
	size_t factor[SDP_TERM_DEGREE]; /* indices of columns in the schema */
	/* as given, but with the names of columns: "x1*x2", "a^2"; owned */
	const char *name;
};

/* Returns whether a term is a function of a column: a logarithm or a root. */
static inline bool sdp_term_is_function(const struct sdp_term *term)
{
	return term->kind == SDP_TERM_LOG || term->kind == SDP_TERM_SQRT;
}

/*
 * Parses a list of terms. *terms are the terms in the order of the list, each once; free them with
 * sdp_formula_free. except is a column that is not a feature, such as the target (SIZE_MAX: none);
 * ranges and regular expressions leave it out, and naming it is an error.
 */
int sdp_formula_parse(const struct sdp_schema *schema, const char *list, size_t except,
		      struct sdp_term **terms, size_t *count, struct sdp_err *err);

/* Parses one term: a name or an expression of names. The caller frees term->name. */
int sdp_term_parse(const struct sdp_schema *schema, const char *text, size_t length,
		   struct sdp_term *term, struct sdp_err *err);

/*
 * Returns whether factor k must be a number: in a power, logarithm or square root. Elsewhere it may
 * have levels.
 */
bool sdp_term_needs_number(const struct sdp_term *term, size_t k);

/* Frees terms and their names. */
void sdp_formula_free(struct sdp_term *terms, size_t count);

#endif
