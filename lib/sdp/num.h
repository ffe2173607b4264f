/*
 * Conversion between numbers and text.  Cells are read as exact decimals; doubles are printed so
 * that they read back as the same double.
 *
 * A decimal is mantissa × 10^-scale with a 64-bit signed mantissa and 0 ≤ scale ≤ 18.  It is
 * canonical if the mantissa does not end in a zero or the scale is 0; zero is (0, 0).  A value has
 * at most one canonical form, so the pair (mantissa, scale) can serve as a key.
 *
 * No function here but sdp_number_digits allocates memory or fails, and none keeps state.  They
 * require LC_NUMERIC to be that of the C locale (sdp's programs never change it) and the rounding
 * mode to be "to nearest".
 */
#ifndef SDP_NUM_H
#define SDP_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SDP_SCALE_MAX 18

/*
 * The most significant digits of a number.  Every double has fewer, written out in full; the limit
 * keeps what one cell costs, and makes others of its column cost, within bounds.
 */
#define SDP_DIGITS_MAX 1100

static inline bool sdp_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Returns whether a byte is a blank, which has no meaning around a cell that is not quoted. */
static inline bool sdp_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Returns |m|, which is 2^63 for the smallest integer. */
static inline uint64_t sdp_magnitude(int64_t m)
{
	return m < 0 ? 0 - (uint64_t)m : (uint64_t)m;
}

/* 10^0 … 10^18. */
extern const int64_t sdp_pow10[SDP_SCALE_MAX + 1];

enum sdp_number_kind {
	SDP_NUMBER_NONE,    /* not a number */
	SDP_NUMBER_DECIMAL, /* exactly mantissa × 10^-scale, canonical */
	SDP_NUMBER_REAL,    /* neither the number nor its nearest double is a decimal */
};

struct sdp_number {
	enum sdp_number_kind kind;
	bool integer;     /* written without point and exponent */
	bool wide;        /* see below */
	bool more_digits; /* not a decimal, and its nearest double is also that of others */
	int scale;        /* 0 unless DECIMAL */
	int64_t mantissa; /* 0 unless DECIMAL */
	double real;      /* the nearest double of DECIMAL and REAL: finite and never -0 */
};

/*
 * A number is wide if it is not a decimal and must be exact nevertheless: if its magnitude is at
 * least 2^63, if it has more than 17 significant digits, or no exponent and at most 15 of them (as
 * 0.0000000000000000001), or if it is not 0 but its nearest double is (1e-330).  The others are
 * small, and doubles that programs print.  base/rational.h reads wide numbers.
 *
 * Parses a whole cell of any length.  Blanks and tabs around the number are ignored; its grammar is
 *
 *	[+-] (digits [point [digits]] | point digits) [(e|E) [+-] digits]
 *
 * without a leading zero before another digit ("00123" and "-00.5" are codes, not numbers).  inf,
 * nan, hexadecimal numbers, numbers beyond every finite double (1e400) and those of more than
 * SDP_DIGITS_MAX significant digits are not numbers.
 *
 * A number that is not a decimal is replaced by its nearest double, ties to even; if that double is
 * a decimal, the result is this decimal: 0 for 1e-401, 1 for 1.00000000000000000000001.
 */
void sdp_number_parse(const char *text, size_t length, char point, struct sdp_number *out);

/*
 * Parses a cell in which the text group, at most four bytes, may separate the digits before the
 * point into groups of three (the first of one to three digits): 1,234.5.  A text with other groups
 * is not a number; nor is a text with groups that has more than 500 bytes.  If group is NULL, there
 * are no groups.
 */
void sdp_number_parse_grouped(const char *text, size_t length, char point, const char *group,
			      struct sdp_number *out);

/* Does the same, but allows leading zeros: "00123" is 123. */
void sdp_number_parse_padded(const char *text, size_t length, char point, const char *group,
			     struct sdp_number *out);

struct sdp_buf;
struct sdp_err;

/* A number as 0.DIGITS × 10^point; the digits neither begin nor end with 0.  Zero has none. */
struct sdp_digits {
	bool negative;
	size_t count;
	int64_t point;
};

/*
 * Parses a cell that is a number by sdp_number_parse_padded, exactly, and appends its digits to a
 * buffer.  A number closer to 0 than 1e-400 is 0, as for the other functions.  Returns 0, or -1 if
 * memory is exhausted.
 */
int sdp_number_digits(const char *text, size_t length, char point, const char *group,
		      struct sdp_buf *digits, struct sdp_digits *out, struct sdp_err *err);

/* Returns the double nearest to mantissa × 10^-scale, ties to even.  It need not be canonical. */
double sdp_decimal_to_double(int64_t mantissa, int scale);

/*
 * Returns whether a double (any, also NaN) is exactly a decimal; if so, sets *mantissa and *scale
 * to its canonical form.
 */
bool sdp_decimal_from_double(double value, int64_t *mantissa, int *scale);

/* Makes a decimal canonical by removing zeros at its end. */
void sdp_decimal_canonical(int64_t *mantissa, int *scale);

/*
 * Compare two numbers exactly.  Return a value below, equal to or above 0 if the first number is
 * less than, equal to or greater than the second.  finite must be finite.
 */
int sdp_decimal_compare(int64_t mantissa1, int scale1, int64_t mantissa2, int scale2);
int sdp_decimal_compare_double(int64_t mantissa, int scale, double finite);

/*
 * The following functions print a number as NUL-terminated text, which is valid JSON, and return
 * its length, at most 25 bytes.
 */

/* Prints the exact value of a decimal without exponent, and without zeros at its end: 12.5. */
size_t sdp_decimal_print(char out[32], int64_t mantissa, int scale);

/*
 * Prints the shortest text that strtod reads back as the same double and, of several, the one
 * nearest to it.  The format is that of ECMAScript's Number::toString: without exponent for 1e-6 ≤
 * |value| < 1e21 (0.1, 100), otherwise as 1e21, 1e-7; 0 and -0 are "0".  value must be finite.
 */
size_t sdp_num_print(char out[32], double value);

/*
 * Prints the exact value of a double rounded to digits significant digits (1 to 17; ties to even),
 * in the same format.  value must be finite.
 */
size_t sdp_num_print_digits(char out[32], double value, int digits);

/*
 * Print the exact value of a decimal, and of 0.DIGITS × 10^point (count digits; none is zero).
 * There is an exponent below 1e-6, as for sdp_num_print, and if a number of more than 40 digits
 * ends in more than 21 zeros.  The latter needs count + max(point, 0) + 32 bytes.
 */
size_t sdp_decimal_print_number(char out[32], int64_t mantissa, int scale);
size_t sdp_digits_print(char *out, bool negative, const char *digits, size_t count, int64_t point);

/*
 * Prints a number that one of these two functions has printed rounded to digits significant digits
 * (1 to 17; ties to even), in the format of sdp_num_print.
 */
size_t sdp_decimal_print_digits(char out[32], const char *number, int digits);

#endif
