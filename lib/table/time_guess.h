/*
 * Numbers as times by guess, where no --time-format says what they are.
 *
 * A number counts seconds, milliseconds, microseconds or nanoseconds since 1970 if the time that it
 * would be in that unit is in the years 1980 to 2059.  The four ranges do not overlap, and they
 * have no room for dates in digits (20200131, 202001311200, 20200131120000), days, weeks, decimal
 * years, serial numbers of days and small counters.  Some longer dates in digits do lie there, and
 * so do the ticks of .NET; a column in which half of the numbers look like these is not guessed.
 */
#ifndef SDP_TABLE_TIME_GUESS_H
#define SDP_TABLE_TIME_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns the unit of a number: 0 to 3 for s, ms, us and ns; -1 if it is not a time by guess. */
int sdp_time_guess_unit(int64_t mantissa, int scale);
int sdp_time_guess_unit_of_double(double value);

/* Returns whether a number that has such a unit looks like a date in digits, or ticks. */
bool sdp_time_guess_is_compact(int64_t mantissa, int scale, int unit);

enum { SDP_TIME_GUESS_TEXT = 500 };

/*
 * Writes for a message what the number in a cell may be: "a month (--time-format %Y%m) or a week
 * (%G%V)", or nothing if it looks like nothing in particular.
 */
void sdp_time_guess_formats(char out[SDP_TIME_GUESS_TEXT], const char *cell, size_t length,
			    char point);

#endif
