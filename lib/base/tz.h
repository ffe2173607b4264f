/*
 * Time zones: conversion between instants and local time.
 *
 * A time zone is a list of stretches of time with a constant offset from UTC, up to the end of the
 * year 9999; a rule for the future is expanded into such stretches.  The struct has no pointers: it
 * can be copied (size bytes), also into shared memory.
 *
 * Instants are seconds since 1970-01-01 UTC.  Local times are seconds since 1970-01-01 as the local
 * clock shows them.
 */
#ifndef SDP_BASE_TZ_H
#define SDP_BASE_TZ_H

#include "sdp/err.h"

#include <stdbool.h>

struct sdp_tz_stretch {
	int64_t from;   /* its first instant; ascending; INT64_MIN in the first stretch */
	int32_t offset; /* local time − UTC in seconds; differs from that of the stretch before */
};

struct sdp_tz {
	size_t size;  /* bytes of the struct with all stretches */
	size_t count; /* of stretches, at least one */
	struct sdp_tz_stretch stretches[];
};

/*
 * Returns the time zone UTC, which also serves for times that have no time zone.  The caller frees
 * it with free().
 */
struct sdp_tz *sdp_tz_utc(struct sdp_err *err);

/*
 * Returns the time zone in the bytes of a TZif file (RFC 9636) of version 1 to 4, whose footer is a
 * POSIX TZ string.  The caller frees it with free().  Returns NULL with SDP_SYSTEM if the bytes are
 * no such file or the file counts leap seconds.
 */
struct sdp_tz *sdp_tzif_parse(const void *bytes, size_t length, struct sdp_err *err);

/*
 * Returns the index of the stretch that contains an instant.  hint, which may be any number, is the
 * index that is tried first.
 */
size_t sdp_tz_find(const struct sdp_tz *zone, int64_t instant, size_t hint);

/* Returns the instant at which a stretch ends, which is not part of it; INT64_MAX for the last. */
static inline int64_t sdp_tz_until(const struct sdp_tz *zone, size_t stretch)
{
	return stretch + 1 < zone->count ? zone->stretches[stretch + 1].from : INT64_MAX;
}

/* How often the local clock shows a time: twice if it was put back, never if it was put forward. */
enum sdp_tz_local { SDP_LOCAL_ONCE, SDP_LOCAL_TWICE, SDP_LOCAL_NEVER };

/*
 * Returns the instant of a local time and sets *how.  If the clock shows the time twice, this is
 * the first instant.  If the clock never shows it because it was put forward, the time is taken to
 * be later by the amount by which the clock was put forward (2:30 as 3:30).
 */
int64_t sdp_tz_instant(const struct sdp_tz *zone, int64_t local, enum sdp_tz_local *how);

#endif
