/*
 * AWS Signature Version 4 (docs.aws.amazon.com, "Signature calculations for the Authorization
 * header").
 *
 * S3's rules hold: the path is signed as it is sent, encoded once and not normalised.
 */
#ifndef SDP_NET_SIGV4_H
#define SDP_NET_SIGV4_H

#include "sdp/buf.h"

#include <time.h>

struct sdp_sigv4_keys {
	const char *id, *secret;
	const char *region, *service;
};

struct sdp_sigv4_header {
	const char *name, *value;
};

struct sdp_sigv4_request {
	const char *method;
	const char *path;  /* as sent: encoded, "/" at least */
	const char *query; /* encoded, "a=1&b=" in any order; "" for none */
	/* Those to be signed: host, x-amz-date and all other x-amz-* must be among them. */
	const struct sdp_sigv4_header *headers;
	size_t header_count;
	const char *payload; /* SHA-256 of the body in hexadecimal */
};

/* 20130524T000000Z */
enum { SDP_SIGV4_DATE = 17 };
void sdp_sigv4_date(time_t when, char out[SDP_SIGV4_DATE]);

/* The canonical request: a step of sdp_sigv4_sign, for tests. */
int sdp_sigv4_canonical(const struct sdp_sigv4_request *request, struct sdp_buf *out,
			struct sdp_err *err);

/*
 * Appends the value of the header Authorization.  date: as the header x-amz-date has it.
 */
int sdp_sigv4_sign(const struct sdp_sigv4_keys *keys, const struct sdp_sigv4_request *request,
		   const char *date, struct sdp_buf *out, struct sdp_err *err);

#endif
