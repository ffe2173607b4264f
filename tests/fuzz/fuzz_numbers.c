/*
 * Reads any bytes as numbers. For text, the accepted grammar is compared with a plain reading of
 * num.h, exact values with GMP, doubles with strtod; also tests groups of three digits, and lines
 * as a column of cells, which the fast kernel must read like the parser. The text is also read as a
 * time, by some forms of --time-format. For doubles and decimals made of the bytes, the printed
 * number must be read back as the same value, be the shortest, and round as printf does. The first
 * byte chooses the decimal point, the separator and the digits.
 */
#include "base/calendar.h"
#include "sdp/block.h"
#include "sdp/num.h"
#include "table/time_column.h"

#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : failed(#x, __LINE__))

enum { LONGEST = 2000 };

static void failed(const char *what, int line)
{
	fprintf(stderr, "fuzz_numbers.c:%d: not so: %s\n", line, what);
	abort();
}

/* ---- reading ---- */

static size_t digits_at(const char *s)
{
	return strspn(s, "0123456789");
}

/* Copies the cell as C and JSON would have it, with '.' for the point; false if it is no number. */
static bool plain_text(const char *text, size_t length, char point, char out[LONGEST + 1])
{
	while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	while (length && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	CHECK(length <= LONGEST);
	memcpy(out, text, length);
	out[length] = '\0';
	if (strlen(out) != length || (point != '.' && strchr(out, '.')))
		return false;
	char *s = out + (*out == '+' || *out == '-'), *p = strchr(s, point);
	if (p)
		*p = '.';
	size_t before = digits_at(s), behind = s[before] == '.' ? digits_at(s + before + 1) : 0;
	if (before + behind == 0 || (before > 1 && *s == '0'))
		return false;
	s += before + (s[before] == '.') + behind;
	if (*s == 'e' || *s == 'E') {
		s += 1 + (s[1] == '+' || s[1] == '-');
		if (digits_at(s) == 0)
			return false;
		s += digits_at(s);
	}
	return *s == '\0';
}

/* q × 10^tens, q without trailing zeros, as mantissa and scale if they can be. */
static bool decimal_of(mpz_t q, long tens, int64_t *mantissa, int *scale)
{
	while (mpz_sgn(q) != 0 && mpz_divisible_ui_p(q, 10)) {
		mpz_divexact_ui(q, q, 10);
		tens++;
	}
	if (mpz_sgn(q) == 0)
		tens = 0;
	for (; tens > 0 && tens < 20; tens--)
		mpz_mul_ui(q, q, 10);
	*scale = (int)-tens;
	if (tens > 0 || tens < -SDP_SCALE_MAX || !mpz_fits_slong_p(q))
		return false;
	*mantissa = mpz_get_si(q);
	return true;
}

static bool decimal_of_text(const char *text, int64_t *mantissa, int *scale)
{
	char digits[LONGEST + 1];
	size_t n = 0, mantissa_length = strcspn(text, "eE");
	const char *dot = memchr(text, '.', mantissa_length);
	long tens = dot ? -(long)(text + mantissa_length - dot - 1) : 0;
	for (size_t i = 0; i < mantissa_length; i++)
		if (text[i] != '.' && text[i] != '+')
			digits[n++] = text[i];
	digits[n] = '\0';
	/* Held where no digits of a text as long as these can bring it back. */
	double exponent = text[mantissa_length] ? strtod(text + mantissa_length + 1, NULL) : 0;
	tens += (long)fmax(fmin(exponent, 1e6), -1e6);
	mpz_t q;
	CHECK(mpz_init_set_str(q, digits, 10) == 0);
	bool is = decimal_of(q, tens, mantissa, scale);
	mpz_clear(q);
	return is;
}

static bool decimal_of_double(double value, int64_t *mantissa, int *scale)
{
	mpq_t q;
	mpq_init(q);
	mpq_set_d(q, value);
	unsigned long twos = mpz_scan1(mpq_denref(q), 0);
	bool is = twos <= SDP_SCALE_MAX;
	for (unsigned long i = 0; is && i < twos; i++)
		mpz_mul_ui(mpq_numref(q), mpq_numref(q), 5);
	is = is && decimal_of(mpq_numref(q), -(long)twos, mantissa, scale);
	mpq_clear(q);
	return is;
}

static bool same_number(const struct sdp_number *a, const struct sdp_number *b)
{
	return a->kind == b->kind && a->integer == b->integer && a->scale == b->scale &&
	       a->mantissa == b->mantissa && memcmp(&a->real, &b->real, sizeof a->real) == 0;
}

static void naive_parse(const char *text, size_t length, char point, struct sdp_number *out)
{
	char plain[LONGEST + 1];
	*out = (struct sdp_number){.kind = SDP_NUMBER_NONE};
	if (!plain_text(text, length, point, plain))
		return;
	double real = strtod(plain, NULL);
	if (!isfinite(real))
		return;
	bool exact = decimal_of_text(plain, &out->mantissa, &out->scale);
	if (exact || decimal_of_double(real, &out->mantissa, &out->scale))
		out->kind = SDP_NUMBER_DECIMAL;
	else
		*out = (struct sdp_number){.kind = SDP_NUMBER_REAL};
	out->integer = !strpbrk(plain, ".eE");
	out->real = real == 0 ? 0 : real;
}

/* Groups made anew in the text without its separators must be those that it has. */
static void naive_parse_grouped(const char *text, size_t length, char point, const char *group,
				struct sdp_number *out)
{
	char plain[LONGEST + 1], grouped[4 * LONGEST];
	size_t n = 0, m = 0, sign = 0, width = group ? strlen(group) : 0;
	bool any = false;
	while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	while (length && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	for (size_t i = 0; i < length;) {
		bool here = group && length - i >= width && memcmp(text + i, group, width) == 0;
		if (!here)
			plain[n++] = text[i];
		any |= here;
		i += here ? width : 1;
	}
	if (!any) {
		naive_parse(text, length, point, out);
		return;
	}
	plain[n] = '\0';
	while (sign < n && !(plain[sign] >= '0' && plain[sign] <= '9'))
		sign++;
	size_t whole = digits_at(plain + sign);
	for (size_t i = 0; i < n; i++) {
		if (i > sign && i < sign + whole && (sign + whole - i) % 3 == 0)
			for (size_t k = 0; k < width; k++)
				grouped[m++] = group[k];
		grouped[m++] = plain[i];
	}
	*out = (struct sdp_number){.kind = SDP_NUMBER_NONE};
	if (length <= 500 && m == length && memcmp(grouped, text, m) == 0)
		naive_parse(plain, n, point, out);
}

static void check_text(const char *text, size_t length, char point, const char *group)
{
	struct sdp_number got, want;
	sdp_number_parse(text, length, point, &got);
	naive_parse(text, length, point, &want);
	CHECK(same_number(&got, &want));
	CHECK(got.kind == SDP_NUMBER_NONE ||
	      sdp_cell_seen(text, length, point, 0) ==
		      (got.integer ? SDP_SEEN_INTEGER : SDP_SEEN_REAL));
	CHECK(got.kind != SDP_NUMBER_NONE ||
	      !(sdp_cell_seen(text, length, point, 0) & (SDP_SEEN_INTEGER | SDP_SEEN_REAL)));
	sdp_number_parse_grouped(text, length, point, group, &got);
	naive_parse_grouped(text, length, point, group, &want);
	CHECK(same_number(&got, &want));
	int64_t second, fraction;
	int scale;
	if (sdp_time_parse(text, length, &second, &fraction, &scale)) {
		CHECK(scale >= 0 && scale <= 9);
		CHECK(fraction >= 0 && fraction < sdp_pow10[scale]);
	}
}

/* ---- times ---- */

static void check_time(const char *text, size_t length)
{
	static const char *const formats[] =
		{NULL,     "s",         "ns",    "%d/%b/%Y:%H:%M:%S %z",    "%Y%m%d%H%M%S%f",
		 "%d%m%y", "%G-W%V-%u", "%s.%f", "%a %B %e %l:%M %p %Y %Z", "%H%M%n%j%%%Y"};
	struct sdp_time_format f;
	struct sdp_err err;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		int64_t second;
		uint32_t nano;
		CHECK(sdp_time_format_init(&f, formats[i], &err) == 0);
		if (sdp_instant_parse(text, length, &f, '.', &second, &nano))
			CHECK(nano < 1000000000 && second >= SDP_FIRST_SECOND &&
			      second <= SDP_LAST_SECOND);
	}
}

/* ---- a column of cells ---- */

static void check_column(const struct sdp_block *block, const struct sdp_number_column *n)
{
	unsigned seen = 0;
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *cell = sdp_block_cell(block, row, 0, &length);
		struct sdp_number want;
		sdp_number_parse_grouped(cell, length, block->schema->decimal,
					 block->schema->thousands, &want);
		if (sdp_is_null(&block->schema->nulls, cell, length)) {
			CHECK(n->scale[row] == SDP_CELL_NULL);
			continue;
		}
		seen |= sdp_cell_seen(cell, length, block->schema->decimal,
				      block->schema->thousands);
		if (want.kind == SDP_NUMBER_DECIMAL && !want.wide)
			CHECK(n->scale[row] <= SDP_SCALE_MAX &&
			      sdp_decimal_compare(n->mantissa[row], n->scale[row], want.mantissa,
						  want.scale) == 0);
		else
			CHECK(n->scale[row] ==
			      (want.kind == SDP_NUMBER_NONE ? SDP_CELL_OTHER : SDP_CELL_REAL));
		CHECK(n->scale[row] != SDP_CELL_REAL || n->real[row] == want.real);
	}
	CHECK(seen == n->seen);
}

