/*
 * Patterns of times, as in strptime(3) in the C locale, and stricter where a number could be read
 * in two ways: %Y and %G have four digits, and directives without anything between them (%d%m%Y)
 * have all their digits, except that a first one of two digits may lack its zero.
 *
 *	%Y %m %d %e %b %B %h %y %j	the date, also %D and %F
 *	%G %V %u			the date by ISO weeks; without %u, its Monday
 *	%H %k, or %I %l with %p		the hour
 *	%M %S %f			minute, second, and the digits of its fraction; %T, %R
 *	%z %Z				the zone, as in sdp_zone_parse; %Z reads only UTC, GMT and Z
 *	%s				seconds since 1970, with %f if need be, and nothing else
 *	%a %A				the name of a weekday, which is ignored
 *	%n %t and blanks		any number of blanks
 *
 * What a pattern does not mention is that of 1970-01-01 00:00.
 */
#ifndef SDP_TABLE_TIME_PATTERN_H
#define SDP_TABLE_TIME_PATTERN_H

#include "sdp/err.h"

#include <stdbool.h>

enum { SDP_TIME_PATTERN_MAX = 100 };

struct sdp_time_pattern {
	bool zoned;      /* it reads a zone, or %s */
	bool clock;      /* it reads more than a date */
	bool zone_names; /* it has a %Z */
	/* the pattern, with %T, %D, %F and %R written out */
	char text[4 * SDP_TIME_PATTERN_MAX];
};

/*
 * Checks a pattern of less than SDP_TIME_PATTERN_MAX bytes.  Each part of a time must be given
 * once.  Returns 0, or -1 (SDP_USAGE).
 */
int sdp_time_pattern_init(struct sdp_time_pattern *pattern, const char *text, struct sdp_err *err);

/*
 * Parses a text.  Sets *second and *nano since 1970-01-01, in UTC if the pattern is zoned.  Returns
 * whether it is a time of the pattern.
 */
bool sdp_time_pattern_parse(const struct sdp_time_pattern *pattern, const char *text, size_t length,
			    int64_t *second, uint32_t *nano);

#endif
