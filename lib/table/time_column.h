/*
 * A column of a block as points in time.
 *
 * Without a format, a cell is ISO 8601 as in type.h, a month ("2013-01"), or a number that counts
 * since 1970 by guess (table/time_guess.h). The forms that occur are collected, so that the caller
 * can check the column as a whole.
 */
#ifndef SDP_TABLE_TIME_COLUMN_H
#define SDP_TABLE_TIME_COLUMN_H

#include "base/tz.h"
#include "sdp/block.h"
#include "table/time_pattern.h"

/* What numbers of seconds, milliseconds, microseconds and nanoseconds are called. */
enum { SDP_TIME_UNITS = 4 };
extern const char *const sdp_time_units[SDP_TIME_UNITS];

struct sdp_time_format {
	enum {
		SDP_TIMES_ANY,
		SDP_TIMES_NUMBER, /* the number counts units of 10^-digits seconds */
		SDP_TIMES_PATTERN,
	} kind;
	int digits; /* 0, 3, 6 or 9 */
	struct sdp_time_pattern pattern;
};

/*
 * Parses a format. text is s, ms, us or ns, NULL for any form, or a pattern (table/time_pattern.h).
 * Returns 0 or -1.
 */
int sdp_time_format_init(struct sdp_time_format *format, const char *text, struct sdp_err *err);

enum {
	SDP_TIMES_LOCAL = 1,
	SDP_TIMES_ZONED = 2,
	SDP_TIMES_COUNTED = 4, /* a number; if its unit is guessed, that follows: */
	SDP_TIMES_S = 8,
	SDP_TIMES_MS = 16,
	SDP_TIMES_US = 32,
	SDP_TIMES_NS = 64,
	SDP_TIMES_COMPACT = 128, /* a number that also looks like a date in digits */
	SDP_TIMES_WRITTEN = 256, /* not a number */
	SDP_TIMES_CLOCK = 512,   /* written with a time of day or a zone: not a mere date */
};

/* What the numbers of a column look like: one of the four units, and dates in digits. */
enum { SDP_TIME_COMPACT = SDP_TIME_UNITS, SDP_TIME_LOOKS };

#define SDP_NO_TIME INT64_MIN

struct sdp_time_column {
	/* seconds since 1970-01-01 UTC, in the years 0 to 9999; SDP_NO_TIME: null */
	int64_t *second;
	uint32_t *nano;
	unsigned seen;
	/* for each look: the number of such cells, and the first row of them */
	uint64_t looks[SDP_TIME_LOOKS];
	size_t first[SDP_TIME_LOOKS];
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
