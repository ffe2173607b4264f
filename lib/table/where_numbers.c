/*
 * Numbers and times of an expression of --where.
 *
 * Nearly all numbers are 64-bit mantissas, all with one scale, which loops over the rows compute. A
 * row where that does not work, as a cell or a result has too many digits, is marked, and only the
 * comparison at the end computes its numbers, exactly, from the cells.
 */
#include "table/where_eval.h"

#include "base/calendar.h"
#include "base/library.h"
#include "sdp/mem.h"

#include <string.h>

SDP_LIBRARY(gmp, gmp_version);

enum { DAY = 86400, HOUR = 3600, THURSDAY = 3, WEEK = 7 };

static bool is_sum(const struct sdp_where_node *node)
{
	return node->kind == SDP_WHERE_ADD || node->kind == SDP_WHERE_MULTIPLY ||
	       node->kind == SDP_WHERE_NEGATE;
}

bool sdp_where_is_constant(const struct sdp_where_node *node)
{
	if (node->kind == SDP_WHERE_NUMBER || node->kind == SDP_WHERE_STRING)
		return true;
	bool constant = is_sum(node);
	for (size_t i = 0; constant && i < node->count; i++)
		constant = sdp_where_is_constant(node->operands[i]);
	return constant;
}

/* ---- exactly ---- */

static int exact_text(struct sdp_where_scratch *s, const char *text, size_t length, char point,
		      const char *group, mpz_t mantissa, int64_t *scale, struct sdp_err *err)
{
	struct sdp_digits number;
	s->digits.length = 0;
	if (sdp_number_digits(text, length, point, group, &s->digits, &number, err) < 0 ||
	    sdp_buf_add(&s->digits, "", 1, err) < 0)
		return -1;
	*scale = sdp_rational_of_digits(mantissa, s->digits.data, &number);
	return 0;
}

static void exact_time(const char *text, size_t length, mpz_t mantissa, int64_t *scale)
{
	int64_t second = 0, fraction = 0;
	int digits = 0;
	sdp_time_parse(text, length, &second, &fraction, &digits);
	mpz_set_si(mantissa, second);
	mpz_mul_si(mantissa, mantissa, sdp_pow10[digits]);
	mpz_add_ui(mantissa, mantissa, (unsigned long)fraction);
	*scale = digits;
}

void sdp_where_align(mpz_t a, int64_t *a_scale, mpz_t b, int64_t *b_scale)
{
	int64_t scale = *a_scale > *b_scale ? *a_scale : *b_scale;
	sdp_times_tens(a, scale - *a_scale);
	sdp_times_tens(b, scale - *b_scale);
	*a_scale = *b_scale = scale;
}

static int exact_sum(struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		     mpz_t mantissa, int64_t *scale, struct sdp_err *err)
{
	mpz_t term;
	int64_t term_scale;
	int rc = sdp_where_exact(s, node->operands[0], row, mantissa, scale, err);
	if (rc == 0 && node->kind == SDP_WHERE_NEGATE)
		mpz_neg(mantissa, mantissa);
	mpz_init(term);
	for (size_t i = 1; rc == 0 && i < node->count; i++) {
		rc = sdp_where_exact(s, node->operands[i], row, term, &term_scale, err);
		if (rc == 0 && node->kind == SDP_WHERE_MULTIPLY) {
			mpz_mul(mantissa, mantissa, term);
			*scale += term_scale;
		} else if (rc == 0) {
			sdp_where_align(mantissa, scale, term, &term_scale);
			mpz_add(mantissa, mantissa, term);
		}
	}
	mpz_clear(term);
	return rc;
}

static int64_t part_of_time(enum sdp_where_kind kind, int64_t second)
{
	int64_t day = sdp_floor_div(second, DAY);
	if (kind == SDP_WHERE_HOUR)
		return sdp_floor_mod(second, DAY) / HOUR;
	if (kind == SDP_WHERE_WEEKDAY) /* 1970-01-01 was a Thursday */
		return sdp_floor_mod(day + THURSDAY, WEEK) + 1;
	struct sdp_date date = sdp_date_of_days(day);
	return kind == SDP_WHERE_YEAR ? date.year : kind == SDP_WHERE_MONTH ? date.month : date.day;
}

