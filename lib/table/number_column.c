/*
 * Reads columns of a block as decimals.
 *
 * Most cells are a sign, at most 16 digits and at most one point. If the machine has SSE4.1 and
 * BMI2, 16 bytes of these are read at once: a shuffle moves the digits to the right end of the
 * register and removes the point, and three multiply-adds combine pairs of 1, 2 and 4 digits to 8
 * digits:
 *
 *	"-12.75"  sign off  1 2 . 7 5    shuffle   0 0 0 0 0 0 0 0 0 0 0 0 1 2 7 5    scale 2
 *
 * Numbers of up to 18 digits are read as 16 such bytes and the remaining ones. All other cells
 * (nulls, blanks, exponents, 19 digits) take the slow path.
 */
#include "table/number_column_private.h"

#include "sdp/mem.h"

#include <string.h>

void sdp_number_column_release(struct sdp_number_column *numbers)
{
	free(numbers->mantissa);
	free(numbers->scale);
	free(numbers->real);
	*numbers = (struct sdp_number_column){0};
}

static int prepare(struct sdp_number_column *n, size_t rows, struct sdp_err *err)
{
	if (rows > n->capacity) {
		sdp_number_column_release(n);
		size_t room = rows + rows / 4;
		n->mantissa = sdp_alloc(room, sizeof *n->mantissa, err);
		n->scale = sdp_alloc(room, sizeof *n->scale, err);
		n->real = sdp_alloc(room, sizeof *n->real, err);
		if (!n->mantissa || !n->scale || !n->real) {
			sdp_number_column_release(n);
			return -1;
		}
		n->capacity = room;
	}
	n->rows = rows;
	n->nulls = n->reals = n->others = n->wides = 0;
	n->seen = 0;
	n->max_scale = 0;
	n->one_scale = false;
	return 0;
}

/* Reads a column on machines without these, or if a null may look like a number. */
static void numbers_plain(const struct sdp_block *block, size_t column, struct sdp_number_column *n)
{
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *s = sdp_block_cell(block, row, column, &length);
		sdp_number_long_way(n, block->schema, row, s, length);
	}
}

/* Computes max_scale and one_scale from the scales of the decimals. */
static void sum_up(struct sdp_number_column *n)
{
	unsigned char occurs[256] = {0};
	for (size_t i = 0; i < n->rows; i++)
		occurs[n->scale[i]] = 1;
	int kinds = 0;
	n->max_scale = 0;
	for (int s = 0; s <= 18; s++)
		if (occurs[s]) {
			n->max_scale = s;
			kinds++;
		}
	n->one_scale = kinds <= 1;
}

int sdp_block_numbers(const struct sdp_block *block, size_t column,
		      struct sdp_number_column *numbers, struct sdp_err *err)
{
	const struct sdp_column *c = &block->schema->columns[column];
	if (prepare(numbers, block->rows, err) < 0)
		return -1;
	numbers->padded = c->padded;
	/* The kernel would not recognise a null that looks like a number. */
	if (block->schema->nulls.numeric || !sdp_number_column_x86(block, column, numbers))
		numbers_plain(block, column, numbers);
	sum_up(numbers);
	return 0;
}

/*
 * Seconds of the years 0 to 9999 leave room for seven digits in 64 bits, so more digits may not
 * fit; zeros among them do not count.
 */
static void set_time(struct sdp_number_column *n, size_t row, int64_t second, int64_t fraction,
		     int scale)
{
	int64_t whole;
	for (; scale > 7 && fraction % 10 == 0; scale--)
		fraction /= 10;
	n->scale[row] = (uint8_t)scale;
	if (!__builtin_mul_overflow(second, sdp_pow10[scale], &whole) &&
	    !__builtin_add_overflow(whole, fraction, &n->mantissa[row]))
		return;
	n->scale[row] = SDP_CELL_REAL;
	n->reals++;
}

int sdp_block_times(const struct sdp_block *block, size_t column, struct sdp_number_column *n,
		    struct sdp_err *err)
{
	const struct sdp_schema *schema = block->schema;
	if (prepare(n, block->rows, err) < 0)
		return -1;
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *s = sdp_block_cell(block, row, column, &length);
		int64_t second, fraction;
		int scale;
		unsigned seen = sdp_time_parse(s, length, &second, &fraction, &scale);
		if (seen && !schema->nulls.temporal) {
			set_time(n, row, second, fraction, scale);
			n->seen |= seen;
			continue;
		}
		if (sdp_is_null(&schema->nulls, s, length)) {
			n->scale[row] = SDP_CELL_NULL;
			n->nulls++;
		} else if (seen) {
			set_time(n, row, second, fraction, scale);
			n->seen |= seen;
		} else {
			n->scale[row] = SDP_CELL_OTHER;
			n->others++;
			n->seen |= sdp_cell_seen(s, length, schema->decimal, schema->thousands);
		}
	}
	sum_up(n);
	return 0;
}

/* Removes the trailing zeros that all decimals have; all have the scale max_scale. */
static void shorten(struct sdp_number_column *n)
{
	int zeros = n->max_scale;
	for (size_t i = 0; zeros > 0 && i < n->rows; i++)
		while (n->scale[i] <= 18 && n->mantissa[i] % sdp_pow10[zeros] != 0)
			zeros--;
	if (zeros == 0)
		return;
	for (size_t i = 0; i < n->rows; i++)
		if (n->scale[i] <= 18) {
			n->mantissa[i] /= sdp_pow10[zeros];
			n->scale[i] = (uint8_t)(n->scale[i] - zeros);
		}
	n->max_scale -= zeros;
}

static bool can_align(const struct sdp_number_column *n)
{
	int64_t v;
	for (size_t i = 0; i < n->rows; i++)
		if (n->scale[i] <= 18 &&
		    __builtin_mul_overflow(n->mantissa[i], sdp_pow10[n->max_scale - n->scale[i]],
					   &v))
			return false;
	return true;
}

static void make_canonical(struct sdp_number_column *n)
{
	for (size_t i = 0; i < n->rows; i++)
		if (n->scale[i] <= 18) {
			int scale = n->scale[i];
			sdp_decimal_canonical(&n->mantissa[i], &scale);
			n->scale[i] = (uint8_t)scale;
		}
	sum_up(n);
}

bool sdp_number_column_align(struct sdp_number_column *n)
{
	if (!n->one_scale && !can_align(n)) {
		make_canonical(n);
		if (!n->one_scale && !can_align(n))
			return false;
	}
	for (size_t i = 0; !n->one_scale && i < n->rows; i++)
		if (n->scale[i] <= 18) {
			n->mantissa[i] *= sdp_pow10[n->max_scale - n->scale[i]];
			n->scale[i] = (uint8_t)n->max_scale;
		}
	n->one_scale = true;
	shorten(n);
	return true;
}
