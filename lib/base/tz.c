/* Time zones: the offset at an instant, and the instant of a local time. */
#include "base/tz.h"

#include "sdp/mem.h"

/* No time zone is further from UTC: RFC 9636 allows offsets of less than 26 hours. */
enum { OFFSET_MAX = 26 * 3600 };

struct sdp_tz *sdp_tz_utc(struct sdp_err *err)
{
	size_t size = sizeof(struct sdp_tz) + sizeof(struct sdp_tz_stretch);
	struct sdp_tz *zone = sdp_alloc(1, size, err);
	if (!zone)
		return NULL;
	zone->size = size;
	zone->count = 1;
	zone->stretches[0].from = INT64_MIN;
	return zone;
}

size_t sdp_tz_find(const struct sdp_tz *zone, int64_t instant, size_t hint)
{
	if (hint < zone->count && zone->stretches[hint].from <= instant &&
	    instant < sdp_tz_until(zone, hint))
		return hint;
	size_t low = 0, high = zone->count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (zone->stretches[middle].from <= instant)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int64_t sdp_tz_instant(const struct sdp_tz *zone, int64_t local, enum sdp_tz_local *how)
{
	int64_t first = 0, shifted = local - zone->stretches[0].offset;
	int found = 0;
	for (size_t i = sdp_tz_find(zone, local - OFFSET_MAX, 0); i < zone->count; i++) {
		const struct sdp_tz_stretch *s = &zone->stretches[i];
		int64_t instant = local - s->offset;
		if (s->from > local + OFFSET_MAX)
			break;
		if (instant >= sdp_tz_until(zone, i)) {
			/*
			 * By the clock of this stretch the time is after its end.  That is the
			 * result if no later stretch has the time.
			 */
			shifted = instant;
			continue;
		}
		if (instant >= s->from && found++ == 0)
			first = instant;
	}
	*how = found == 0 ? SDP_LOCAL_NEVER : found == 1 ? SDP_LOCAL_ONCE : SDP_LOCAL_TWICE;
	return found ? first : shifted;
}
