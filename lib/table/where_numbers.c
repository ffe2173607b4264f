/*
 * Numbers and times of an expression of --where. Nearly all are decimals with a mantissa of 64
 * bits, which loops over the rows compute; a row for which that is not enough is computed with GMP.
 */
#include "base/calendar.h"
#include "base/library.h"
#include "base/rational.h"
#include "sdp/mem.h"
#include "table/where_eval.h"

#include <string.h>

SDP_LIBRARY(gmp, gmp_version);

/* ---- exact values of one row ---- */

/* value × 10^-scale */
struct exact {
	mpz_t value;
	int64_t scale;
};

static void set_int64(mpz_t out, int64_t value)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	mpz_import(out, 1, -1, sizeof magnitude, 0, 0, &magnitude);
	if (value < 0)
		mpz_neg(out, out);
}

static void scale_up(struct exact *x, int64_t scale)
{
	mpz_t power;
	if (x->scale >= scale)
		return;
	mpz_init(power);
	mpz_ui_pow_ui(power, 10, (unsigned long)(scale - x->scale));
	mpz_mul(x->value, x->value, power);
	mpz_clear(power);
	x->scale = scale;
}

static int read_digits(struct exact *out, const char *text, size_t length, char point,
		       const char *group, struct sdp_err *err)
{
	struct sdp_buf digits = {0};
	struct sdp_digits d;
	int rc = sdp_number_digits(text, length, point, group, &digits, &d, err);
	if (rc == 0 && d.count) {
		digits.data[d.count] = '\0';
		mpz_set_str(out->value, digits.data, 10);
		if (d.negative)
			mpz_neg(out->value, out->value);
		out->scale = (int64_t)d.count - d.point;
	}
	sdp_buf_release(&digits);
	return rc;
}

static void set_time(struct exact *out, int64_t second, int64_t fraction, int scale)
{
	struct exact part = {.scale = scale};
	mpz_init(part.value);
	set_int64(part.value, fraction);
	set_int64(out->value, second);
	scale_up(out, scale);
	mpz_add(out->value, out->value, part.value);
	mpz_clear(part.value);
}

/* Reads a cell that is a number or a time. */
static int read_cell(const struct sdp_where_scratch *s, const struct sdp_where_node *node,
		     size_t row, struct exact *out, struct sdp_err *err)
{
	const struct sdp_schema *schema = s->block->schema;
	size_t length;
	int scale;
	int64_t second, fraction;
	const char *text = sdp_block_cell(s->block, row, node->column, &length);
	if (node->type != SDP_WHERE_TYPE_TIME)
		return read_digits(out, text, length, schema->decimal, schema->thousands, err);
	sdp_time_parse(text, length, &second, &fraction, &scale);
	set_time(out, second, fraction, scale);
	return 0;
}

static int compute(const struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		   struct exact *out, struct sdp_err *err);

/* Adds up or multiplies the operands. */
static int combine(const struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		   struct exact *out, struct sdp_err *err)
{
	struct exact term;
	int rc = 0;
	mpz_init(term.value);
	mpz_set_ui(out->value, node->kind == SDP_WHERE_MULTIPLY);
	for (size_t i = 0; rc == 0 && i < node->count; i++) {
		rc = compute(s, node->operands[i], row, &term, err);
		if (node->kind == SDP_WHERE_MULTIPLY) {
			mpz_mul(out->value, out->value, term.value);
			out->scale += term.scale;
		} else {
			scale_up(out, term.scale);
			scale_up(&term, out->scale);
			mpz_add(out->value, out->value, term.value);
		}
	}
	mpz_clear(term.value);
	return rc;
}

