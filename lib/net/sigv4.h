/*
 * AWS Signature Version 4 (docs.aws.amazon.com, "Signature calculations for the Authorization
 * header"), by the rules for S3: the path is signed as it is sent, encoded once and not normalised.
 */
#ifndef SDP_NET_SIGV4_H
#define SDP_NET_SIGV4_H

#include "sdp/buf.h"

#include <time.h>

struct sdp_sigv4_keys {
	const char *id, *secret;      /* the access key */
	const char *region, *service; /* "us-east-1", "s3" */
};

struct sdp_sigv4_header {
	const char *name, *value;
};

/* The request to be signed.  All strings stay the caller's. */
struct sdp_sigv4_request {
	const char *method;
	const char *path;  /* percent-encoded, as it is sent; at least "/" */
	const char *query; /* percent-encoded, "a=1&b=", in any order; "" for none */
	/* the headers to be signed: host, x-amz-date and all other x-amz-* must be among them */
	const struct sdp_sigv4_header *headers;
	size_t header_count;
	const char *payload; /* the SHA-256 of the body in hexadecimal */
};

/* Writes a time as "20130524T000000Z" and a NUL, in UTC. */
enum { SDP_SIGV4_DATE = 17 };
void sdp_sigv4_date(time_t when, char out[SDP_SIGV4_DATE]);

/*
 * Appends the value of the header Authorization.  date must be equal to the header x-amz-date.
 * Returns 0, or -1 if there is no memory or OpenSSL fails.
 */
int sdp_sigv4_sign(const struct sdp_sigv4_keys *keys, const struct sdp_sigv4_request *request,
		   const char *date, struct sdp_buf *out, struct sdp_err *err);

#endif
