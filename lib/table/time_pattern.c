/* Reads times by patterns. */
#include "table/time_pattern.h"

#include "base/calendar.h"
#include "sdp/type.h"

#include <string.h>
#include <strings.h>

/* The parts of a time. */
enum part {
	YEAR,
	MONTH,
	DAY,
	DAY_OF_YEAR,
	ISO_YEAR,
	ISO_WEEK,
	ISO_DAY,
	HOUR,
	HOUR_12,
	HALF,
	MINUTE,
	SECOND,
	FRACTION,
	ZONE,
	EPOCH,
	PARTS,
};

#define BIT(part) (1u << (part))

static const char *const part_names[PARTS] = {
	[YEAR] = "year",
	[MONTH] = "month",
	[DAY] = "day",
	[DAY_OF_YEAR] = "day of the year",
	[ISO_YEAR] = "week-based year",
	[ISO_WEEK] = "week",
	[ISO_DAY] = "weekday",
	[HOUR] = "hour",
	[HOUR_12] = "hour",
	[HALF] = "half of the day",
	[MINUTE] = "minute",
	[SECOND] = "second",
	[FRACTION] = "fraction",
	[ZONE] = "zone",
	[EPOCH] = "time",
};

/* The directives that are numbers of up to `width` digits. */
static const struct number {
	char letter;
	enum part part;
	int width, low, high;
} numbers[] = {
	{'Y', YEAR, 4, 0, 9999},     {'y', YEAR, 2, 0, 99},     {'m', MONTH, 2, 1, 12},
	{'d', DAY, 2, 1, 31},        {'e', DAY, 2, 1, 31},      {'j', DAY_OF_YEAR, 3, 1, 366},
	{'G', ISO_YEAR, 4, 0, 9999}, {'V', ISO_WEEK, 2, 1, 53}, {'u', ISO_DAY, 1, 1, 7},
	{'H', HOUR, 2, 0, 23},       {'k', HOUR, 2, 0, 23},     {'I', HOUR_12, 2, 1, 12},
	{'l', HOUR_12, 2, 1, 12},    {'M', MINUTE, 2, 0, 59},   {'S', SECOND, 2, 0, 59},
};

/* The other directives that say something. */
static const struct {
	char letter;
	enum part part;
} others[] = {
	{'b', MONTH},    {'B', MONTH}, {'h', MONTH}, {'p', HALF},
	{'f', FRACTION}, {'z', ZONE},  {'Z', ZONE},  {'s', EPOCH},
};

static const char *const months[] = {"january",   "february", "march",    "april",
				     "may",       "june",     "july",     "august",
				     "september", "october",  "november", "december"};
static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
				       "friday", "saturday", "sunday"};
static const char *const halves[] = {"am", "pm"};

static const struct number *find_number(char letter)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (numbers[i].letter == letter)
			return &numbers[i];
	return NULL;
}

/* ---- checking ---- */

/* Returns the part that a directive gives, or PARTS for none. */
static enum part part_of(char letter)
{
	const struct number *n = find_number(letter);
	for (size_t i = 0; !n && i < sizeof others / sizeof *others; i++)
		if (others[i].letter == letter)
			return others[i].part;
	return n ? n->part : PARTS;
}

/* Writes out the directives that stand for several. */
static void expand(char *out, const char *s)
{
	static const char *const long_form[] = {"T%H:%M:%S", "D%m/%d/%y", "F%Y-%m-%d", "R%H:%M"};
	while (*s) {
		const char *by = NULL;
		for (size_t i = 0; *s == '%' && i < sizeof long_form / sizeof *long_form; i++)
			if (s[1] == long_form[i][0])
				by = long_form[i] + 1;
		if (by) {
			memcpy(out, by, strlen(by));
			out += strlen(by);
			s += 2;
			continue;
		}
		if (*s == '%' && s[1])
			*out++ = *s++;
		*out++ = *s++;
	}
	*out = '\0';
}

