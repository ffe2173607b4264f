/*
 * The system's collection of time zones: TZDIR, or /usr/share/zoneinfo (Debian's package tzdata).
 */
#ifndef SDP_TABLE_TZ_LOAD_H
#define SDP_TABLE_TZ_LOAD_H

#include "base/tz.h"

/*
 * The zone of an IANA name ("Europe/Berlin"; "UTC" needs no files); free with free.  NULL with
 * SDP_USAGE if there is none of that name, with SDP_SYSTEM if there is no collection.
 */
struct sdp_tz *sdp_tz_load(const char *name, struct sdp_err *err);

#endif
