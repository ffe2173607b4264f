/* Reads columns of a block as points in time. */
#include "table/time_column.h"

#include "base/calendar.h"
#include "sdp/exact.h"
#include "table/time_guess.h"

#include <math.h>
#include <string.h>

enum { NANO = 1000000000, MARGIN = 4 * 86400 };

const char *const sdp_time_units[SDP_TIME_UNITS] = {"s", "ms", "us", "ns"};

int sdp_time_format_init(struct sdp_time_format *f, const char *text, struct sdp_err *err)
{
	char quoted[128];
	*f = (struct sdp_time_format){.kind = SDP_TIMES_ANY};
	if (!text)
		return 0;
	for (int i = 0; i < SDP_TIME_UNITS; i++)
		if (strcmp(text, sdp_time_units[i]) == 0) {
			f->kind = SDP_TIMES_NUMBER;
			f->digits = 3 * i;
			return 0;
		}
	if (!strchr(text, '%') || strlen(text) >= SDP_TIME_PATTERN_MAX)
		return sdp_fail(
			err, SDP_USAGE,
			"--time-format: neither s, ms, us, ns nor a pattern of strptime(3): %s",
			sdp_quote(quoted, sizeof quoted, text, strlen(text)));
	f->kind = SDP_TIMES_PATTERN;
	return sdp_time_pattern_init(&f->pattern, text, err);
}

/* ---- numbers ---- */

/* Splits mantissa × 10^-scale seconds into seconds and nanoseconds; finer digits are truncated. */
static void split_decimal(int64_t mantissa, int scale, int64_t *second, uint32_t *nano)
{
	if (scale == 0) {
		*second = mantissa;
		*nano = 0;
		return;
	}
	for (; scale > 18; scale--)
		mantissa = sdp_floor_div(mantissa, 10);
	int64_t unit = sdp_pow10[scale], rest = sdp_floor_mod(mantissa, unit);
	*second = sdp_floor_div(mantissa, unit);
	*nano = (uint32_t)(scale > 9 ? rest / sdp_pow10[scale - 9] : rest * sdp_pow10[9 - scale]);
}

static unsigned from_decimal(const struct sdp_time_format *f, int64_t mantissa, int scale,
			     int64_t *second, uint32_t *nano)
{
	unsigned bits = SDP_TIMES_ZONED | SDP_TIMES_COUNTED;
	int digits = f->digits;
	if (f->kind == SDP_TIMES_ANY) {
		int unit = sdp_time_guess_unit(mantissa, scale);
		if (unit < 0)
			return 0;
		bits |= (unsigned)SDP_TIMES_S << unit;
		if (sdp_time_guess_is_compact(mantissa, scale, unit))
			bits |= SDP_TIMES_COMPACT;
		digits = 3 * unit;
	}
	split_decimal(mantissa, scale + digits, second, nano);
	return bits;
}

/*
 * Reads a number that is no decimal, as it has too many digits; its nearest double tells the unit.
 * Its value is cut after nanoseconds.
 */
static unsigned from_long_number(const struct sdp_time_format *f, const char *s, size_t length,
				 char point, double real, int64_t *second, uint32_t *nano)
{
	int unit = f->kind == SDP_TIMES_ANY ? sdp_time_guess_unit_of_double(real) : f->digits / 3;
	int most = 9 - 3 * unit, places = -1;
	bool negative = false, rest = false;
	sdp_int128 v = 0;
	if (unit < 0 || fabs(real) > 1e21)
		return 0;
	for (const char *end = s + length; s < end; s++) {
		bool digit = sdp_is_digit(*s);
		if (*s == '-' && v == 0)
			negative = true;
		else if (*s == point)
			places = 0;
		else if (digit && places < most)
			v = v * 10 + (*s - '0');
		else if (digit)
			rest |= *s != '0';
		else if (!strchr("+ \t", *s))
			return 0; /* an exponent */
		places += digit && places >= 0 && places < most;
	}
	for (places = places < 0 ? 0 : places; places < most; places++)
		v *= 10;
	v = negative ? -v - rest : v;
	*nano = (uint32_t)((v % NANO + NANO) % NANO);
	v = (v - *nano) / NANO;
	if (v < SDP_FIRST_SECOND || v > SDP_LAST_SECOND)
		return 0;
	*second = (int64_t)v;
	return SDP_TIMES_ZONED | SDP_TIMES_COUNTED |
	       (f->kind == SDP_TIMES_ANY ? (unsigned)SDP_TIMES_S << unit : 0);
}

