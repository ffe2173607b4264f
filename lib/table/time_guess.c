/* Guesses what numbers mean as times. */
#include "table/time_guess.h"

#include "base/calendar.h"
#include "sdp/num.h"
#include "table/time_pattern.h"

#include <stdio.h>
#include <string.h>

/* 1980-01-01 and 2060-01-01 in seconds; the largest unit is 10^-9 seconds. */
static const int64_t first = 315532800, end = 2840140800;

int sdp_time_guess_unit(int64_t mantissa, int scale)
{
	int64_t value = mantissa / sdp_pow10[scale];
	for (int unit = 0; unit < 4; unit++)
		if (value >= first * sdp_pow10[3 * unit] && value < end * sdp_pow10[3 * unit])
			return unit;
	return -1;
}

int sdp_time_guess_unit_of_double(double value)
{
	return value >= 0 && value < 9e18 ? sdp_time_guess_unit((int64_t)value, 0) : -1;
}

/* ---- dates in digits ---- */

static bool is_date(int64_t year, int64_t month, int64_t day)
{
	return year >= 1900 && year < 2200 &&
	       sdp_date_valid((struct sdp_date){(int)year, (int)month, (int)day});
}

/* Returns whether the last digits of a value are a time of day, hhmm or hhmmss, or 24:00. */
static bool is_clock(int64_t value, bool seconds)
{
	int64_t second = seconds ? value % 100 : 0;
	value /= seconds ? 100 : 1;
	int64_t minute = value % 100, hour = value / 100 % 100;
	return second < 60 && minute < 60 &&
	       (hour < 24 || hour * 10000 + minute + second == 240000);
}

static bool is_year_first(int64_t date)
{
	return is_date(date / 10000, date / 100 % 100, date % 100);
}

static bool is_short_year_first(int64_t date)
{
	return date < 1000000 && is_date(date / 10000 + 2000, date / 100 % 100, date % 100);
}

static bool is_year_last(int64_t date)
{
	int64_t year = date % 10000, b = date / 10000 % 100, a = date / 1000000;
	return is_date(year, b, a) || is_date(year, a, b);
}

/* Returns whether a value is DDMMYY or MMDDYY of the years 1990 to 2039. */
static bool is_short_year_last(int64_t date)
{
	int64_t year = date % 100, b = date / 100 % 100, a = date / 10000;
	year += year < 40 ? 2000 : 1900;
	return year >= 1990 && (is_date(year, b, a) || is_date(year, a, b));
}

static bool is_day_of_year(int64_t date)
{
	int64_t year = date / 1000, day = date % 1000;
	return day > 0 && day <= 365 + sdp_date_valid((struct sdp_date){(int)year, 2, 29}) &&
	       is_date(year, 1, 1);
}

/* Returns whether a value is YYYYMMDDhh, with hours from 0 to 24. */
static bool is_hour(int64_t value)
{
	int64_t date = value / 100, year = date / 10000;
	return value % 100 <= 24 && year >= 1000 && year < 3000 &&
	       sdp_date_valid(
		       (struct sdp_date){(int)year, (int)(date / 100 % 100), (int)(date % 100)});
}

/* Returns whether a value is YYMMDDhhmmss or YYYYDDDhhmmss. */
static bool is_second(int64_t value)
{
	return is_clock(value, true) &&
	       (is_short_year_first(value / 1000000) || is_day_of_year(value / 1000000));
}

bool sdp_time_guess_is_compact(int64_t mantissa, int scale, int unit)
{
	int64_t v = mantissa / sdp_pow10[scale], hundredths = v / 100;
	/* Only seconds have a fraction. */
	if (mantissa % sdp_pow10[scale] != 0)
		return unit == 1 && is_second(v);
	switch (unit) {
	case 0: /* YYYYMMDDhh, DDMMYYYYhh, MMDDYYYYhh, YYMMDDhhmm, DDMMYYhhmm, MMDDYYhhmm */
		return is_hour(v) || (v % 100 <= 24 && is_year_last(v / 100)) ||
		       (is_clock(v, false) &&
			(is_short_year_first(v / 10000) || is_short_year_last(v / 10000)));
	case 1:
		return is_second(v);
	case 2: /* YYYYMMDDhhmmss with hundredths, the others with milliseconds */
		return (is_clock(hundredths, true) && is_year_first(hundredths / 1000000)) ||
		       is_second(v / 1000);
	default: /* ticks of .NET, units of 10^-7 seconds since the year 1, from 1970 to 2099 */
		if (v >= 621355968000000000 && v < 662380416000000000)
			return true;
		/* YYYYMMDDhhmmss with five digits of a fraction, the others with six */
		return (is_clock(v / 100000, true) && is_year_first(v / 100000 / 1000000)) ||
		       is_second(v / 1000000);
	}
}

/* ---- messages ---- */

