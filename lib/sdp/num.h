/*
 * Conversion between numbers and text.  Cells are read as exact decimals; doubles are printed so
 * that they read back as the same double.
 *
 * A decimal is mantissa × 10^-scale with a 64-bit signed mantissa and 0 ≤ scale ≤ 18.  It is
 * canonical if the mantissa does not end in a zero or the scale is 0; zero is (0, 0).  A value has
 * at most one canonical form, so the pair (mantissa, scale) can serve as a key.
 *
 * No function here allocates memory, fails or keeps state.  They require LC_NUMERIC to be that of
 * the C locale (sdp's programs never change it) and the rounding mode to be "to nearest".
 */
#ifndef SDP_NUM_H
#define SDP_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SDP_SCALE_MAX 18

/* 10^0 … 10^18. */
extern const int64_t sdp_pow10[SDP_SCALE_MAX + 1];

enum sdp_number_kind {
	SDP_NUMBER_NONE,    /* not a number */
	SDP_NUMBER_DECIMAL, /* exactly mantissa × 10^-scale, canonical */
	SDP_NUMBER_REAL,    /* a number that is no decimal, nor is its nearest double */
};

struct sdp_number {
	enum sdp_number_kind kind;
	bool integer;     /* written without point and exponent, and fits 64 bits */
	int scale;        /* 0 unless DECIMAL */
	int64_t mantissa; /* 0 unless DECIMAL */
	double real;      /* the nearest double of DECIMAL and REAL: finite and never -0 */
};

/*
 * Parses a whole cell of any length.  Blanks and tabs around the number are ignored; its grammar is
 *
 *	[+-] (digits [point [digits]] | point digits) [(e|E) [+-] digits]
 *
 * without a leading zero before another digit ("00123" and "-00.5" are codes, not numbers).  inf,
 * nan, hexadecimal numbers and numbers beyond every finite double (1e400) are not numbers.
 *
 * A number that is no decimal is replaced by its nearest double, ties to even; if that double is a
 * decimal, the result is this decimal: 0 for 1e-400, 1 for 1.00000000000000000000001.
 */
void sdp_number_parse(const char *text, size_t length, char point, struct sdp_number *out);

/*
 * Parses a cell in which the byte group may separate the digits before the point into groups of
 * three (the first of one to three digits): 1,234.5.  A text with other groups is not a number; nor
 * is a text with groups that has more than 500 bytes.  If group is 0, there are no groups.
 */
void sdp_number_parse_grouped(const char *text, size_t length, char point, char group,
			      struct sdp_number *out);

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

#endif
