/*
 * A column of a block as points in time.
 *
 * Without a format, a cell is ISO 8601 as in type.h, a month ("2013-01"), or a number. A number
 * counts from 1970; its magnitude decides the unit: seconds below 10^11, milliseconds below 10^14,
 * microseconds below 10^17, else nanoseconds. The forms that occur are collected in seen, so that
 * the caller can check the column as a whole.
 */
#ifndef SDP_TABLE_TIME_COLUMN_H
#define SDP_TABLE_TIME_COLUMN_H

#include "base/tz.h"
#include "sdp/block.h"

enum { SDP_PATTERN_MAX = 100 };

struct sdp_time_format {
	enum {
		SDP_TIMES_ANY,
		SDP_TIMES_NUMBER, /* the number counts units of 10^-digits seconds */
		SDP_TIMES_PATTERN,
	} kind;
	int digits; /* 0, 3, 6 or 9 */
	bool zoned; /* the pattern reads a UTC offset */
	/* The pattern of strptime(3) before the fraction … */
	char pattern[SDP_PATTERN_MAX];
	/* … and, if has_fraction is set, the pattern after the digits of the fraction. */
	char fraction[SDP_PATTERN_MAX];
	bool has_fraction;
};

/*
 * Parses a format. text is s, ms, us or ns, NULL for any form, or a pattern of strptime(3) in the C
 * locale. A pattern may contain the directives that describe a single time unambiguously, and %f
 * for a fraction of a second. Returns 0 or -1.
 */
int sdp_time_format_init(struct sdp_time_format *format, const char *text, struct sdp_err *err);

enum {
	SDP_TIMES_LOCAL = 1,
	SDP_TIMES_ZONED = 2,
	SDP_TIMES_COUNTED = 4, /* a number; its unit follows, unless it is 0: */
	SDP_TIMES_S = 8,
	SDP_TIMES_MS = 16,
	SDP_TIMES_US = 32,
	SDP_TIMES_NS = 64,
	SDP_TIMES_NOT_YEAR = 128, /* a number that cannot be a year */
	SDP_TIMES_NOT_DATE = 256, /* a number that cannot be a date like 20130131 */
	SDP_TIMES_WRITTEN = 512,  /* not a number */
};

#define SDP_NO_TIME INT64_MIN

struct sdp_time_column {
	/* seconds since 1970-01-01 UTC, in the years 0 to 9999; SDP_NO_TIME: null */
	int64_t *second;
	uint32_t *nano;
	unsigned seen;
	/* the number of local times that occur twice or never in the time zone */
	uint64_t twice, never;
	/* the first row that is not a time; the number of rows if there is none */
	size_t fault;
};

/*
 * Reads a column. zone is the time zone of local times; UTC leaves them unchanged. numbers is
 * scratch memory; second and nano of out have room for the rows of the block. Returns 0, or -1 if
 * memory ends; cells that are not times only set fault.
 */
int sdp_block_time_column(const struct sdp_block *block, size_t column,
			  const struct sdp_time_format *format, const struct sdp_tz *zone,
			  struct sdp_number_column *numbers, struct sdp_time_column *out,
			  struct sdp_err *err);

/*
 * Parses one text that is not null; a local time is not converted to UTC. Returns its SDP_TIMES_
 * bits, or 0 if it is not a time.
 */
unsigned sdp_instant_parse(const char *text, size_t length, const struct sdp_time_format *format,
			   char decimal, int64_t *second, uint32_t *nano);

#endif
