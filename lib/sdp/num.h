/*
 * Numbers as text: cells are read as the exact decimals they are, doubles are printed so that
 * they read back the same.
 *
 * A decimal is mantissa × 10^-scale with a 64-bit signed mantissa and 0 ≤ scale ≤ 18.  It is
 * canonical when the mantissa has no trailing zero unless the scale is 0; zero is (0, 0).  Every
 * value has one canonical form or none, so (mantissa, scale) can serve as a key.
 *
 * Nothing here allocates, fails or keeps state.  LC_NUMERIC must be the C locale's (sdp's programs
 * never change it), the rounding mode to nearest.
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
	SDP_NUMBER_REAL,    /* no such decimal: the nearest double, which is none either */
};

struct sdp_number {
	enum sdp_number_kind kind;
	bool integer;     /* written without point and exponent, and fits 64 bits */
	int scale;        /* 0 unless DECIMAL */
	int64_t mantissa; /* 0 unless DECIMAL */
	double real;      /* the nearest double, finite, for both kinds; never -0 */
};

/*
 * Reads a whole cell of any length.  Blanks and tabs around it are ignored; then
 *
 *	[+-] (digits [point [digits]] | point digits) [(e|E) [+-] digits]
 *
 * with no leading zero before another digit ("00123" and "-00.5" are codes, not numbers).  inf,
 * nan, hexadecimal and what no finite double is near to (1e400) are not numbers.  A text that is
 * no decimal counts as its nearest double, ties to even; where that double is a decimal it is
 * returned as one: 1e-400 is the decimal 0, 1.00000000000000000000001 the decimal 1.
 */
void sdp_number_parse(const char *text, size_t length, char point, struct sdp_number *out);

/*
 * The same, where the digits in front of the point may be separated by this byte in groups of three
 * (the first of one to three): 1,234.5.  With other groups it is no number; nor is one of over 500
 * bytes. 0: there are no groups.
 */
void sdp_number_parse_grouped(const char *text, size_t length, char point, char group,
			      struct sdp_number *out);

/* The nearest double (ties to even) of mantissa × 10^-scale, canonical or not. */
double sdp_decimal_to_double(int64_t mantissa, int scale);

/* True, with the canonical form stored, if a double (any) is exactly a decimal. */
bool sdp_decimal_from_double(double value, int64_t *mantissa, int *scale);

/* Drops trailing zeros until *mantissa, *scale are canonical. */
void sdp_decimal_canonical(int64_t *mantissa, int *scale);

/*
 * Below 0, 0 or above 0 as the first number is less than, equal to or greater than the second;
 * exact.
 */
int sdp_decimal_compare(int64_t mantissa1, int scale1, int64_t mantissa2, int scale2);
int sdp_decimal_compare_double(int64_t mantissa, int scale, double finite);

/*
 * Printing.  All write a NUL-terminated text that is valid JSON and return its length (at most 25).
 */

/* The exact value in plain notation, trailing zeros behind the point dropped. */
size_t sdp_decimal_print(char out[32], int64_t mantissa, int scale);

/*
 * The shortest digits that strtod reads back as the same double, of those the nearest to it, laid
 * out as ECMAScript's Number::toString: plain for 1e-6 ≤ |value| < 1e21 (0.1, 100, 1e21, 1e-7);
 * 0 and -0 are "0".  value must be finite.
 */
size_t sdp_num_print(char out[32], double value);

/* The same notation, the exact value rounded to 1 ≤ digits ≤ 17 significant ones (ties to even). */
size_t sdp_num_print_digits(char out[32], double value, int digits);

#endif