static void check_aligned(const struct sdp_block *block, struct sdp_number_column *n,
			  struct sdp_number_column *again)
{
	struct sdp_err err;
	CHECK(sdp_block_numbers(block, 0, again, &err) == 0);
	bool one = sdp_number_column_align(n);
	for (size_t row = 0; row < block->rows; row++) {
		bool decimal = n->scale[row] <= SDP_SCALE_MAX;
		CHECK(decimal == (again->scale[row] <= SDP_SCALE_MAX));
		if (!decimal)
			continue;
		CHECK(!one || n->scale[row] == n->max_scale);
		CHECK(sdp_decimal_compare(n->mantissa[row], n->scale[row], again->mantissa[row],
					  again->scale[row]) == 0);
	}
}

/* The text is lines of one cell each; as block.h has it, 16 bytes behind the last may be read. */
static void check_lines(const char *data, size_t size, char point, const char *group)
{
	struct sdp_column column = {.name = "a"};
	struct sdp_schema schema = {.columns = &column,
				    .count = 1,
				    .dialect = {';', '"', '\0'},
				    .decimal = point,
				    .thousands = group};
	struct sdp_number_column numbers = {0}, again = {0};
	struct sdp_err err;
	char *text = malloc(size + 16);
	uint32_t *ends = malloc((size + 2) * sizeof *ends);
	size_t rows = 0;
	if (!text || !ends)
		abort();
	memcpy(text, data, size);
	memset(text + size, '7', 16);
	ends[0] = UINT32_MAX;
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"')
			text[i] = '\'';
		if (text[i] == '\n')
			ends[++rows] = (uint32_t)i;
	}
	struct sdp_block block = {.schema = &schema,
				  .file = "f",
				  .rows = rows,
				  .columns = 1,
				  .first_record = 1,
				  .text = text,
				  .quote = '"',
				  .low = '"',
				  .ends = ends + 1};
	CHECK(sdp_nulls_init(&schema.nulls, size % 8 ? NULL : "0,-999", point, &err) == 0);
	CHECK(sdp_block_numbers(&block, 0, &numbers, &err) == 0);
	check_column(&block, &numbers);
	check_aligned(&block, &numbers, &again);
	sdp_number_column_release(&numbers);
	sdp_number_column_release(&again);
	free(text);
	free(ends);
}

