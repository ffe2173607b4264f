/*
 * Loads time zones from the system's files in TZDIR or /usr/share/zoneinfo (Debian package tzdata).
 */
#ifndef SDP_TABLE_TZ_LOAD_H
#define SDP_TABLE_TZ_LOAD_H

#include "base/tz.h"

/*
 * Returns the time zone with an IANA name such as "Europe/Berlin"; "UTC" needs no files. Free it
 * with free. Returns NULL with SDP_USAGE if no time zone has that name, and with SDP_SYSTEM if
 * there are no time zone files.
 */
struct sdp_tz *sdp_tz_load(const char *name, struct sdp_err *err);

#endif