/* Computes the exact value of a node in a row, where no operand is null. */
static int compute(const struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		   struct exact *out, struct sdp_err *err)
{
	const struct sdp_where_value *v = sdp_where_value(s, node);
	size_t i = v->constant ? 0 : row;
	int rc;
	out->scale = 0;
	mpz_set_ui(out->value, 0);
	if (v->numbers.scale[i] <= SDP_SCALE_MAX) {
		set_int64(out->value, v->numbers.mantissa[i]);
		out->scale = v->numbers.scale[i];
		return 0;
	}
	switch (node->kind) {
	case SDP_WHERE_NUMBER:
		return read_digits(out, node->text, node->text_length, '.', NULL, err);
	case SDP_WHERE_STRING:
		set_time(out, node->second, node->fraction, node->scale);
		return 0;
	case SDP_WHERE_COLUMN:
		return read_cell(s, node, row, out, err);
	case SDP_WHERE_NEGATE:
		rc = compute(s, node->operands[0], row, out, err);
		mpz_neg(out->value, out->value);
		return rc;
	default:
		return combine(s, node, row, out, err);
	}
}

/* Sets *order to the comparison of two nodes in a row, where neither is null. */
static int compare_exactly(const struct sdp_where_scratch *s, const struct sdp_where_node *a,
			   const struct sdp_where_node *b, size_t row, int *order,
			   struct sdp_err *err)
{
	struct exact x, y;
	mpz_init(x.value);
	mpz_init(y.value);
	int rc = compute(s, a, row, &x, err);
	if (rc == 0)
		rc = compute(s, b, row, &y, err);
	if (rc == 0) {
		scale_up(&x, y.scale);
		scale_up(&y, x.scale);
		*order = mpz_cmp(x.value, y.value);
	}
	mpz_clear(x.value);
	mpz_clear(y.value);
	return rc;
}

/* ---- nodes ---- */

int sdp_where_need_numbers(struct sdp_where_scratch *s, struct sdp_where_value *v,
			   struct sdp_err *err)
{
	struct sdp_number_column *n = &v->numbers;
	size_t rows = v->constant ? 1 : s->block->rows;
	if (n->capacity < rows || !n->scale) {
		size_t a = n->capacity, b = n->capacity, c = n->capacity;
		if (sdp_grow(&n->mantissa, &a, rows + 1, sizeof *n->mantissa, err) < 0 ||
		    sdp_grow(&n->scale, &b, rows + 1, sizeof *n->scale, err) < 0 ||
		    sdp_grow(&n->real, &c, rows + 1, sizeof *n->real, err) < 0)
			return -1;
		n->capacity = a < b ? a < c ? a : c : b < c ? b : c;
	}
	n->rows = rows;
	n->nulls = n->reals = n->others = 0;
	n->one_scale = false;
	return 0;
}

static int read_constant(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			 struct sdp_err *err)
{
	struct sdp_where_value *v = sdp_where_value(s, node);
	const struct sdp_number *number = &node->number;
	int64_t whole;
	v->constant = true;
	if (sdp_where_need_numbers(s, v, err) < 0)
		return -1;
	v->numbers.scale[0] = SDP_CELL_REAL;
	if (node->kind == SDP_WHERE_NUMBER) {
		v->numbers.mantissa[0] = number->mantissa;
		if (number->kind == SDP_NUMBER_DECIMAL && !number->wide)
			v->numbers.scale[0] = (uint8_t)number->scale;
	} else if (!__builtin_mul_overflow(node->second, sdp_pow10[node->scale], &whole) &&
		   !__builtin_add_overflow(whole, node->fraction, &v->numbers.mantissa[0])) {
		v->numbers.scale[0] = (uint8_t)node->scale;
	}
	v->numbers.reals = v->numbers.scale[0] == SDP_CELL_REAL;
	return 0;
}

static int read_column(struct sdp_where_scratch *s, const struct sdp_where_node *node,
		       struct sdp_err *err)
{
	struct sdp_number_column *n = &sdp_where_value(s, node)->numbers;
	const struct sdp_column *column = &s->block->schema->columns[node->column];
	bool time = node->type == SDP_WHERE_TYPE_TIME;
	if ((time ? sdp_block_times : sdp_block_numbers)(s->block, node->column, n, err) < 0)
		return -1;
	enum sdp_type type = column->fixed ? column->type : time ? SDP_DATETIME : SDP_REAL_TYPE;
	if (n->others || n->seen & ~sdp_type_admits(type))
		sdp_fault_find(&s->fault, s->block, node->column, type);
	/* What comes after the fault does not matter; until then, it counts as null. */
	for (size_t row = 0; n->others && row < n->rows; row++)
		if (n->scale[row] == SDP_CELL_OTHER)
			n->scale[row] = SDP_CELL_NULL;
	n->nulls += n->others;
	n->others = 0;
	sdp_number_column_align(n);
	return 0;
}