static int exact_function(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			  size_t row, mpz_t mantissa, int64_t *scale, struct sdp_err *err)
{
	if (node->kind == SDP_WHERE_LENGTH) {
		size_t length;
		*scale = 0;
		if (sdp_where_length(s, node->operands[0], row, &length, err) < 0)
			return -1;
		mpz_set_ui(mantissa, length == SDP_WHERE_NO_TEXT ? 0 : length);
		return 0;
	}
	if (sdp_where_exact(s, node->operands[0], row, mantissa, scale, err) < 0)
		return -1;
	mpz_fdiv_q_ui(mantissa, mantissa, (unsigned long)sdp_pow10[*scale]);
	mpz_set_si(mantissa, part_of_time(node->kind, mpz_get_si(mantissa)));
	*scale = 0;
	return 0;
}

int sdp_where_exact(struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		    mpz_t mantissa, int64_t *scale, struct sdp_err *err)
{
	const struct sdp_schema *schema = s->block->schema;
	const char *text;
	size_t length;
	if (is_sum(node))
		return exact_sum(s, node, row, mantissa, scale, err);
	switch (node->kind) {
	case SDP_WHERE_NUMBER:
		return exact_text(s, node->text, node->text_length, '.', NULL, mantissa, scale,
				  err);
	case SDP_WHERE_STRING:
		exact_time(node->text, node->text_length, mantissa, scale);
		return 0;
	case SDP_WHERE_COLUMN:
		text = sdp_block_cell(s->block, row, node->column, &length);
		if (node->type == SDP_WHERE_TYPE_NUMBER)
			return exact_text(s, text, length, schema->decimal, schema->thousands,
					  mantissa, scale, err);
		exact_time(text, length, mantissa, scale);
		return 0;
	default:
		return exact_function(s, node, row, mantissa, scale, err);
	}
}

/* ---- for all rows ---- */

static int constant(struct sdp_where_scratch *s, const struct sdp_where_node *node,
		    struct sdp_where_numbers *out, struct sdp_err *err)
{
	struct sdp_where_vector *v = sdp_where_vector_take(s, err);
	mpz_t mantissa;
	int64_t scale;
	mpz_init(mantissa);
	int rc = v ? sdp_where_exact(s, node, 0, mantissa, &scale, err) : -1;
	if (rc == 0) {
		bool fits = mpz_fits_slong_p(mantissa) && scale <= SDP_SCALE_MAX;
		int64_t value = fits ? mpz_get_si(mantissa) : 0;
		for (size_t i = 0; i < s->block->rows; i++)
			v->mantissa[i] = value;
		memset(v->state, fits ? 0 : SDP_CELL_REAL, s->block->rows);
		*out = (struct sdp_where_numbers){v->mantissa, v->state, fits ? (int)scale : 0,
						  fits};
	}
	mpz_clear(mantissa);
	return rc;
}

/* Adds or multiplies. out may be the room of an operand. Returns whether all rows are decimals. */
static bool compute(bool multiply, const struct sdp_where_numbers *a,
		    const struct sdp_where_numbers *b, size_t rows, struct sdp_where_vector *out)
{
	int scale = a->scale > b->scale ? a->scale : b->scale, a_tens = scale - a->scale,
	    b_tens = scale - b->scale;
	bool plain = true;
	for (size_t i = 0; i < rows; i++) {
		uint8_t state = sdp_where_join(a->state[i], b->state[i]);
		int64_t x = a->mantissa[i], y = b->mantissa[i], result = 0;
		bool fits = state == 0;
		if (fits && multiply)
			fits = !__builtin_mul_overflow(x, y, &result);
		else if (fits)
			fits = sdp_where_lift(x, a_tens, &x) && sdp_where_lift(y, b_tens, &y) &&
			       !__builtin_add_overflow(x, y, &result);
		out->state[i] = state == 0 && !fits ? SDP_CELL_REAL : state;
		out->mantissa[i] = fits ? result : 0;
		plain &= fits;
	}
	return plain;
}

