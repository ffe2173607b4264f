/*
 * Moments as text: UTC by ISO 8601, as 2026-01-31T23:59:59.123Z, so that their order as text is
 * that of time.
 */
#ifndef SDP_BASE_TIMESTAMP_H
#define SDP_BASE_TIMESTAMP_H

#include <time.h>

enum { SDP_TIMESTAMP_SIZE = 32 };

/* The present one. */
void sdp_timestamp_now(char out[SDP_TIMESTAMP_SIZE]);

void sdp_timestamp_print(char out[SDP_TIMESTAMP_SIZE], const struct timespec *moment);

/* Seconds since 1970 of such a text, NaN if it is none. */
double sdp_timestamp_seconds(const char *text);

#endif