/* A decimal that may overflow. */
struct decimal {
	int64_t mantissa;
	int scale; /* SDP_CELL_REAL: it has overflowed */
};

static struct decimal sum(struct decimal a, struct decimal b)
{
	struct decimal big = {0, SDP_CELL_REAL}, out;
	if (a.scale > SDP_SCALE_MAX || b.scale > SDP_SCALE_MAX)
		return big;
	out.scale = a.scale > b.scale ? a.scale : b.scale;
	if (__builtin_mul_overflow(a.mantissa, sdp_pow10[out.scale - a.scale], &a.mantissa) ||
	    __builtin_mul_overflow(b.mantissa, sdp_pow10[out.scale - b.scale], &b.mantissa) ||
	    __builtin_add_overflow(a.mantissa, b.mantissa, &out.mantissa))
		return big;
	return out;
}

static struct decimal product(struct decimal a, struct decimal b)
{
	struct decimal big = {0, SDP_CELL_REAL}, out;
	if (a.scale > SDP_SCALE_MAX || b.scale > SDP_SCALE_MAX ||
	    a.scale + b.scale > SDP_SCALE_MAX ||
	    __builtin_mul_overflow(a.mantissa, b.mantissa, &out.mantissa))
		return big;
	out.scale = a.scale + b.scale;
	return out;
}

/* Computes a sum, a product or a negation for all rows. */
static int read_sum(struct sdp_where_scratch *s, const struct sdp_where_node *node,
		    struct sdp_err *err)
{
	struct sdp_where_value *v = sdp_where_value(s, node);
	v->constant = true;
	for (size_t k = 0; k < node->count; k++)
		v->constant &= sdp_where_value(s, node->operands[k])->constant;
	if (sdp_where_need_numbers(s, v, err) < 0)
		return -1;
	struct sdp_number_column *n = &v->numbers;
	bool multiply = node->kind == SDP_WHERE_MULTIPLY;
	for (size_t row = 0; row < n->rows; row++) {
		struct decimal x = {multiply, 0};
		for (size_t k = 0; k < node->count; k++) {
			const struct sdp_where_value *o = sdp_where_value(s, node->operands[k]);
			size_t i = o->constant ? 0 : row;
			struct decimal y = {o->numbers.mantissa[i], o->numbers.scale[i]};
			if (y.scale == SDP_CELL_NULL) {
				x.scale = SDP_CELL_NULL;
				break;
			}
			if (node->kind == SDP_WHERE_NEGATE)
				x = product((struct decimal){-1, 0}, y);
			else
				x = multiply ? product(x, y) : sum(x, y);
		}
		n->mantissa[row] = x.mantissa;
		n->scale[row] = (uint8_t)x.scale;
		n->nulls += x.scale == SDP_CELL_NULL;
		n->reals += x.scale == SDP_CELL_REAL;
	}
	return 0;
}

/* Returns the part of a time that a function wants; second is floored. */
static int64_t part_of_time(enum sdp_where_kind kind, int64_t second)
{
	enum { DAY = 86400, THURSDAY = 3, WEEK = 7 };
	int64_t day = sdp_floor_div(second, DAY);
	struct sdp_date date = sdp_date_of_days(day);
	switch (kind) {
	case SDP_WHERE_YEAR:
		return date.year;
	case SDP_WHERE_MONTH:
		return date.month;
	case SDP_WHERE_DAY:
		return date.day;
	case SDP_WHERE_HOUR:
		return sdp_floor_mod(second, DAY) / 3600;
	default:
		return sdp_floor_mod(day + THURSDAY, WEEK) + 1;
	}
}

