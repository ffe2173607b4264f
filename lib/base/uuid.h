/*
 * UUIDs of version 7 (RFC 9562): names that nobody else gives, in the order of their making.
 */
#ifndef SDP_BASE_UUID_H
#define SDP_BASE_UUID_H

#include "sdp/err.h"

#include <stdbool.h>

enum { SDP_UUID_LENGTH = 36 };

/*
 * Milliseconds since 1970, twelve bits of their fraction, and 62 random bits, as
 * 01933a2e-5b6c-7def-8123-456789abcdef.
 */
int sdp_uuid_new(char out[SDP_UUID_LENGTH + 1], struct sdp_err *err);

/* Is text (36 bytes, no more) a UUID in lower case, of any version? */
bool sdp_uuid_valid(const char *text);

#endif
