/*
 * Comparisons of numbers and times in an expression of --where.
 *
 * A comparison with a constant, as most are, is one with an interval of mantissas: at scale 2,
 * x < 2.505 is mantissa ≤ 250.
 */
#include "table/where_eval.h"

#include <string.h>

/* Mantissas from low to low + width or, if it is turned, the others; empty: there are none. */
struct interval {
	int64_t low;
	uint64_t width;
	bool empty, turned;
};

/* Sets c to its floor at this scale. Returns whether it was whole. */
static bool floor_at(mpz_t c, int64_t c_scale, int scale)
{
	mpz_t power;
	if (c_scale <= scale) {
		sdp_times_tens(c, scale - c_scale);
		return true;
	}
	mpz_init(power);
	mpz_ui_pow_ui(power, 10, (unsigned long)(c_scale - scale));
	bool whole = mpz_divisible_p(c, power) != 0;
	mpz_fdiv_q(c, c, power);
	mpz_clear(power);
	return whole;
}

/* Returns the interval of the mantissas of this scale for which a comparison with c holds. */
static struct interval interval_of(enum sdp_where_kind kind, const mpz_t c, int64_t c_scale,
				   int scale)
{
	bool below = kind == SDP_WHERE_LESS || kind == SDP_WHERE_AT_MOST;
	struct interval in = {.turned = kind == SDP_WHERE_UNEQUAL};
	mpz_t floor;
	mpz_init_set(floor, c);
	bool whole = floor_at(floor, c_scale, scale);
	/* For these two, the last mantissa below c. */
	if (whole && (kind == SDP_WHERE_LESS || kind == SDP_WHERE_AT_LEAST))
		mpz_sub_ui(floor, floor, 1);
	bool fits = mpz_fits_slong_p(floor), high = !fits && mpz_sgn(floor) > 0;
	int64_t last = fits ? mpz_get_si(floor) : 0;
	mpz_clear(floor);
	if (kind == SDP_WHERE_EQUAL || kind == SDP_WHERE_UNEQUAL) {
		in.empty = !whole || !fits;
		in.low = last;
	} else if (below) {
		in.empty = !fits && !high;
		in.low = INT64_MIN;
		in.width = fits ? (uint64_t)last - (uint64_t)INT64_MIN : UINT64_MAX;
	} else {
		in.empty = high || (fits && last == INT64_MAX);
		in.low = fits && !in.empty ? last + 1 : INT64_MIN;
		in.width = (uint64_t)INT64_MAX - (uint64_t)in.low;
	}
	return in;
}

static void compare_with(const struct interval *in, const int64_t *mantissa, size_t rows,
			 uint8_t *out)
{
	const uint64_t low = (uint64_t)in->low, width = in->width;
	const unsigned turned = in->turned ? SDP_WHERE_TRUE : SDP_WHERE_FALSE;
	if (in->empty) {
		memset(out, (int)turned, rows);
		return;
	}
	for (size_t i = 0; i < rows; i++) {
		unsigned within = (uint64_t)mantissa[i] - low <= width;
		out[i] = (uint8_t)((within * SDP_WHERE_TRUE) ^ turned);
	}
}

/* Compares the rows that are marked, and sets those that are null. */
static int compare_others(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			  const struct sdp_where_node *left, const struct sdp_where_node *right,
			  const uint8_t *states, uint8_t *out, struct sdp_err *err)
{
	mpz_t a, b;
	int64_t a_scale, b_scale;
	int rc = 0;
	mpz_inits(a, b, (mpz_ptr)NULL);
	for (size_t row = 0; rc == 0 && row < s->block->rows; row++) {
		if (sdp_where_lacks_number(states[row]))
			out[row] = SDP_WHERE_NULL;
		if (states[row] != SDP_CELL_REAL)
			continue;
		rc = sdp_where_exact(s, left, row, a, &a_scale, err);
		if (rc == 0)
			rc = sdp_where_exact(s, right, row, b, &b_scale, err);
		if (rc < 0)
			break;
		sdp_where_align(a, &a_scale, b, &b_scale);
		out[row] = sdp_where_holds(kind, mpz_cmp(a, b));
	}
	mpz_clears(a, b, (mpz_ptr)NULL);
	return rc;
}

static int with_constant(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			 const struct sdp_where_node *node, const struct sdp_where_node *bound,
			 uint8_t *out, struct sdp_err *err)
{
	size_t used = s->vectors_used;
	struct sdp_where_numbers numbers = {0};
	mpz_t c;
	int64_t scale;
	mpz_init(c);
	int rc = sdp_where_numbers_of(s, node, &numbers, err);
	if (rc == 0)
		rc = sdp_where_exact(s, bound, 0, c, &scale, err);
	if (rc == 0) {
		struct interval in = interval_of(kind, c, scale, numbers.scale);
		compare_with(&in, numbers.mantissa, s->block->rows, out);
	}
	mpz_clear(c);
	if (rc == 0 && !numbers.plain)
		rc = compare_others(s, kind, node, bound, numbers.state, out, err);
	s->vectors_used = used;
	return rc;
}