static int64_t second_of(const struct sdp_where_scratch *s, const struct sdp_where_node *node,
			 size_t row)
{
	const struct sdp_where_value *v = sdp_where_value(s, node);
	size_t i = v->constant ? 0 : row, length;
	int64_t second, fraction;
	int scale;
	if (v->numbers.scale[i] <= SDP_SCALE_MAX)
		return sdp_floor_div(v->numbers.mantissa[i], sdp_pow10[v->numbers.scale[i]]);
	if (node->kind == SDP_WHERE_STRING)
		return node->second;
	const char *text = sdp_block_cell(s->block, row, node->column, &length);
	sdp_time_parse(text, length, &second, &fraction, &scale);
	return second;
}

static int read_time_part(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			  struct sdp_err *err)
{
	struct sdp_where_value *v = sdp_where_value(s, node),
			       *o = sdp_where_value(s, node->operands[0]);
	struct sdp_number_column *n = &v->numbers;
	v->constant = o->constant;
	if (sdp_where_need_numbers(s, v, err) < 0)
		return -1;
	for (size_t row = 0; row < n->rows; row++) {
		bool null = o->numbers.scale[row] == SDP_CELL_NULL;
		n->scale[row] = null ? SDP_CELL_NULL : 0;
		n->nulls += null;
		n->mantissa[row] =
			null ? 0 : part_of_time(node->kind, second_of(s, node->operands[0], row));
	}
	return 0;
}

int sdp_where_number_node(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			  struct sdp_err *err)
{
	switch (node->kind) {
	case SDP_WHERE_NUMBER:
	case SDP_WHERE_STRING:
		return read_constant(s, node, err);
	case SDP_WHERE_COLUMN:
		return read_column(s, node, err);
	case SDP_WHERE_ADD:
	case SDP_WHERE_MULTIPLY:
	case SDP_WHERE_NEGATE:
		return read_sum(s, node, err);
	default:
		return read_time_part(s, node, err);
	}
}

/* ---- comparisons ---- */

/* Compares a column of one scale with a constant at this scale, where there are no reals. */
static void compare_fast(enum sdp_where_kind kind, const struct sdp_number_column *n, int64_t c,
			 uint8_t *out)
{
	const int64_t *m = n->mantissa;
	const uint8_t *scale = n->scale;
	size_t rows = n->rows;
#define LOOP(sign)                                                                                 \
	for (size_t i = 0; i < rows; i++)                                                          \
	out[i] = m[i] sign c
	switch (kind) {
	case SDP_WHERE_EQUAL:
		LOOP(==);
		break;
	case SDP_WHERE_UNEQUAL:
		LOOP(!=);
		break;
	case SDP_WHERE_LESS:
		LOOP(<);
		break;
	case SDP_WHERE_AT_MOST:
		LOOP(<=);
		break;
	case SDP_WHERE_GREATER:
		LOOP(>);
		break;
	default:
		LOOP(>=);
	}
#undef LOOP
	for (size_t i = 0; n->nulls && i < rows; i++)
		out[i] = scale[i] == SDP_CELL_NULL ? SDP_WHERE_NULL : out[i];
}

/*
 * Compares in this way if the constant has no more digits than the column. Returns whether it did.
 */
static bool try_fast(enum sdp_where_kind kind, const struct sdp_where_value *a,
		     const struct sdp_where_value *b, uint8_t *out)
{
	int64_t c;
	int scale = a->numbers.max_scale;
	if (a->constant || !b->constant || !a->numbers.one_scale || a->numbers.reals ||
	    b->numbers.scale[0] > scale ||
	    __builtin_mul_overflow(b->numbers.mantissa[0], sdp_pow10[scale - b->numbers.scale[0]],
				   &c))
		return false;
	compare_fast(kind, &a->numbers, c, out);
	return true;
}

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

enum { ZONED = SDP_SEEN_ZONED, ZONELESS = SDP_SEEN_DATE | SDP_SEEN_LOCAL };

