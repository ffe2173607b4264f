/*
 * Time zones: what the local clock shows at an instant, and back.
 *
 * A zone is a list of stretches of constant offset, to the end of the year 9999: a rule for the
 * future is written out.  The struct is flat and may be copied (size bytes) to shared memory.
 * Instants are seconds since 1970-01-01 UTC; local times count seconds as the clock shows them.
 */
#ifndef SDP_BASE_TZ_H
#define SDP_BASE_TZ_H

#include "sdp/err.h"

#include <stdbool.h>

struct sdp_tz_stretch {
	int64_t from;   /* instant; INT64_MIN in the first, ascending */
	int32_t offset; /* local time − UTC; not that of the stretch before */
};

struct sdp_tz {
	size_t size;  /* bytes of the whole */
	size_t count; /* stretches, at least one */
	struct sdp_tz_stretch stretches[];
};

/* UTC, which is also the clock of times that have no zone. */
struct sdp_tz *sdp_tz_utc(struct sdp_err *err);

/*
 * From the bytes of a TZif file (RFC 9636), version 1 to 4, its footer being a POSIX TZ string. 
 * NULL if it is none, or counts leap seconds (code SDP_SYSTEM).  Free with free.
 */
struct sdp_tz *sdp_tzif_parse(const void *bytes, size_t length, struct sdp_err *err);

/* The stretch that holds an instant.  hint: where to look first, any number. */
size_t sdp_tz_find(const struct sdp_tz *zone, int64_t instant, size_t hint);

/* The end of a stretch: INT64_MAX for the last. */
static inline int64_t sdp_tz_until(const struct sdp_tz *zone, size_t stretch)
{
	return stretch + 1 < zone->count ? zone->stretches[stretch + 1].from : INT64_MAX;
}

enum sdp_tz_local { SDP_LOCAL_ONCE, SDP_LOCAL_TWICE, SDP_LOCAL_NEVER };

/*
 * The instant at which the clock shows a local time: the first, if it does twice; if it never does,
 * because it was put forward, as much later as it was put forward (2:30 as 3:30).
 */
int64_t sdp_tz_instant(const struct sdp_tz *zone, int64_t local, enum sdp_tz_local *how);

#endif