/* Compares the rows of two nodes; those for which that does not work become marked in states. */
static void compare_rows(enum sdp_where_kind kind, const struct sdp_where_numbers *a,
			 const struct sdp_where_numbers *b, size_t rows, uint8_t *states,
			 uint8_t *out)
{
	int scale = a->scale > b->scale ? a->scale : b->scale, a_tens = scale - a->scale,
	    b_tens = scale - b->scale;
	for (size_t i = 0; i < rows; i++) {
		int64_t x, y;
		states[i] = sdp_where_join(a->state[i], b->state[i]);
		if (states[i] != 0)
			continue;
		if (sdp_where_lift(a->mantissa[i], a_tens, &x) &&
		    sdp_where_lift(b->mantissa[i], b_tens, &y))
			out[i] = sdp_where_holds(kind, (x > y) - (x < y));
		else
			states[i] = SDP_CELL_REAL;
	}
}

/* Returns the comparison of b with a that is that of a with b. */
static enum sdp_where_kind turned(enum sdp_where_kind kind)
{
	switch (kind) {
	case SDP_WHERE_LESS:
		return SDP_WHERE_GREATER;
	case SDP_WHERE_AT_MOST:
		return SDP_WHERE_AT_LEAST;
	case SDP_WHERE_GREATER:
		return SDP_WHERE_LESS;
	case SDP_WHERE_AT_LEAST:
		return SDP_WHERE_AT_MOST;
	default:
		return kind;
	}
}

int sdp_where_compare_numbers(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			      const struct sdp_where_node *left, const struct sdp_where_node *right,
			      uint8_t *out, struct sdp_err *err)
{
	size_t used = s->vectors_used;
	struct sdp_where_numbers a, b;
	if (left->type == SDP_WHERE_TYPE_TIME)
		sdp_where_check_zones(s, left, right);
	if (sdp_where_is_constant(right))
		return with_constant(s, kind, left, right, out, err);
	if (sdp_where_is_constant(left))
		return with_constant(s, turned(kind), right, left, out, err);
	struct sdp_where_vector *v = sdp_where_vector_take(s, err);
	if (!v || sdp_where_numbers_of(s, left, &a, err) < 0 ||
	    sdp_where_numbers_of(s, right, &b, err) < 0)
		return -1;
	compare_rows(kind, &a, &b, s->block->rows, v->state, out);
	int rc = compare_others(s, kind, left, right, v->state, out, err);
	s->vectors_used = used;
	return rc;
}

/* ---- time zones ---- */

enum { ZONED = SDP_SEEN_ZONED, ZONELESS = SDP_SEEN_DATE | SDP_SEEN_LOCAL };

/* Returns the SDP_SEEN_ bits of all times of a node. */
static unsigned seen_in(struct sdp_where_scratch *s, const struct sdp_where_node *node)
{
	return node->kind == SDP_WHERE_COLUMN ? sdp_where_column_of(s, node)->numbers.seen
					      : node->seen;
}

/*
 * Returns whether a may be a time without a zone beside a b that has one. A constant without a zone
 * is in UTC beside times that have a zone.
 */
static bool may_be_odd(const struct sdp_where_node *a, unsigned seen_a, unsigned seen_b)
{
	return a->kind == SDP_WHERE_COLUMN && seen_a & ZONELESS && seen_b & ZONED;
}

/* Returns the SDP_SEEN_ bit of a time in a row, 0 if it is null. */
static unsigned seen_at(const struct sdp_where_scratch *s, const struct sdp_where_node *node,
			size_t row)
{
	const struct sdp_schema *schema = s->block->schema;
	size_t length;
	if (node->kind != SDP_WHERE_COLUMN)
		return node->seen;
	const char *text = sdp_block_cell(s->block, row, node->column, &length);
	return sdp_is_null(&schema->nulls, text, length)
		       ? 0
		       : sdp_schema_seen(schema, node->column, text, length);
}

void sdp_where_check_zones(struct sdp_where_scratch *s, const struct sdp_where_node *a,
			   const struct sdp_where_node *b)
{
	unsigned all_a = seen_in(s, a), all_b = seen_in(s, b);
	if (!may_be_odd(a, all_a, all_b) && !may_be_odd(b, all_b, all_a))
		return;
	for (size_t row = 0; row < s->block->rows; row++) {
		unsigned seen_a = seen_at(s, a, row), seen_b = seen_at(s, b, row);
		bool odd_a = may_be_odd(a, seen_a, seen_b), odd_b = may_be_odd(b, seen_b, seen_a);
		if (!odd_a && !odd_b)
			continue;
		sdp_fault_note(&s->fault,
			       (struct sdp_fault){.block = s->block,
						  .row = row,
						  .column = (odd_a ? a : b)->column,
						  .problem = "a time without a zone is compared "
							     "with one that has a zone: "});
		return;
	}
}
