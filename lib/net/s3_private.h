/* Functions that the files of the S3 client share. */
#ifndef SDP_NET_S3_PRIVATE_H
#define SDP_NET_S3_PRIVATE_H

#include "net/s3.h"

/*
 * Prepares one attempt of a call (s3_request.c): makes the URL, hashes the body if this is the
 * first attempt, and signs the request.  Returns 0 or -1.
 */
int sdp_s3_prepare(struct sdp_s3 *s3, struct sdp_s3_call *call, struct sdp_err *err);

/* Makes one call, with retries; it is sdp_s3_run with one call.  The answer stays in call->http. */
int sdp_s3_one(struct sdp_s3 *s3, struct sdp_s3_call *call, struct sdp_err *err);

/* ---- lists that come in pages (s3_pages.c) ---- */

/* Where a page begins: an element of the page before it, and the parameter "&NAME=" for it. */
struct sdp_s3_marker {
	const char *element, *parameter;
};

struct sdp_s3_pages {
	const char *key;                 /* NULL: the bucket */
	const char *query;               /* of the first page */
	const char *root, *item, *what;  /* elements of the list and of an item; "objects" */
	struct sdp_s3_marker markers[2]; /* the second one may be zero */
	/* receives the text of an item; returns 0 to go on, another value to end the list */
	int (*each)(void *context, const char *text, size_t length, struct sdp_err *err);
	void *context;
};

/* Reads all pages. Returns 0, the value of each that ended the list, or -1. */
int sdp_s3_read_pages(struct sdp_s3 *s3, const struct sdp_s3_pages *pages, struct sdp_err *err);

/* Appends text, which ends with "NAME=", and the value, percent-encoded. */
int sdp_s3_add_parameter(struct sdp_buf *query, const char *text, const char *value,
			 struct sdp_err *err);

#endif