/* ---- printing ---- */

/* The significant digits of a printed number. */
static size_t significant(const char *text, char out[32])
{
	size_t n = 0;
	for (; *text && *text != 'e'; text++)
		if (*text >= '0' && *text <= '9' && (n || *text != '0'))
			out[n++] = *text;
	while (n && out[n - 1] == '0')
		n--;
	out[n] = '\0';
	return n;
}

static void check_json(const char *text, size_t length)
{
	char plain[LONGEST + 1];
	const char *digits = text + (*text == '-'), *dot = strchr(text, '.');
	CHECK(length <= 25 && strlen(text) == length && plain_text(text, length, '.', plain));
	CHECK(*digits >= '0' && *digits <= '9' && strcmp(text, "-0") != 0);
	CHECK(!dot || digits_at(dot + 1) > 0);
}

static void check_double(double value, int digits)
{
	char text[32], other[64], shown[32], wanted[32];
	size_t length = sdp_num_print(text, value);
	check_json(text, length);
	CHECK(strtod(text, NULL) == value);
	CHECK(!strchr(text, 'e') == (value == 0 || (fabs(value) >= 1e-6 && fabs(value) < 1e21)));
	int count = (int)significant(text, shown);
	for (int less = 1; less < count; less++) {
		snprintf(other, sizeof other, "%.*e", less - 1, value);
		CHECK(strtod(other, NULL) != value);
	}
	snprintf(other, sizeof other, "%.*e", count ? count - 1 : 0, value);
	significant(other, wanted);
	CHECK(strtod(other, NULL) != value || strcmp(shown, wanted) == 0);

	length = sdp_num_print_digits(text, value, digits);
	check_json(text, length);
	snprintf(other, sizeof other, "%.*e", digits - 1, value);
	significant(text, shown);
	significant(other, wanted);
	CHECK(strcmp(shown, wanted) == 0 && strtod(text, NULL) == strtod(other, NULL));
	int64_t mantissa = 0, want = 0;
	int scale = 0, places = 0;
	bool is = sdp_decimal_from_double(value, &mantissa, &scale);
	CHECK(is == decimal_of_double(value, &want, &places));
	CHECK(!is || (mantissa == want && scale == places));
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void check_decimal(int64_t mantissa, int scale, int64_t mantissa2, int scale2, double value)
{
	char text[64];
	struct sdp_number back;
	int64_t shortest = mantissa;
	int least = scale;
	snprintf(text, sizeof text, "%llde-%d", (long long)mantissa, scale);
	CHECK(sdp_decimal_to_double(mantissa, scale) == strtod(text, NULL));
	sdp_decimal_canonical(&shortest, &least);
	size_t length = sdp_decimal_print(text, mantissa, scale);
	check_json(text, length);
	CHECK(!strpbrk(text, "eE"));
	sdp_number_parse(text, length, '.', &back);
	CHECK(back.kind == SDP_NUMBER_DECIMAL && back.mantissa == shortest && back.scale == least);
	mpq_t a, b;
	mpq_init(a);
	mpq_init(b);
	mpq_set_si(a, mantissa, (unsigned long)sdp_pow10[scale]);
	mpq_canonicalize(a);
	mpq_set_si(b, mantissa2, (unsigned long)sdp_pow10[scale2]);
	mpq_canonicalize(b);
	CHECK(sign(sdp_decimal_compare(mantissa, scale, mantissa2, scale2)) == sign(mpq_cmp(a, b)));
	mpq_set_d(b, value);
	CHECK(sign(sdp_decimal_compare_double(mantissa, scale, value)) == sign(mpq_cmp(a, b)));
	mpq_clear(a);
	mpq_clear(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > LONGEST)
		return 0;
	unsigned how = *data++;
	const char *text = (const char *)data;
	static const char *const groups[] = {NULL, ".", ",", "'", " ", "\xc2\xa0"};
	char point = how & 1 ? ',' : '.';
	const char *group = groups[how / 2 % 6];
	if (group && *group == point)
		group = NULL;
	size--;
	check_text(text, size, point, group);
	check_lines(text, size, point, group);
	check_time(text, size);
	for (size_t i = 0; i + 16 <= size; i += 16) {
		double value;
		int64_t mantissa[2];
		memcpy(mantissa, data + i, 16);
		memcpy(&value, mantissa, sizeof value);
		if (!isfinite(value))
			value = (double)mantissa[1];
		int scale = (int)(mantissa[1] & 15) + (int)(how % 4),
		    scale2 = (int)(mantissa[0] >> 8 & 15) + (int)(how / 4 % 4);
		check_double(value, 1 + (int)(how % 17));
		check_decimal(mantissa[0], scale, mantissa[1], scale2, value);
		check_decimal(mantissa[1], scale2, mantissa[1], scale,
			      sdp_decimal_to_double(mantissa[1], scale2));
	}
	return 0;
}
