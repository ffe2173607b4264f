/* Between the files of S3. */
#ifndef SDP_NET_S3_PRIVATE_H
#define SDP_NET_S3_PRIVATE_H

#include "net/s3.h"

/* Starts an attempt of a call: makes its URL, hashes its body once, signs, hands it to HTTP. */
int sdp_s3_start(struct sdp_s3 *s3, struct sdp_s3_call *call, struct sdp_err *err);

/* One call; the answer stays in it. */
int sdp_s3_one(struct sdp_s3 *s3, struct sdp_s3_call *call, struct sdp_err *err);

#endif
