/* Detects the types of cells: numbers, booleans, dates and times; and the texts that mean null. */
#include "sdp/type.h"

#include "base/calendar.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	enum sdp_class class;
	unsigned admits;
} types[] = {
	[SDP_STRING] = {"string", SDP_CLASS_TEXT, ~0u},
	[SDP_BOOLEAN] = {"boolean", SDP_CLASS_BOOLEAN, SDP_SEEN_BOOLEAN},
	[SDP_INTEGER_TYPE] = {"integer", SDP_CLASS_NUMBER, SDP_SEEN_INTEGER},
	[SDP_REAL_TYPE] = {"real", SDP_CLASS_NUMBER, SDP_SEEN_INTEGER | SDP_SEEN_REAL},
	[SDP_DATE] = {"date", SDP_CLASS_TIME, SDP_SEEN_DATE},
	[SDP_DATETIME] = {"datetime", SDP_CLASS_TIME,
			  SDP_SEEN_DATE | SDP_SEEN_LOCAL | SDP_SEEN_ZONED},
};

enum { TYPES = sizeof types / sizeof *types };

enum sdp_type sdp_type_of(unsigned seen)
{
	static const struct {
		unsigned within;
		enum sdp_type type;
	} order[] = {
		{SDP_SEEN_BOOLEAN, SDP_BOOLEAN},
		{SDP_SEEN_INTEGER, SDP_INTEGER_TYPE},
		{SDP_SEEN_INTEGER | SDP_SEEN_REAL, SDP_REAL_TYPE},
		{SDP_SEEN_DATE, SDP_DATE},
		/* Local and zoned times cannot be compared, so a mixture is text. */
		{SDP_SEEN_DATE | SDP_SEEN_LOCAL, SDP_DATETIME},
		{SDP_SEEN_ZONED, SDP_DATETIME},
	};
	if (seen)
		for (size_t i = 0; i < sizeof order / sizeof *order; i++)
			if ((seen & ~order[i].within) == 0)
				return order[i].type;
	return SDP_STRING;
}

enum sdp_class sdp_type_class(enum sdp_type type)
{
	return types[type].class;
}

const char *sdp_type_name(enum sdp_type type)
{
	return types[type].name;
}

unsigned sdp_type_admits(enum sdp_type type)
{
	return types[type].admits;
}

bool sdp_type_by_name(const char *name, size_t length, enum sdp_type *type)
{
	for (int i = 0; i < TYPES; i++)
		if (sdp_text_is(name, length, types[i].name)) {
			*type = (enum sdp_type)i;
			return true;
		}
	return false;
}

int sdp_boolean_parse(const char *text, size_t length)
{
	if (length == 4 && strncasecmp(text, "true", 4) == 0)
		return 1;
	return length == 5 && strncasecmp(text, "false", 5) == 0 ? 0 : -1;
}

/* Returns the n digits at s as a number, or -1 if one is not a digit. */
static inline int digits(const char *s, int n)
{
	int v = 0;
	for (int i = 0; i < n; i++) {
		unsigned d = (unsigned)(unsigned char)s[i] - '0';
		if (d > 9)
			return -1;
		v = v * 10 + (int)d;
	}
	return v;
}

static bool civil_date(const char *s, int64_t *days)
{
	struct sdp_date date = {digits(s, 4), digits(s + 5, 2), digits(s + 8, 2)};
	if (date.year < 0 || s[4] != '-' || s[7] != '-' || !sdp_date_valid(date))
		return false;
	*days = sdp_days_of_date(date);
	return true;
}

size_t sdp_zone_parse(const char *s, size_t n, int *offset)
{
	size_t length = 3;
	*offset = 0;
	if (n >= 1 && (s[0] == 'Z' || s[0] == 'z'))
		return 1;
	if (n >= 3 && (memcmp(s, "UTC", 3) == 0 || memcmp(s, "GMT", 3) == 0))
		return 3;
	if (n < 3 || (s[0] != '+' && s[0] != '-'))
		return 0;
	int h = digits(s + 1, 2), m = 0, sec = 0;
	bool colon = n >= 6 && s[3] == ':';
	if (colon || (n >= 5 && digits(s + 3, 2) >= 0)) {
		m = digits(s + 3 + colon, 2);
		length = 5 + (size_t)colon;
	}
	if (colon && n >= 9 && s[6] == ':') {
		sec = digits(s + 7, 2);
		length = 9;
	}
	if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59)
		return 0;
	*offset = ((h * 60 + m) * 60 + sec) * (s[0] == '-' ? -1 : 1);
	return length;
}

/*
 * Parses the zone of a time, which must be all of s, after at most one blank.  Sets *offset in
 * seconds; returns whether it is valid.
 */
