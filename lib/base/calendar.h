/*
 * The proleptic Gregorian calendar.  Days count from 1970-01-01, seconds from its beginning, by
 * whatever clock; years are astronomical (0 is 1 BC).
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

/* The date must be one (sdp_date_valid), but for the month's length. */
int64_t sdp_days_of_date(struct sdp_date date);

/* For days of some million years around 1970. */
struct sdp_date sdp_date_of_days(int64_t days);

bool sdp_date_valid(struct sdp_date date);

/* Quotient and remainder with 0 ≤ remainder < divisor; divisor > 0. */
static inline int64_t sdp_floor_div(int64_t a, int64_t divisor)
{
	return a / divisor - (a % divisor < 0);
}

static inline int64_t sdp_floor_mod(int64_t a, int64_t divisor)
{
	int64_t rest = a % divisor;
	return rest < 0 ? rest + divisor : rest;
}

/* ISO 8601 with the offset of its zone: at most 35 bytes and a NUL. */
enum { SDP_TIME_TEXT = 48 };

enum sdp_time_zone_style {
	SDP_TIME_LOCAL,  /* 2013-01-31T23:59:00 */
	SDP_TIME_UTC,    /* …Z */
	SDP_TIME_OFFSET, /* …-05:00, with seconds if the offset has some */
};

/* Its length.  nano: of the second, printed without zeros at its end, not at all if 0. */
size_t sdp_time_print(char out[SDP_TIME_TEXT], int64_t second, uint32_t nano, int32_t offset,
		      enum sdp_time_zone_style style);

#endif
