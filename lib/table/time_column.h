/*
 * A column of a block as points in time.
 *
 * Without a format a cell is ISO 8601 as in type.h, a month ("2013-01"), or a number that counts
 * from 1970 what its magnitude suggests: below 10^11 seconds, below 10^14 milliseconds, below 10^17
 * microseconds, else nanoseconds.  What was seen is told, so that the whole column can be judged.
 */
#ifndef SDP_TABLE_TIME_COLUMN_H
#define SDP_TABLE_TIME_COLUMN_H

#include "base/tz.h"
#include "sdp/block.h"

enum { SDP_PATTERN_MAX = 100 };

struct sdp_time_format {
	enum {
		SDP_TIMES_ANY,
		SDP_TIMES_NUMBER, /* counts 10^-digits seconds */
		SDP_TIMES_PATTERN,
	} kind;
	int digits;                    /* 0, 3, 6 or 9 */
	bool zoned;                    /* the pattern reads a zone */
	char pattern[SDP_PATTERN_MAX]; /* of strptime(3) … */
	char fraction[SDP_PATTERN_MAX]; /* … then, if after_fraction, digits of a second and this */
	bool has_fraction;
};

/*
 * text: s, ms, us, ns, NULL for any, or a pattern of strptime(3) in the C locale, of which those
 * directives are taken that together can only mean one time, and %f, a fraction of a second.
 */
int sdp_time_format_init(struct sdp_time_format *format, const char *text, struct sdp_err *err);

enum {
	SDP_TIMES_LOCAL = 1,
	SDP_TIMES_ZONED = 2,
	SDP_TIMES_COUNTED = 4, /* a number; and which, unless it was 0: */
	SDP_TIMES_S = 8,
	SDP_TIMES_MS = 16,
	SDP_TIMES_US = 32,
	SDP_TIMES_NS = 64,
	SDP_TIMES_NOT_YEAR = 128, /* a number that cannot be a year … */
	SDP_TIMES_NOT_DATE = 256, /* … that cannot be a date like 20130131 */
	SDP_TIMES_WRITTEN = 512,  /* no number */
};

#define SDP_NO_TIME INT64_MIN

struct sdp_time_column {
	int64_t *second; /* since 1970-01-01 UTC, of the years 0 to 9999; SDP_NO_TIME: null */
	uint32_t *nano;
	unsigned seen;
	uint64_t twice, never; /* local times that the clock showed so often */
	size_t fault;          /* the first row that is no time; the block's rows if none */
};

/*
 * zone: of local times; UTC where they are taken as they are.  numbers is scratch; second and nano
 * of out have room for the block's rows.
 */
int sdp_block_time_column(const struct sdp_block *block, size_t column,
			  const struct sdp_time_format *format, const struct sdp_tz *zone,
			  struct sdp_number_column *numbers, struct sdp_time_column *out,
			  struct sdp_err *err);

/* One text, not null: its SDP_TIMES_ bits, 0 if it is no time; local ones are not yet in UTC. */
unsigned sdp_instant_parse(const char *text, size_t length, const struct sdp_time_format *format,
			   char decimal, int64_t *second, uint32_t *nano);

#endif