static inline bool zone_offset(const char *s, size_t n, int *offset)
{
	size_t blank = s[0] == ' ';
	if (n == 1 && s[0] == 'Z')
		return true;
	return n > blank && sdp_zone_parse(s + blank, n - blank, offset) == n - blank;
}

static inline size_t parse_fraction(const char *s, size_t n, int64_t *fraction, int *scale)
{
	size_t at = 0;
	int64_t value = 0;
	for (; at < n && at < 9 && s[at] >= '0' && s[at] <= '9'; at++)
		value = value * 10 + (s[at] - '0');
	*fraction = value;
	*scale = (int)at;
	while (at >= 9 && at < n && s[at] == '0')
		at++;
	return at < n && s[at] >= '0' && s[at] <= '9' ? 0 : at;
}

size_t sdp_fraction_parse(const char *s, size_t n, int64_t *fraction, int *scale)
{
	return parse_fraction(s, n, fraction, scale);
}

unsigned sdp_time_parse(const char *s, size_t n, int64_t *second, int64_t *fraction, int *scale)
{
	int64_t days;
	*fraction = 0;
	*scale = 0;
	if (n < 10 || s[4] != '-' || !civil_date(s, &days))
		return 0;
	if (n == 10) {
		*second = days * 86400;
		return SDP_SEEN_DATE;
	}
	if (n < 16 || (s[10] != 'T' && s[10] != ' ' && s[10] != 't') || s[13] != ':')
		return 0;
	int h = digits(s + 11, 2), m = digits(s + 14, 2), sec = 0, offset = 0;
	size_t at = 16;
	if (n >= 19 && s[16] == ':') {
		sec = digits(s + 17, 2);
		at = 19;
	}
	if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59)
		return 0;
	if (at == 19 && at + 1 < n && s[at] == '.') {
		size_t length = parse_fraction(s + at + 1, n - at - 1, fraction, scale);
		if (length == 0)
			return 0;
		at += 1 + length;
	}
	if (at < n && !zone_offset(s + at, n - at, &offset))
		return 0;
	*second = days * 86400 + h * 3600 + m * 60 + sec - offset;
	return at < n ? SDP_SEEN_ZONED : SDP_SEEN_LOCAL;
}

unsigned sdp_cell_seen(const char *text, size_t length, char decimal, const char *thousands)
{
	struct sdp_number number;
	sdp_number_parse_grouped(text, length, decimal, thousands, &number);
	if (number.kind != SDP_NUMBER_NONE)
		return number.integer ? SDP_SEEN_INTEGER : SDP_SEEN_REAL;
	if (sdp_boolean_parse(text, length) >= 0)
		return SDP_SEEN_BOOLEAN;
	int64_t second, fraction;
	int scale;
	unsigned time = sdp_time_parse(text, length, &second, &fraction, &scale);
	return time ? time : SDP_SEEN_STRING;
}

int sdp_nulls_init(struct sdp_nulls *nulls, const char *list, char decimal, struct sdp_err *err)
{
	*nulls = (struct sdp_nulls){.given = list != NULL};
	if (!list)
		list = ",NA,N/A,NaN,nan,null,NULL";
	if (*list == '\0')
		return 0;
	for (const char *s = list;; s++) {
		size_t n = strcspn(s, ",");
		struct sdp_null_text *t = &nulls->texts[nulls->count];
		if (nulls->count == SDP_NULLS_MAX)
			return sdp_fail(err, SDP_USAGE, "--na: more than %d texts", SDP_NULLS_MAX);
		if (n > sizeof t->text)
			return sdp_fail(err, SDP_USAGE, "--na: longer than %zu bytes: '%.*s'",
					sizeof t->text, (int)n, s);
		struct sdp_number number;
		sdp_number_parse(s, n, decimal, &number);
		nulls->numeric |= number.kind != SDP_NUMBER_NONE;
		int64_t second, fraction;
		nulls->temporal |= sdp_time_parse(s, n, &second, &fraction, &number.scale) != 0;
		nulls->empty |= n == 0;
		memcpy(t->text, s, n);
		t->length = n;
		nulls->count++;
		if (n > nulls->longest)
			nulls->longest = n;
		s += n;
		if (*s == '\0')
			return 0;
	}
}

void sdp_nulls_add_null_cell(struct sdp_nulls *nulls)
{
	if (sdp_nulls_find(nulls, SDP_NULL_CELL, 1))
		return;
	nulls->texts[nulls->count++] = (struct sdp_null_text){1, SDP_NULL_CELL};
	nulls->longest = nulls->longest ? nulls->longest : 1;
}

bool sdp_nulls_find(const struct sdp_nulls *nulls, const char *text, size_t length)
{
	for (size_t i = 0; i < nulls->count; i++)
		if (nulls->texts[i].length == length &&
		    memcmp(nulls->texts[i].text, text, length) == 0)
			return true;
	return false;
}
