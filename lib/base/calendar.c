/* Dates as day numbers and back, and times as text. */
#include "base/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Both functions count from 1 March, so that 29 February is the last day of a year: H. Hinnant,
 * chrono-Compatible Low-Level Date Algorithms.
 */
int64_t sdp_days_of_date(struct sdp_date date)
{
	int y = date.month <= 2 ? date.year - 1 : date.year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int of_era = y - era * 400;
	int of_year =
		(153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
	int day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
	return (int64_t)era * 146097 + day_of_era - 719468;
}

struct sdp_date sdp_date_of_days(int64_t days)
{
	days += 719468;
	int era = (int)sdp_floor_div(days, 146097);
	int of_era = (int)(days - (int64_t)era * 146097);
	int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * year + year / 4 - year / 100);
	int month = (5 * of_year + 2) / 153;
	struct sdp_date date = {.year = year + era * 400,
				.day = of_year - (153 * month + 2) / 5 + 1};
	date.month = month < 10 ? month + 3 : month - 9;
	date.year += date.month <= 2;
	return date;
}

bool sdp_date_valid(struct sdp_date date)
{
	static const unsigned char length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (date.month < 1 || date.month > 12 || date.day < 1)
		return false;
	bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
	return date.day <= length[date.month - 1] + (date.month == 2 && leap);
}

static void put_two(char *out, int value)
{
	out[0] = (char)('0' + value / 10);
	out[1] = (char)('0' + value % 10);
}

static size_t print_fraction(char *out, uint32_t nano)
{
	size_t n = (size_t)snprintf(out, 12, ".%09" PRIu32, nano);
	while (out[n - 1] == '0')
		n--;
	out[n] = '\0';
	return n;
}

size_t sdp_time_print(char out[SDP_TIME_TEXT], int64_t second, uint32_t nano, int32_t offset,
		      enum sdp_time_zone_style style)
{
	int64_t local = second + offset;
	struct sdp_date d = sdp_date_of_days(sdp_floor_div(local, 86400));
	int s = (int)sdp_floor_mod(local, 86400);
	size_t n = 4;
	if (d.year >= 0 && d.year < 10000) {
		put_two(out, d.year / 100);
		put_two(out + 2, d.year % 100);
	} else {
		n = (size_t)snprintf(out, 12, "%s%04d", d.year < 0 ? "-" : "", abs(d.year));
	}
	const char marks[] = "--T::";
	int parts[] = {d.month, d.day, s / 3600, s / 60 % 60, s % 60};
	for (size_t i = 0; i < (style == SDP_TIME_DATE ? 2 : 5); i++, n += 3) {
		out[n] = marks[i];
		put_two(out + n + 1, parts[i]);
	}
	out[n] = '\0';
	if (style == SDP_TIME_DATE)
		return n;
	if (nano)
		n += print_fraction(out + n, nano);
	if (style == SDP_TIME_UTC) {
		memcpy(out + n, "Z", 2);
		return n + 1;
	}
	int o = abs(offset), units[] = {o / 3600 % 100, o / 60 % 60, o % 60};
	for (int i = 0; style == SDP_TIME_OFFSET && i < (units[2] ? 3 : 2); i++, n += 3) {
		out[n] = i ? ':' : offset < 0 ? '-' : '+';
		put_two(out + n + 1, units[i]);
	}
	out[n] = '\0';
	return n;
}
