/*
 * Sizes and durations as people read them: "12.3 MB", "456 ms", "1 h 5 min".  Documents keep bytes
 * and seconds; these texts are for tables, messages and progress lines.
 */
#ifndef SDP_BASE_HUMAN_H
#define SDP_BASE_HUMAN_H

#include <stddef.h>

enum { SDP_HUMAN_TEXT = 48, SDP_HUMAN_DIGITS = 3 };

/*
 * Prints a number of bytes (not negative) and returns the length.  A unit is 1000 times the one
 * before: B, kB, MB, GB, TB, PB, EB.  Below 1000 bytes it is the rounded number; otherwise it has
 * digits significant digits (1 to 17) and the unit in which it stays below 1000.
 */
size_t sdp_human_bytes(char out[SDP_HUMAN_TEXT], double bytes, int digits);

/*
 * Prints a duration in seconds and returns the length.  It has digits significant digits (1 to 17)
 * and the unit s, ms, µs or ns: "59.9 s", "12.0 ms".  From a minute on it has two whole numbers:
 * "1 min 5 s", "2 h 0 min", "3 d 4 h"; with more than SDP_HUMAN_DIGITS others may follow, as in
 * "1 min 5.25 s", "3 d 4 h 0 min 7 s".  A negative duration begins with a minus.
 */
size_t sdp_human_seconds(char out[SDP_HUMAN_TEXT], double seconds, int digits);

#endif
