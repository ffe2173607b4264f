/*
 * Parses TZif files (RFC 9636).  A file has a header and data with 32-bit times; from version 2 on,
 * these are followed by a second header and data with 64-bit times, which replace the first, and a
 * footer:
 *
 *	header  "TZif" version … isutcnt isstdcnt leapcnt timecnt typecnt charcnt   44 bytes
 *	data    transition times | types of them | types (offset 4, dst 1, name 1) | names | leap …
 *	footer  "\nEST5EDT,M3.2.0,M11.1.0\n"   the rule after the last transition
 */
#include "base/calendar.h"
#include "base/tz.h"
#include "sdp/mem.h"

#include <inttypes.h>
#include <string.h>

/*
 * RFC 9636 limits offsets to less than 26 hours.  Transitions after the year 9999 are ignored.
 */
enum { HEADER = 44, LAST_YEAR = 9999, OFFSET_END = 26 * 3600, MARGIN = 4 * 86400 };

struct header {
	int version;
	size_t times, types, chars, leaps, standards, universals;
};

static uint64_t big_endian(const unsigned char *s, int bytes)
{
	uint64_t v = 0;
	for (int i = 0; i < bytes; i++)
		v = v << 8 | s[i];
	return v;
}

static bool read_header(const unsigned char *s, size_t length, struct header *h)
{
	if (length < HEADER || memcmp(s, "TZif", 4) != 0)
		return false;
	*h = (struct header){
		.version = s[4] ? s[4] - '0' : 1,
		.universals = big_endian(s + 20, 4),
		.standards = big_endian(s + 24, 4),
		.leaps = big_endian(s + 28, 4),
		.times = big_endian(s + 32, 4),
		.types = big_endian(s + 36, 4),
		.chars = big_endian(s + 40, 4),
	};
	return h->types > 0;
}

static size_t data_length(const struct header *h, size_t width)
{
	return h->times * (width + 1) + h->types * 6 + h->chars + h->leaps * (width + 4) +
	       h->standards + h->universals;
}

/* ---- the list ---- */

struct list {
	struct sdp_tz *zone;
	size_t capacity; /* bytes */
	int64_t last;    /* instant of the last transition, which need not change the offset */
};

/*
 * Appends a stretch.  Stretches must be added in ascending order; if several have the same start,
 * the last one replaces the others.
 */
static int add(struct list *l, int64_t from, int32_t offset, struct sdp_err *err)
{
	size_t count = l->zone ? l->zone->count : 0;
	size_t size = sizeof *l->zone + (count + 1) * sizeof *l->zone->stretches;
	if (offset <= -OFFSET_END || offset >= OFFSET_END)
		return sdp_fail(err, SDP_SYSTEM, "damaged: an offset of %" PRId32 " seconds",
				offset);
	if (sdp_grow(&l->zone, &l->capacity, size, 1, err) < 0)
		return -1;
	struct sdp_tz_stretch *s = l->zone->stretches;
	if (count && s[count - 1].from >= from)
		count--;
	if (count == 0 || s[count - 1].offset != offset)
		s[count++] = (struct sdp_tz_stretch){from, offset};
	l->zone->count = count;
	l->zone->size = sizeof *l->zone + count * sizeof *s;
	return 0;
}

/* ---- the footer: a POSIX TZ string ---- */

struct rule {
	/* 'M': month.week.day; 'J': day 1-365 without 29 February; 'N': 0-365 */
	char kind;
	int month, week, day; /* J and N use only day */
	int time;             /* seconds after local midnight */
};

struct posix {
	int standard, saving; /* offsets east of UTC */
	bool has_saving;
	struct rule start, end;
};

static const char *name(const char *s)
{
	size_t n = 0;
	if (*s == '<') {
		const char *end = strchr(s, '>');
		return end ? end + 1 : NULL;
	}
	while ((s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= 'a' && s[n] <= 'z'))
		n++;
	return n >= 3 ? s + n : NULL;
}

static const char *number(const char *s, int most, int *value)
{
	const char *start = s;
	for (*value = 0; *s >= '0' && *s <= '9' && *value <= most; s++)
		*value = *value * 10 + (*s - '0');
	return s > start && *value <= most ? s : NULL;
}

/* [+-]hh[:mm[:ss]] */
static const char *clock_time(const char *s, int *seconds)
{
	int sign = *s == '-' ? -1 : 1, part;
	if (*s == '-' || *s == '+')
		s++;
	if (!(s = number(s, 167, &part)))
		return NULL;
	*seconds = part * 3600;
	for (int unit = 60; unit && *s == ':'; unit /= 60) {
		if (!(s = number(s + 1, 59, &part)))
			return NULL;
		*seconds += part * unit;
	}
	*seconds *= sign;
	return s;
}

static const char *read_rule(const char *s, struct rule *r)
{
	*r = (struct rule){.kind = *s == 'M' || *s == 'J' ? *s : 'N', .time = 2 * 3600};
	if (r->kind != 'N')
		s++;
	if (r->kind == 'M') {
		if (!(s = number(s, 12, &r->month)) || *s++ != '.' ||
		    !(s = number(s, 5, &r->week)) || *s++ != '.')
			return NULL;
		s = number(s, 6, &r->day);
		if (r->month == 0 || r->week == 0)
			return NULL;
	} else {
		s = number(s, 365, &r->day);
	}
	return s && *s == '/' ? clock_time(s + 1, &r->time) : s;
}

