/* Reads columns of a block as doubles. */
#include "table/numeric_columns.h"

#include <string.h>

static const double powers[SDP_SCALE_MAX + 1] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,
						 1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
						 1e14, 1e15, 1e16, 1e17, 1e18};

/* Both operands of the division are exact below 2^53, so the result is rounded once. */
static inline double real_of(int64_t mantissa, unsigned scale)
{
	if (mantissa <= INT64_C(1) << 53 && mantissa >= -(INT64_C(1) << 53))
		return (double)mantissa / powers[scale];
	return sdp_decimal_to_double(mantissa, (int)scale);
}

static void read_column(const struct sdp_number_column *n, double *values, unsigned char *missing)
{
	for (size_t row = 0; row < n->rows; row++) {
		unsigned scale = n->scale[row];
		bool decimal = scale <= SDP_SCALE_MAX;
		if (decimal)
			values[row] = real_of(n->mantissa[row], scale);
		else if (scale == SDP_CELL_REAL)
			values[row] = n->real[row];
		missing[row] |= !decimal && scale != SDP_CELL_REAL;
	}
}

int sdp_numeric_columns_read(struct sdp_numeric_columns *c, const struct sdp_block *block,
			     struct sdp_number_column *numbers, struct sdp_err *err)
{
	size_t rows = block->rows, n = 0;
	struct sdp_fault fault = {0};
	memset(c->missing, 0, rows);
	for (size_t i = 0; i < c->count; i++) {
		size_t index = c->columns[i];
		if (sdp_block_numbers(block, index, numbers, err) < 0)
			return -1;
		read_column(numbers, c->values + i * rows, c->missing);
		if (c->misfits)
			sdp_misfits_add(&c->misfits[index], block, index, SDP_CLASS_NUMBER,
					numbers);
		if (c->required && numbers->others)
			sdp_fault_find(&fault, block, index, SDP_REAL_TYPE);
		sdp_fault_check_type(&fault, block, index, numbers->seen);
	}
	if (sdp_fault_fail(&fault, err) < 0)
		return -1;
	for (size_t row = 0; row < rows; row++)
		n += !c->missing[row];
	c->used = n;
	for (size_t i = 0; n < rows && i < c->count; i++)
		for (size_t row = 0, to = 0; row < rows; row++) {
			c->values[i * n + to] = c->values[i * rows + row];
			to += !c->missing[row];
		}
	return 0;
}
