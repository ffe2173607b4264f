/*
 * The proleptic Gregorian calendar.  Days are counted from 1970-01-01 and seconds from the start of
 * that day, in whatever time zone the caller uses.  Years are astronomical: year 0 is 1 BC.
 */
#ifndef SDP_BASE_CALENDAR_H
#define SDP_BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sdp_date {
	int year, month, day; /* month and day from 1 */
};

/* The first and the last second of the years 0 to 9999. */
#define SDP_FIRST_SECOND INT64_C(-62167219200)
#define SDP_LAST_SECOND  INT64_C(253402300799)

/*
 * Returns the day number of a date.  The date must be valid (sdp_date_valid), except that the day
 * may be beyond the end of the month.
 */
int64_t sdp_days_of_date(struct sdp_date date);

/* Returns the date of a day number, at most some million years from 1970. */
struct sdp_date sdp_date_of_days(int64_t days);

/* Returns whether the month has this day. */
bool sdp_date_valid(struct sdp_date date);

/* Return quotient and remainder with 0 ≤ remainder < divisor, also for a < 0; divisor > 0. */
static inline int64_t sdp_floor_div(int64_t a, int64_t divisor)
{
	return a / divisor - (a % divisor < 0);
}

static inline int64_t sdp_floor_mod(int64_t a, int64_t divisor)
{
	int64_t rest = a % divisor;
	return rest < 0 ? rest + divisor : rest;
}

/* Size of a buffer for sdp_time_print, which writes at most 35 bytes and a NUL. */
enum { SDP_TIME_TEXT = 48 };

enum sdp_time_zone_style {
	SDP_TIME_DATE,   /* 2013-01-31, without the time of day */
	SDP_TIME_LOCAL,  /* 2013-01-31T23:59:00 */
	SDP_TIME_UTC,    /* 2013-01-31T23:59:00Z */
	SDP_TIME_OFFSET, /* 2013-01-31T23:59:00-05:00, with seconds if the offset has some */
};

/*
 * Prints a time in ISO 8601 and returns its length.  The time is second since 1970-01-01 UTC, plus
 * nano nanoseconds (0 to 999,999,999), which are printed without zeros at their end and not at all
 * if 0.  It is shown in the local time that is offset seconds ahead of UTC.
 */
size_t sdp_time_print(char out[SDP_TIME_TEXT], int64_t second, uint32_t nano, int32_t offset,
		      enum sdp_time_zone_style style);

#endif