/* Notes the first cell of a column that has a time zone, or has none, but must not. */
static void note_zone(struct sdp_where_scratch *s, const struct sdp_where_node *column,
		      unsigned wrong, const char *problem)
{
	const struct sdp_block *block = s->block;
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *text = sdp_block_cell(block, row, column->column, &length);
		if (sdp_is_null(&block->schema->nulls, text, length) ||
		    !(sdp_schema_seen(block->schema, column->column, text, length) & wrong))
			continue;
		sdp_fault_note(&s->fault, (struct sdp_fault){.block = block,
							     .row = row,
							     .column = column->column,
							     .problem = problem});
		return;
	}
}

static const char without_zone[] = "a time without a zone is compared with one that has a zone: ";

/* Checks two columns of times row by row: both have a zone, or none has. */
static void check_zones_of_columns(struct sdp_where_scratch *s, const struct sdp_where_node *a,
				   const struct sdp_where_node *b)
{
	const struct sdp_block *block = s->block;
	const struct sdp_schema *schema = block->schema;
	for (size_t row = 0; row < block->rows; row++) {
		size_t x_length, y_length;
		const char *x = sdp_block_cell(block, row, a->column, &x_length),
			   *y = sdp_block_cell(block, row, b->column, &y_length);
		if (sdp_is_null(&schema->nulls, x, x_length) ||
		    sdp_is_null(&schema->nulls, y, y_length))
			continue;
		unsigned seen_x = sdp_schema_seen(schema, a->column, x, x_length),
			 seen_y = sdp_schema_seen(schema, b->column, y, y_length);
		bool odd_x = seen_x & ZONELESS && seen_y & ZONED,
		     odd_y = seen_y & ZONELESS && seen_x & ZONED;
		if (!odd_x && !odd_y)
			continue;
		sdp_fault_note(&s->fault, (struct sdp_fault){.block = block,
							     .row = row,
							     .column = (odd_x ? a : b)->column,
							     .problem = without_zone});
		return;
	}
}

/* Notes a time without a zone that is compared with one that has a zone. */
static void check_zones(struct sdp_where_scratch *s, const struct sdp_where_node *a,
			const struct sdp_where_node *b)
{
	unsigned seen_a = a->kind == SDP_WHERE_COLUMN ? sdp_where_value(s, a)->numbers.seen
						      : a->seen,
		 seen_b = b->kind == SDP_WHERE_COLUMN ? sdp_where_value(s, b)->numbers.seen
						      : b->seen;
	if (!((seen_a | seen_b) & ZONED) || !((seen_a | seen_b) & ZONELESS))
		return;
	if (a->kind == SDP_WHERE_COLUMN && b->kind == SDP_WHERE_COLUMN)
		check_zones_of_columns(s, a, b);
	else if (a->kind == SDP_WHERE_COLUMN && seen_b & ZONED)
		note_zone(s, a, ZONELESS, without_zone);
	else if (b->kind == SDP_WHERE_COLUMN && seen_a & ZONED)
		note_zone(s, b, ZONELESS, without_zone);
}

int sdp_where_compare_numbers(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			      const struct sdp_where_node *a, const struct sdp_where_node *b,
			      uint8_t *out, struct sdp_err *err)
{
	const struct sdp_where_value *x = sdp_where_value(s, a), *y = sdp_where_value(s, b);
	if (a->type == SDP_WHERE_TYPE_TIME)
		check_zones(s, a, b);
	if (try_fast(kind, x, y, out) || try_fast(turned(kind), y, x, out))
		return 0;
	size_t rows = x->constant && y->constant ? 1 : s->block->rows;
	for (size_t row = 0; row < rows; row++) {
		size_t i = x->constant ? 0 : row, j = y->constant ? 0 : row;
		int p = x->numbers.scale[i], q = y->numbers.scale[j], order = 0;
		if (p == SDP_CELL_NULL || q == SDP_CELL_NULL) {
			out[row] = SDP_WHERE_NULL;
			continue;
		}
		if (p <= SDP_SCALE_MAX && q <= SDP_SCALE_MAX)
			order = sdp_decimal_compare(x->numbers.mantissa[i], p,
						    y->numbers.mantissa[j], q);
		else if (compare_exactly(s, a, b, row, &order, err) < 0)
			return -1;
		out[row] = sdp_where_holds(kind, order);
	}
	return 0;
}
