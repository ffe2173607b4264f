/* Prints and parses timestamps. */
#include "base/timestamp.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void sdp_timestamp_print(char out[SDP_TIMESTAMP_SIZE], const struct timespec *when)
{
	struct tm tm = {0};
	gmtime_r(&when->tv_sec, &tm);
	size_t n = strftime(out, SDP_TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, SDP_TIMESTAMP_SIZE - n, ".%03ldZ", when->tv_nsec / 1000000);
}

void sdp_timestamp_now(char out[SDP_TIMESTAMP_SIZE])
{
	struct timespec now = {0};
	clock_gettime(CLOCK_REALTIME, &now);
	sdp_timestamp_print(out, &now);
}

/*
 * Returns the days since 1970-01-01 of a date of year 0 or later (H. Hinnant, days_from_civil).
 */
static int64_t days_from(int year, int month, int day)
{
	int y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

double sdp_timestamp_seconds(const char *text)
{
	int year, month, day, hour, minute, second, milliseconds, length = 0;
	if (!text ||
	    sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month, &day, &hour, &minute,
		   &second, &milliseconds, &length) != 7 ||
	    (size_t)length != strlen(text) || length != 24 || month < 1 || month > 12)
		return NAN;
	return (double)(days_from(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) +
	       milliseconds / 1e3;
}