static bool read_posix(const char *s, struct posix *p)
{
	*p = (struct posix){0};
	if (!(s = name(s)) || !(s = clock_time(s, &p->standard)))
		return false;
	p->standard = -p->standard;
	if (*s == '\0')
		return true;
	p->has_saving = true;
	p->saving = p->standard + 3600;
	if (!(s = name(s)))
		return false;
	if (*s != ',') {
		if (!(s = clock_time(s, &p->saving)))
			return false;
		p->saving = -p->saving;
	}
	return *s++ == ',' && (s = read_rule(s, &p->start)) && *s++ == ',' &&
	       (s = read_rule(s, &p->end)) && *s == '\0';
}

/* Returns the local time in seconds at which a rule takes effect in a year. */
static int64_t takes_effect(const struct rule *r, int year)
{
	int64_t days = sdp_days_of_date((struct sdp_date){year, 1, 1});
	bool leap = sdp_date_valid((struct sdp_date){year, 2, 29});
	if (r->kind == 'N')
		days += r->day;
	else if (r->kind == 'J')
		days += r->day - 1 + (leap && r->day > 59);
	else {
		struct sdp_date first = {year, r->month, 1};
		days = sdp_days_of_date(first);
		/* 1970-01-01 was a Thursday. */
		int weekday = (int)sdp_floor_mod(days + 4, 7);
		struct sdp_date date = {year, r->month,
					1 + (r->day - weekday + 7) % 7 + 7 * (r->week - 1)};
		while (!sdp_date_valid(date))
			date.day -= 7;
		days += date.day - 1;
	}
	return days * 86400 + r->time;
}

/* Expands the rule into stretches after the last transition. */
static int expand_rule(struct list *l, const struct posix *p, struct sdp_err *err)
{
	int64_t last = l->last;
	if (!p->has_saving)
		return add(l, last, p->standard, err);
	for (int year = sdp_date_of_days(sdp_floor_div(last, 86400)).year; year <= LAST_YEAR;
	     year++) {
		int64_t at[2] = {takes_effect(&p->start, year) - p->standard,
				 takes_effect(&p->end, year) - p->saving};
		int offset[2] = {p->saving, p->standard};
		int early = at[1] < at[0];
		for (int i = 0; i < 2; i++) {
			int k = i ^ early;
			if (at[k] <= last)
				continue;
			if (add(l, at[k], offset[k], err) < 0)
				return -1;
			/*
			 * If saving never ends, the end in one year is the start in the next one.
			 */
			last = at[k] - 1;
		}
	}
	return 0;
}

/* ---- the whole ---- */

static int read_data(struct list *l, const unsigned char *s, const struct header *h, int width,
		     struct sdp_err *err)
{
	const unsigned char *types = s + h->times * (size_t)width, *details = types + h->times;
	int64_t before = INT64_MIN;
	l->last = SDP_FIRST_SECOND;
	if (add(l, INT64_MIN, (int32_t)big_endian(details, 4), err) < 0)
		return -1;
	for (size_t i = 0; i < h->times; i++) {
		uint64_t raw = big_endian(s + i * (size_t)width, width);
		int64_t at = width == 4 ? (int32_t)raw : (int64_t)raw;
		if (types[i] >= h->types)
			return sdp_fail(err, SDP_SYSTEM, "damaged: no type %d", types[i]);
		if (at < before)
			return sdp_fail(err, SDP_SYSTEM,
					"damaged: its transitions are not in order");
		before = at;
		/* Some files have transitions at the big bang or in the far future. */
		if (at < SDP_FIRST_SECOND - MARGIN)
			at = INT64_MIN;
		else if (at > SDP_LAST_SECOND + MARGIN)
			at = SDP_LAST_SECOND + MARGIN;
		if (add(l, at, (int32_t)big_endian(details + types[i] * 6, 4), err) < 0)
			return -1;
		l->last = at > l->last ? at : l->last;
	}
	return 0;
}

static int read_footer(struct list *l, const char *s, size_t length, struct sdp_err *err)
{
	char text[256];
	struct posix p;
	const char *end = length > 1 && *s == '\n' ? memchr(s + 1, '\n', length - 1) : NULL;
	if (!end || (size_t)(end - s) >= sizeof text)
		return sdp_fail(err, SDP_SYSTEM, "damaged: no footer");
	size_t n = (size_t)(end - s) - 1;
	memcpy(text, s + 1, n);
	text[n] = '\0';
	if (n == 0)
		return 0;
	if (!read_posix(text, &p))
		return sdp_fail(err, SDP_SYSTEM, "damaged: the rule of its footer, %s", text);
	return expand_rule(l, &p, err);
}

struct sdp_tz *sdp_tzif_parse(const void *bytes, size_t length, struct sdp_err *err)
{
	const unsigned char *s = bytes, *end = s + length;
	struct header h;
	struct list list = {0};
	int width = 4, rc = -1;
	bool good = read_header(s, length, &h) && data_length(&h, 4) <= length - HEADER;
	if (good && h.version >= 2) {
		s += HEADER + data_length(&h, 4);
		width = 8;
		good = read_header(s, (size_t)(end - s), &h) &&
		       data_length(&h, 8) <= (size_t)(end - s) - HEADER;
	}
	if (!good)
		sdp_fail(err, SDP_SYSTEM, "not a TZif file");
	else if (h.leaps)
		sdp_fail(err, SDP_SYSTEM, "it counts leap seconds, which sdp does not support");
	else
		rc = read_data(&list, s + HEADER, &h, width, err);
	if (rc == 0 && width == 8) {
		s += HEADER + data_length(&h, 8);
		rc = read_footer(&list, (const char *)s, (size_t)(end - s), err);
	}
	if (rc == 0)
		return list.zone;
	free(list.zone);
	return NULL;
}
