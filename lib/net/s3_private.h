/* Functions that the files of the S3 client share. */
#ifndef SDP_NET_S3_PRIVATE_H
#define SDP_NET_S3_PRIVATE_H

#include "net/s3.h"

/*
 * Starts one attempt of a call (s3_request.c): makes the URL, hashes the body if this is the first
 * attempt, signs the request and starts the HTTP call.  Returns 0 or -1.
 */
int sdp_s3_start(struct sdp_s3 *s3, struct sdp_s3_call *call, struct sdp_err *err);

/* Makes one call, with retries; it is sdp_s3_run with one call.  The answer stays in call->http. */
int sdp_s3_one(struct sdp_s3 *s3, struct sdp_s3_call *call, struct sdp_err *err);

#endif
