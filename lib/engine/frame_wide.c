/* Cells whose exact value is neither a decimal nor a double: only their text has it. */
#include "engine/frame_private.h"

#include "sdp/block.h"

#include <string.h>

void sdp_frame_find_wide(const struct sdp_block *block, size_t column, struct sdp_number_column *n)
{
	enum { SHORTEST = 18 };
	const struct sdp_schema *schema = block->schema;
	for (size_t row = 0; row < n->rows; row++) {
		size_t length;
		const char *text = sdp_block_cell(block, row, column, &length);
		struct sdp_number number;
		if (n->scale[row] > SDP_SCALE_MAX || length < SHORTEST)
			continue;
		(n->padded ? sdp_number_parse_padded
			   : sdp_number_parse_grouped)(text, length, schema->decimal,
						       schema->thousands, &number);
		if (number.wide) {
			n->scale[row] = SDP_CELL_REAL;
			n->real[row] = number.real;
			n->reals++;
		}
	}
}

/* Appends a mantissa that does not fit into 64 bits to out. Returns its offset. */
static int64_t keep_big(char *out, size_t *length, const mpz_t mantissa, int scale)
{
	struct big *big = (struct big *)(void *)(out + *length);
	size_t size = mpz_size(mantissa), at = *length;
	big->scale = scale;
	big->size = (int64_t)size * mpz_sgn(mantissa);
	memcpy(big->limbs, mpz_limbs_read(mantissa), size * sizeof(mp_limb_t));
	*length += sizeof *big + size * sizeof(mp_limb_t);
	return (int64_t)at;
}

int sdp_frame_keep_exact(const struct sdp_block *block, size_t row, size_t column,
			 struct sdp_buf *digits, char *out, size_t *length, int64_t *value,
			 int16_t *scale, struct sdp_err *err)
{
	enum { SHORT = 18 }; /* digits that fit into 64 bits */
	struct sdp_digits number;
	size_t bytes;
	const char *text = sdp_block_cell(block, row, column, &bytes);
	digits->length = 0;
	if (sdp_number_digits(text, bytes, block->schema->decimal, block->schema->thousands, digits,
			      &number, err) < 0)
		return -1;
	*scale = (int16_t)((int64_t)number.count - number.point);
	*value = 0;
	for (size_t i = 0; number.count <= SHORT && i < number.count; i++)
		*value = 10 * *value + (digits->data[i] - '0');
	if (number.negative)
		*value = -*value;
	if (number.count <= SHORT)
		return 0;
	mpz_t mantissa;
	mpz_init_set_str(mantissa, digits->data, 10);
	if (number.negative)
		mpz_neg(mantissa, mantissa);
	bool fits = mpz_fits_slong_p(mantissa);
	*value = fits ? mpz_get_si(mantissa) : keep_big(out, length, mantissa, *scale);
	*scale = fits ? *scale : SCALE_BIG;
	mpz_clear(mantissa);
	return 0;
}