/* Negates in the same way. */
static bool negate(const struct sdp_where_numbers *a, size_t rows, struct sdp_where_vector *out)
{
	bool plain = true;
	for (size_t i = 0; i < rows; i++) {
		int64_t x = a->mantissa[i];
		uint8_t state = sdp_where_join(a->state[i], 0);
		bool fits = state == 0 && x != INT64_MIN;
		out->state[i] = state == 0 && !fits ? SDP_CELL_REAL : state;
		out->mantissa[i] = fits ? -x : 0;
		plain &= fits;
	}
	return plain;
}

static int sum(struct sdp_where_scratch *s, const struct sdp_where_node *node,
	       struct sdp_where_numbers *out, struct sdp_err *err)
{
	bool multiply = node->kind == SDP_WHERE_MULTIPLY;
	size_t used = s->vectors_used, rows = s->block->rows;
	struct sdp_where_numbers left, right;
	if (sdp_where_numbers_of(s, node->operands[0], &left, err) < 0)
		return -1;
	/* The result replaces that of the first operand, unless this is a column. */
	struct sdp_where_vector *v =
		s->vectors_used > used ? s->vectors[used] : sdp_where_vector_take(s, err);
	if (!v)
		return -1;
	if (node->kind == SDP_WHERE_NEGATE) {
		bool plain = negate(&left, rows, v);
		left = (struct sdp_where_numbers){v->mantissa, v->state, left.scale, plain};
	}
	for (size_t i = 1; i < node->count; i++) {
		if (sdp_where_numbers_of(s, node->operands[i], &right, err) < 0)
			return -1;
		bool plain = compute(multiply, &left, &right, rows, v);
		int scale = multiply                   ? left.scale + right.scale
			    : left.scale > right.scale ? left.scale
						       : right.scale;
		left = (struct sdp_where_numbers){v->mantissa, v->state, scale, plain};
		s->vectors_used = used + 1;
	}
	*out = left;
	return 0;
}

/* Computes year(), month(), day(), hour() or weekday(). */
static int parts_of_times(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			  struct sdp_where_vector *out, struct sdp_err *err)
{
	struct sdp_where_numbers times;
	mpz_t part;
	int64_t scale;
	int rc = sdp_where_numbers_of(s, node->operands[0], &times, err);
	mpz_init(part);
	for (size_t row = 0; rc == 0 && row < s->block->rows; row++) {
		uint8_t state = sdp_where_join(times.state[row], 0);
		out->mantissa[row] = 0;
		out->state[row] = state == SDP_CELL_REAL ? 0 : state;
		if (state == 0) {
			int64_t second = sdp_floor_div(times.mantissa[row], sdp_pow10[times.scale]);
			out->mantissa[row] = part_of_time(node->kind, second);
		} else if (state == SDP_CELL_REAL) {
			rc = exact_function(s, node, row, part, &scale, err);
			out->mantissa[row] = mpz_get_si(part);
		}
	}
	mpz_clear(part);
	return rc;
}

/* Computes length(). */
static int lengths(struct sdp_where_scratch *s, const struct sdp_where_node *text,
		   struct sdp_where_vector *out, struct sdp_err *err)
{
	for (size_t row = 0; row < s->block->rows; row++) {
		size_t length;
		if (sdp_where_length(s, text, row, &length, err) < 0)
			return -1;
		out->mantissa[row] = (int64_t)length;
		out->state[row] = length == SDP_WHERE_NO_TEXT ? SDP_CELL_NULL : 0;
	}
	return 0;
}

int sdp_where_numbers_of(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			 struct sdp_where_numbers *out, struct sdp_err *err)
{
	size_t used = s->vectors_used;
	if (sdp_where_is_constant(node))
		return constant(s, node, out, err);
	if (is_sum(node))
		return sum(s, node, out, err);
	if (node->kind == SDP_WHERE_COLUMN) {
		const struct sdp_number_column *n = &sdp_where_column_of(s, node)->numbers;
		*out = (struct sdp_where_numbers){n->mantissa, n->scale, n->max_scale,
						  n->nulls + n->reals + n->others == 0};
		return 0;
	}
	struct sdp_where_vector *v = sdp_where_vector_take(s, err);
	if (!v || (node->kind == SDP_WHERE_LENGTH ? lengths(s, node->operands[0], v, err)
						  : parts_of_times(s, node, v, err)) < 0)
		return -1;
	*out = (struct sdp_where_numbers){v->mantissa, v->state, 0, false};
	s->vectors_used = used + 1;
	return 0;
}