/* Checks that the parts together, a set of bits, describe one time. */
static int check_parts(unsigned given, struct sdp_err *err)
{
	static const unsigned date = BIT(YEAR) | BIT(MONTH) | BIT(DAY);
	static const unsigned week = BIT(ISO_YEAR) | BIT(ISO_WEEK);
	const char *why = NULL;
	if (given & BIT(EPOCH) && given & ~(BIT(EPOCH) | BIT(FRACTION)))
		why = "%s is a complete time and can only be combined with %f";
	else if (given & BIT(HOUR) && given & (BIT(HALF) | BIT(HOUR_12)))
		why = "%H and %k are hours from 0 to 23; with %p the hour is %I or %l";
	else if (given & BIT(HALF) && !(given & BIT(HOUR_12)))
		why = "%p needs an hour, %I or %l";
	else if (given & BIT(HOUR_12) && !(given & BIT(HALF)))
		why = "%I and %l are hours from 1 to 12, which need %p; those from 0 to 23 are %H";
	else if (given & BIT(FRACTION) && !(given & (BIT(SECOND) | BIT(EPOCH))))
		why = "%f is the fraction of a second, %S or %s";
	else if (given & BIT(DAY_OF_YEAR) && given & (BIT(MONTH) | BIT(DAY)))
		why = "%j is the day of the year and cannot be combined with a month or day";
	else if (given & (week | BIT(ISO_DAY)) && (given & week) != week)
		why = "a week date needs %G and %V, and %u for the day";
	else if (given & week && given & (date | BIT(DAY_OF_YEAR)))
		why = "%G, %V and %u are a date and cannot be combined with another one";
	return why ? sdp_fail(err, SDP_USAGE, "--time-format: %s", why) : 0;
}

int sdp_time_pattern_init(struct sdp_time_pattern *pattern, const char *text, struct sdp_err *err)
{
	unsigned given = 0;
	*pattern = (struct sdp_time_pattern){0};
	expand(pattern->text, text);
	for (const char *s = pattern->text; (s = strchr(s, '%')); s += 2) {
		enum part part = part_of(s[1]);
		if (s[1] == '\0' || (part == PARTS && !strchr("aAnt%", s[1])))
			return sdp_fail(err, SDP_USAGE, "--time-format: cannot read '%.2s'", s);
		if (part != PARTS && given & BIT(part))
			return sdp_fail(err, SDP_USAGE,
					"--time-format: gives the %s twice, by %.2s",
					part_names[part], s);
		given |= part == PARTS ? 0 : BIT(part);
		pattern->zoned |= part == ZONE || part == EPOCH;
		pattern->zone_names |= s[1] == 'Z';
		pattern->clock |= part >= HOUR && part < PARTS;
	}
	return check_parts(given, err);
}

/* ---- reading ---- */

