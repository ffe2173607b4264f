/*
 * UUIDs of version 7 (RFC 9562): unique names whose alphabetical order is the order in which they
 * were created.
 */
#ifndef SDP_BASE_UUID_H
#define SDP_BASE_UUID_H

#include "sdp/err.h"

#include <stdbool.h>

enum { SDP_UUID_LENGTH = 36 };

/*
 * Creates a UUID from the milliseconds since 1970, 12 bits of their fraction, and 62 random bits:
 * 01933a2e-5b6c-7def-8123-456789abcdef.  Fails with SDP_SYSTEM if there are no random bytes.
 */
int sdp_uuid_new(char out[SDP_UUID_LENGTH + 1], struct sdp_err *err);

/* Returns whether text is a UUID in lower case, of any version, and nothing more (36 bytes). */
bool sdp_uuid_valid(const char *text);

#endif
