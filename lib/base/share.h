/*
 * Shares between 0 and 1, as options take them: 0.2 or 20%.
 */
#ifndef SDP_BASE_SHARE_H
#define SDP_BASE_SHARE_H

#include "sdp/err.h"
#include "sdp/num.h"

/*
 * Parses a number from 0 to 1, which may have an exponent and leading zeros, or a percentage from
 * 0% to 100%, which must be a decimal of at most 16 places.  A percentage becomes the share: 20% is
 * 0.2, also in out->real.  Blanks are not allowed.  *percent is whether the text ends with '%'.
 *
 * Returns false if the text is neither.  Even then *out is the number without the '%', if it is a
 * number: integers that are not shares may mean something else.
 */
bool sdp_share_parse(const char *text, struct sdp_number *out, bool *percent);

/*
 * Fails with SDP_USAGE for a text that is not a share; of a number from 2 to 100 the message asks
 * whether it is a percentage.  option is the long name, without dashes.  Returns -1.
 */
int sdp_share_fail(const char *option, const char *text, struct sdp_err *err);

#endif