/* ---- cells ---- */

/* Parses a month such as 2013-01. */
static bool parse_month(const char *text, size_t length, int64_t *second)
{
	char day[10];
	int64_t fraction;
	int scale;
	if (length != 7)
		return false;
	memcpy(day, text, 7);
	memcpy(day + 7, "-01", 3);
	return sdp_time_parse(day, sizeof day, second, &fraction, &scale) != 0;
}

static unsigned parse(const char *text, size_t length, const struct sdp_time_format *f,
		      char decimal, int64_t *second, uint32_t *nano)
{
	int64_t fraction;
	int scale;
	if (f->kind == SDP_TIMES_PATTERN) {
		unsigned zone = f->pattern.zoned ? SDP_TIMES_ZONED : SDP_TIMES_LOCAL,
			 clock = f->pattern.clock ? SDP_TIMES_CLOCK : 0;
		return sdp_time_pattern_parse(&f->pattern, text, length, second, nano)
			       ? SDP_TIMES_WRITTEN | zone | clock
			       : 0;
	}
	unsigned seen = f->kind == SDP_TIMES_ANY
				? sdp_time_parse(text, length, second, &fraction, &scale)
				: 0;
	if (seen) {
		*nano = (uint32_t)(fraction * sdp_pow10[9 - scale]);
		return SDP_TIMES_WRITTEN | (seen == SDP_SEEN_DATE ? 0 : SDP_TIMES_CLOCK) |
		       (seen == SDP_SEEN_ZONED ? SDP_TIMES_ZONED : SDP_TIMES_LOCAL);
	}
	*nano = 0;
	if (f->kind == SDP_TIMES_ANY && parse_month(text, length, second))
		return SDP_TIMES_WRITTEN | SDP_TIMES_LOCAL;
	struct sdp_number n;
	sdp_number_parse(text, length, decimal, &n);
	if (n.kind == SDP_NUMBER_NONE)
		return 0;
	return n.kind == SDP_NUMBER_DECIMAL
		       ? from_decimal(f, n.mantissa, n.scale, second, nano)
		       : from_long_number(f, text, length, decimal, n.real, second, nano);
}

unsigned sdp_instant_parse(const char *text, size_t length, const struct sdp_time_format *f,
			   char decimal, int64_t *second, uint32_t *nano)
{
	unsigned seen = parse(text, length, f, decimal, second, nano);
	return seen && *second >= SDP_FIRST_SECOND && *second <= SDP_LAST_SECOND ? seen : 0;
}

/* ---- columns ---- */

/*
 * Converts local seconds to UTC. *stretch is a hint, kept from row to row: the index of the last
 * interval with a constant offset.
 */
static int64_t to_instant(const struct sdp_tz *zone, int64_t local, size_t *stretch,
			  struct sdp_time_column *out)
{
	enum sdp_tz_local how;
	int64_t guess = local - zone->stretches[*stretch].offset;
	int64_t from = zone->stretches[*stretch].from, until = sdp_tz_until(zone, *stretch);
	/* Far from a change of the offset, no lookup is needed. */
	if ((from == INT64_MIN || guess > from + MARGIN) && guess < until - MARGIN)
		return guess;
	int64_t instant = sdp_tz_instant(zone, local, &how);
	*stretch = sdp_tz_find(zone, instant, *stretch);
	out->twice += how == SDP_LOCAL_TWICE;
	out->never += how == SDP_LOCAL_NEVER;
	return instant;
}

static void note_looks(unsigned seen, size_t row, struct sdp_time_column *out)
{
	for (int look = 0; look < SDP_TIME_LOOKS; look++) {
		if (!(seen & (unsigned)SDP_TIMES_S << look))
			continue;
		if (out->looks[look]++ == 0)
			out->first[look] = row;
	}
}

static void finish_cell(const struct sdp_tz *zone, unsigned seen, size_t row, size_t *stretch,
			struct sdp_time_column *out)
{
	int64_t *second = &out->second[row];
	bool inside = seen && *second >= SDP_FIRST_SECOND && *second <= SDP_LAST_SECOND;
	if (!inside && row < out->fault)
		out->fault = row;
	if (inside && seen & SDP_TIMES_LOCAL)
		*second = to_instant(zone, *second, stretch, out);
	if (seen & SDP_TIMES_COUNTED)
		note_looks(seen, row, out);
	out->seen |= seen;
}