static const struct {
	const char *pattern, *what;
	size_t digits; /* if not 0, only texts of so many bytes are of this form */
} forms[] = {
	{"%Y", "a year", 0},
	{"%Y%m", "a month", 0},
	{"%Y%m%d", "a date", 0},
	{"%d%m%Y", "a date", 0},
	{"%m%d%Y", "a date", 0},
	{"%y%m%d", "a date", 0},
	{"%d%m%y", "a date", 0},
	{"%G%V", "a week", 0},
	{"%G%V%u", "a day of a week", 0},
	{"%Y%j", "a day of a year", 0},
	{"%Y%m%d%H", "an hour", 0},
	{"%d%m%Y%H", "an hour", 0},
	{"%m%d%Y%H", "an hour", 0},
	{"%Y%j%H", "an hour", 0},
	{"%Y%m%d%H%M", "a minute", 0},
	{"%y%m%d%H%M", "a minute", 0},
	{"%d%m%y%H%M", "a minute", 0},
	{"%m%d%y%H%M", "a minute", 0},
	{"%Y%j%H%M", "a minute", 0},
	{"%Y%m%d%H%M%S", "a second", 0},
	{"%y%m%d%H%M%S", "a second", 0},
	{"%Y%j%H%M%S", "a second", 0},
	{"%Y%m%d%H%M%S%f", "a time", 0},
	{"%y%m%d%H%M%S%f", "a time", 15},
	{"%y%m%d%H%M%S%f", "a time", 18},
	{"%Y%j%H%M%S%f", "a time", 16},
	{"%Y%j%H%M%S%f", "a time", 19},
	{"%Y%m%d%H%M%S.%f", "a time", 0},
	{"%y%m%d%H%M%S.%f", "a time", 0},
	{"%Y%j%H%M%S.%f", "a time", 0},
	{"%H%M", "a time of day", 0},
	{"%H%M%S", "a time of day", 0},
};

static bool has_form(const char *pattern, const char *text)
{
	struct sdp_time_pattern p;
	struct sdp_err err;
	int64_t second;
	uint32_t nano;
	if (sdp_time_pattern_init(&p, pattern, &err) < 0 ||
	    !sdp_time_pattern_parse(&p, text, strlen(text), &second, &nano))
		return false;
	int year = sdp_date_of_days(sdp_floor_div(second, 86400)).year;
	return year >= 1000 && year < 3000;
}

/* Returns what a number may be that no format reads, or NULL. */
static const char *without_format(int64_t mantissa, int scale)
{
	int64_t value = mantissa / sdp_pow10[scale];
	if (scale > 0 && value >= 1000 && value < 3000)
		return "a decimal year";
	if (value >= 10000 && value < 100000)
		return "a day number of a spreadsheet";
	if (value >= 2000000 && value < 3000000)
		return "a Julian day";
	if (value >= 500000000000000000 && value < 700000000000000000)
		return "a number of ticks";
	return NULL;
}

/* Returns the end of a text from its decimal point on if only zeros follow it. */
static const char *zeros_behind(const char *text, char point)
{
	const char *tail = strchr(text, point), *zeros = tail;
	while (zeros && *++zeros == '0') {
	}
	return zeros && strchr(" \t", *zeros) ? tail : "";
}

void sdp_time_guess_formats(char out[SDP_TIME_GUESS_TEXT], const char *cell, size_t length,
			    char point)
{
	char text[32], rest[32], items[8][96];
	size_t count = 0, n = 0, formats = 0;
	struct sdp_number number;
	sdp_number_parse(cell, length, point, &number);
	const char *bare = without_format(number.mantissa, number.scale);
	sdp_decimal_print(text, number.mantissa, number.scale);
	snprintf(rest, sizeof rest, "%.*s", (int)length, cell);
	const char *zeros = zeros_behind(rest, point);
	int zeros_length = (int)strcspn(zeros, " \t");
	if (bare)
		snprintf(items[count++], sizeof *items, "%s (no format reads it)", bare);
	for (size_t i = 0; i < sizeof forms / sizeof *forms && count < 8; i++) {
		const char *pattern = forms[i].pattern;
		if ((forms[i].digits && strlen(text) != forms[i].digits) ||
		    !has_form(pattern, text))
			continue;
		size_t dot = strcspn(pattern, ".");
		snprintf(items[count++], sizeof *items, "%s (%s%.*s%.*s%s%.*s)", forms[i].what,
			 formats++ ? "" : "--time-format ", (int)dot, pattern, pattern[dot] == '.',
			 &point, pattern[dot] ? pattern + dot + 1 : "", zeros_length, zeros);
	}
	int64_t value = number.mantissa / sdp_pow10[number.scale];
	if (formats == 0 && value % 100 == 24 && is_hour(value))
		snprintf(items[count++], sizeof *items,
			 "an hour (--time-format %%Y%%m%%d%%H reads those from 00 to 23)");
	*out = '\0';
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(out + n, SDP_TIME_GUESS_TEXT - n, "%s%s",
				      i == 0          ? ""
				      : i + 1 < count ? ", "
						      : " or ",
				      items[i]);
}
