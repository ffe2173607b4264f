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

/* Returns whether the last digits of a value are a time of day, hhmm or hhmmss. */
static bool is_clock(int64_t value, bool seconds)
{
	if (seconds && value % 100 > 59)
		return false;
	value /= seconds ? 100 : 1;
	return value % 100 < 60 && value / 100 % 100 < 24;
}

static bool is_year_first(int64_t date)
{
	return is_date(date / 10000, date / 100 % 100, date % 100);
}

static bool is_short_year_first(int64_t date)
{
	return is_date(date / 10000 + 2000, date / 100 % 100, date % 100);
}

static bool is_year_last(int64_t date)
{
	int64_t year = date % 10000, b = date / 10000 % 100, a = date / 1000000;
	return is_date(year, b, a) || is_date(year, a, b);
}

bool sdp_time_guess_is_compact(int64_t v, int unit)
{
	int64_t hundredths = v / 100;
	switch (unit) {
	case 0: /* YYYYMMDDhh, DDMMYYYYhh, MMDDYYYYhh, YYMMDDhhmm */
		return (v % 100 < 24 && (is_year_first(v / 100) || is_year_last(v / 100))) ||
		       (is_clock(v, false) && is_short_year_first(v / 10000));
	case 1: /* YYMMDDhhmmss */
		return is_clock(v, true) && is_short_year_first(v / 1000000);
	case 2: /* YYYYMMDDhhmmss with hundredths */
		return is_clock(hundredths, true) && is_year_first(hundredths / 1000000);
	default: /* ticks of .NET, units of 10^-7 seconds since the year 1, from 1970 to 2099 */
		if (v >= 621355968000000000 && v < 662380416000000000)
			return true;
		/* YYYYMMDDhhmmss with five digits of a fraction */
		return is_clock(v / 100000, true) && is_year_first(v / 100000 / 1000000);
	}
}

/* ---- messages ---- */

static const struct {
	const char *pattern, *what;
} forms[] = {
	{"%Y", "a year"},
	{"%Y%m", "a month"},
	{"%Y%m%d", "a date"},
	{"%d%m%Y", "a date"},
	{"%m%d%Y", "a date"},
	{"%y%m%d", "a date"},
	{"%d%m%y", "a date"},
	{"%G%V", "a week"},
	{"%G%V%u", "a day of a week"},
	{"%Y%j", "a day of a year"},
	{"%Y%m%d%H", "an hour"},
	{"%d%m%Y%H", "an hour"},
	{"%m%d%Y%H", "an hour"},
	{"%Y%m%d%H%M", "a minute"},
	{"%y%m%d%H%M", "a minute"},
	{"%Y%m%d%H%M%S", "a second"},
	{"%y%m%d%H%M%S", "a second"},
	{"%Y%m%d%H%M%S%f", "a time"},
	{"%H%M", "a time of day"},
	{"%H%M%S", "a time of day"},
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
		return "a spreadsheet's number of a day";
	if (value >= 2000000 && value < 3000000)
		return "a Julian day";
	if (value >= 500000000000000000 && value < 700000000000000000)
		return "a number of ticks";
	return NULL;
}

void sdp_time_guess_formats(char out[SDP_TIME_GUESS_TEXT], int64_t mantissa, int scale)
{
	char text[32], items[8][64];
	size_t count = 0, n = 0, formats = 0;
	const char *bare = without_format(mantissa, scale);
	sdp_decimal_print(text, mantissa, scale);
	if (bare)
		snprintf(items[count++], sizeof *items, "%s (no format reads it)", bare);
	for (size_t i = 0; i < sizeof forms / sizeof *forms && count < 8; i++)
		if (has_form(forms[i].pattern, text))
			snprintf(items[count++], sizeof *items, "%s (%s%s)", forms[i].what,
				 formats++ ? "" : "--time-format ", forms[i].pattern);
	*out = '\0';
	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(out + n, SDP_TIME_GUESS_TEXT - n, "%s%s",
				      i == 0          ? ""
				      : i + 1 < count ? ", "
						      : " or ",
				      items[i]);
}