/* What was read so far, and where. */
struct cursor {
	const char *s, *end;
	int fixed; /* directives of a sequence of numbers of which the width is known */
	int value[PARTS];
	int64_t epoch, fraction;
	int scale, offset;
	bool negative; /* of %s */
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(struct cursor *c)
{
	while (c->s < c->end && is_blank(*c->s))
		c->s++;
}

/* Returns how many of the next bytes are digits, at most `most`. */
static int count_digits(const struct cursor *c, int most)
{
	int n = 0;
	while (n < most && c->s + n < c->end && sdp_is_digit(c->s[n]))
		n++;
	return n;
}

/*
 * Returns the digits that the number at directive p has, from `least` to the result; -1 if the
 * digits of its sequence are too few.
 */
static int choose_width(struct cursor *c, const char *p, const struct number *n, int *least)
{
	*least = n->width;
	if (c->fixed) {
		c->fixed--;
		return n->width;
	}
	skip_blanks(c);
	int all = 0, count = 0;
	for (const struct number *next; *p == '%' && (next = find_number(p[1])); p += 2, count++)
		all += next->width;
	bool fraction = *p == '%' && p[1] == 'f';
	if (count == 1 && !fraction) {
		*least = n->width == 4 ? 4 : 1;
		return n->width;
	}
	int missing = all - count_digits(c, all);
	c->fixed = count - 1;
	if (missing > 1 || (missing == 1 && (n->width != 2 || fraction)))
		return -1;
	return *least = n->width - missing;
}

static bool read_number(struct cursor *c, const char *p, const struct number *n)
{
	int least, most = choose_width(c, p, n, &least), v = 0;
	if (most < 0)
		return false;
	int digits = count_digits(c, most);
	if (digits < least)
		return false;
	for (int i = 0; i < digits; i++)
		v = v * 10 + (*c->s++ - '0');
	if (n->letter == 'y')
		v += v < 69 ? 2000 : 1900;
	c->value[n->part] = v;
	return n->letter == 'y' || (v >= n->low && v <= n->high);
}

/* Reads one of the names, or its first three letters.  Returns its index, or -1. */
static int read_name(struct cursor *c, const char *const *names, int count)
{
	size_t left = (size_t)(c->end - c->s);
	for (int i = 0; i < count; i++) {
		size_t full = strlen(names[i]), n = full > 3 ? 3 : full;
		if (left >= full && strncasecmp(c->s, names[i], full) == 0)
			n = full;
		else if (left < n || strncasecmp(c->s, names[i], n) != 0)
			continue;
		c->s += n;
		return i;
	}
	return -1;
}

static bool read_epoch(struct cursor *c)
{
	skip_blanks(c);
	c->negative = c->s < c->end && *c->s == '-';
	c->s += c->negative;
	int digits = count_digits(c, 15);
	for (int i = 0; i < digits; i++)
		c->epoch = c->epoch * 10 + (*c->s++ - '0');
	return digits > 0;
}

static bool read_zone(struct cursor *c, bool name)
{
	skip_blanks(c);
	if (name && c->s < c->end && (*c->s == '+' || *c->s == '-'))
		return false;
	size_t n = sdp_zone_parse(c->s, (size_t)(c->end - c->s), &c->offset);
	c->s += n;
	return n > 0;
}

static bool read_fraction(struct cursor *c)
{
	size_t n = sdp_fraction_parse(c->s, (size_t)(c->end - c->s), &c->fraction, &c->scale);
	c->s += n;
	return n > 0;
}

/* Reads what the directive at p, which is not a number, stands for. */
static bool read_other(struct cursor *c, const char *p)
{
	switch (p[1]) {
	case 'n':
	case 't':
		skip_blanks(c);
		return true;
	case 'a':
	case 'A':
		return read_name(c, weekdays, 7) >= 0;
	case 'b':
	case 'B':
	case 'h':
		return (c->value[MONTH] = read_name(c, months, 12) + 1) > 0;
	case 'p':
		return (c->value[HALF] = read_name(c, halves, 2)) >= 0;
	case 'f':
		return read_fraction(c);
	case 's':
		return read_epoch(c);
	case 'z':
	case 'Z':
		return read_zone(c, p[1] == 'Z');
	default:
		return c->s < c->end && *c->s++ == '%';
	}
}

static bool read_all(struct cursor *c, const char *p)
{
	while (*p) {
		const struct number *n = *p == '%' ? find_number(p[1]) : NULL;
		if (is_blank(*p))
			skip_blanks(c);
		else if (*p != '%' && (c->s == c->end || *c->s++ != *p))
			return false;
		else if (*p == '%' && !(n ? read_number(c, p, n) : read_other(c, p)))
			return false;
		p += *p == '%' ? 2 : 1;
	}
	return c->s == c->end;
}

/* Returns the Monday of the first week of a year: the week that has January 4. */
static int64_t first_monday(int year)
{
	int64_t day = sdp_days_of_date((struct sdp_date){year, 1, 4});
	return day - sdp_floor_mod(day + 3, 7);
}

/* Sets *days to the day number of what was read; returns whether there is such a day. */
static bool find_day(const struct cursor *c, int64_t *days)
{
	const int *v = c->value;
	if (v[ISO_WEEK]) {
		*days = first_monday(v[ISO_YEAR]) + 7 * (v[ISO_WEEK] - 1);
		bool real = *days < first_monday(v[ISO_YEAR] + 1);
		*days += v[ISO_DAY] - 1;
		return real;
	}
	struct sdp_date date = {v[YEAR], v[MONTH], v[DAY]};
	if (!sdp_date_valid(date))
		return false;
	*days = sdp_days_of_date(date) + v[DAY_OF_YEAR] - 1;
	return v[DAY_OF_YEAR] < 366 || sdp_date_of_days(*days).year == v[YEAR];
}

bool sdp_time_pattern_parse(const struct sdp_time_pattern *pattern, const char *text, size_t length,
			    int64_t *second, uint32_t *nano)
{
	struct cursor c = {.s = text, .end = text + length};
	int64_t days;
	const int start[PARTS] =
		{[YEAR] = 1970, [MONTH] = 1, [DAY] = 1, [DAY_OF_YEAR] = 1, [ISO_DAY] = 1};
	memcpy(c.value, start, sizeof start);
	if (!read_all(&c, pattern->text) || !find_day(&c, &days))
		return false;
	const int *v = c.value;
	int hour = v[HOUR_12] ? v[HOUR_12] % 12 + 12 * v[HALF] : v[HOUR];
	int64_t fraction = c.fraction * sdp_pow10[9 - c.scale];
	*second = days * 86400 + hour * 3600 + v[MINUTE] * 60 + v[SECOND] - c.offset + c.epoch;
	if (c.negative) {
		*second = -*second - (fraction > 0);
		fraction = fraction ? sdp_pow10[9] - fraction : 0;
	}
	*nano = (uint32_t)fraction;
	return true;
}
