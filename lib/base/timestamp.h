/*
 * Timestamps as text: UTC in ISO 8601 with milliseconds, 2026-01-31T23:59:59.123Z, so that their
 * alphabetical order is their order in time.
 */
#ifndef SDP_BASE_TIMESTAMP_H
#define SDP_BASE_TIMESTAMP_H

#include <time.h>

/* Size of a buffer for a timestamp, in bytes. */
enum { SDP_TIMESTAMP_SIZE = 32 };

/* Prints the current time. */
void sdp_timestamp_now(char out[SDP_TIMESTAMP_SIZE]);

/* Prints a time since 1970-01-01 UTC; parts of a millisecond are cut off. */
void sdp_timestamp_print(char out[SDP_TIMESTAMP_SIZE], const struct timespec *when);

/*
 * Returns the seconds since 1970-01-01 UTC of a timestamp; NaN if text (may be NULL) is none, or if
 * there is no such day, hour, minute or second.
 */
double sdp_timestamp_seconds(const char *text);

#endif