static int read_numbers(const struct sdp_block *block, size_t column,
			const struct sdp_time_format *f, const struct sdp_tz *zone,
			struct sdp_number_column *n, struct sdp_time_column *out,
			struct sdp_err *err)
{
	size_t stretch = 0;
	if (sdp_block_numbers(block, column, n, err) < 0)
		return -1;
	for (size_t row = 0; row < block->rows; row++) {
		unsigned seen;
		if (n->scale[row] == SDP_CELL_NULL) {
			out->second[row] = SDP_NO_TIME;
			continue;
		}
		if (n->scale[row] <= SDP_SCALE_MAX) {
			seen = from_decimal(f, n->mantissa[row], n->scale[row], &out->second[row],
					    &out->nano[row]);
		} else {
			size_t length;
			const char *text = sdp_block_cell(block, row, column, &length);
			seen = parse(text, length, f, block->schema->decimal, &out->second[row],
				     &out->nano[row]);
		}
		finish_cell(zone, seen, row, &stretch, out);
	}
	return 0;
}

/* The text and the seconds of the date of the previous row, which most rows share. */
struct day {
	char text[10];
	int64_t second;
};

static inline int two_digits(const char *s)
{
	unsigned a = (unsigned)(unsigned char)s[0] - '0', b = (unsigned)(unsigned char)s[1] - '0';
	return a > 9 || b > 9 ? 99 : (int)(a * 10 + b);
}

/*
 * Parses a time on that date, "2013-01-31T23:59:59" or with a Z. Returns its bits, or 0 if it is
 * something else.
 */
static unsigned parse_of_day(const char *s, size_t length, const struct day *day, int64_t *second)
{
	bool utc = length == 20 && s[19] == 'Z';
	if ((length != 19 && !utc) || memcmp(s, day->text, sizeof day->text) != 0 ||
	    (s[10] != 'T' && s[10] != ' ') || s[13] != ':' || s[16] != ':')
		return 0;
	int h = two_digits(s + 11), m = two_digits(s + 14), sec = two_digits(s + 17);
	if (h > 23 || m > 59 || sec > 59)
		return 0;
	*second = day->second + h * 3600 + m * 60 + sec;
	return SDP_TIMES_WRITTEN | SDP_TIMES_CLOCK | (utc ? SDP_TIMES_ZONED : SDP_TIMES_LOCAL);
}

static unsigned parse_written(const char *s, size_t length, const struct sdp_time_format *f,
			      char decimal, struct day *day, int64_t *second, uint32_t *nano)
{
	*nano = 0;
	unsigned seen = parse_of_day(s, length, day, second);
	if (seen)
		return seen;
	seen = parse(s, length, f, decimal, second, nano);
	/* "2013-01-31T00:30+01" is as long, but its date in UTC is another one. */
	bool of_day = length == 19 ? seen & SDP_TIMES_LOCAL : length == 20 && s[19] == 'Z';
	if (f->kind == SDP_TIMES_ANY && seen & SDP_TIMES_WRITTEN && of_day) {
		memcpy(day->text, s, sizeof day->text);
		day->second = *second - sdp_floor_mod(*second, 86400);
	}
	return seen;
}

int sdp_block_time_column(const struct sdp_block *block, size_t column,
			  const struct sdp_time_format *f, const struct sdp_tz *zone,
			  struct sdp_number_column *numbers, struct sdp_time_column *out,
			  struct sdp_err *err)
{
	const struct sdp_schema *schema = block->schema;
	struct day day = {{0}, 0};
	size_t stretch = 0;
	out->seen = 0;
	memset(out->looks, 0, sizeof out->looks);
	out->twice = out->never = 0;
	out->fault = block->rows;
	if (f->kind == SDP_TIMES_NUMBER ||
	    (f->kind == SDP_TIMES_ANY && schema->columns[column].guess == SDP_CLASS_NUMBER))
		return read_numbers(block, column, f, zone, numbers, out, err);
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *text = sdp_block_cell(block, row, column, &length);
		if (sdp_is_null(&schema->nulls, text, length)) {
			out->second[row] = SDP_NO_TIME;
			continue;
		}
		unsigned seen = parse_written(text, length, f, schema->decimal, &day,
					      &out->second[row], &out->nano[row]);
		finish_cell(zone, seen, row, &stretch, out);
	}
	return 0;
}
