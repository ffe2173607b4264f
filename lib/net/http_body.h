/*
 * The body of a file that is received over HTTP, in as many attempts as it takes.  Whatever
 * servers, proxies and lost connections do, the sink receives the bytes of one version of the file,
 * each once and in order, or the transfer fails.
 *
 *	first attempt   ├── delivered ──┤ lost
 *	next attempt                    ├── rest ──┤    asked for alone, with a strong ETag
 *	             or ├── compared ───┼── rest ──┤    otherwise
 *
 * A strong ETag (RFC 9110, 8.8) means the same bytes.  A weak one, or Last-Modified, does not: the
 * bytes that the sink already has must then have the same SHA-256 digest in the new answer.
 *
 * An answer is refused before any of its bytes is delivered if it is a part that was not asked for,
 * if it is compressed, or if it does not say where it ends, because a lost connection then looks
 * like its end.
 */
#ifndef SDP_NET_HTTP_BODY_H
#define SDP_NET_HTTP_BODY_H

#include "net/http.h"
#include "net/sha256.h"

/* One body.  A struct is ready for use if all members that the caller does not set are zero. */
struct sdp_http_body {
	/* Set by the caller; the strings stay the caller's. */
	const char *name; /* of the file, in messages */
	int (*sink)(void *context, const void *bytes, size_t length, struct sdp_err *err);
	void *context;
	const char *mark; /* a header that all answers of the service have; or NULL */
	bool encoded; /* Content-Encoding belongs to the file; its bytes are taken as they are */

	uint64_t delivered; /* bytes that the sink has received */
	char version[200];  /* ETag of the delivered bytes, or else Last-Modified; "": neither */

	/* private */
	bool strong;                 /* version is a strong ETag */
	bool whole;                  /* the server has failed to give the rest alone */
	bool rest;                   /* this attempt asks for the rest */
	bool begun;                  /* the head of this attempt's answer is checked */
	bool again;                  /* another attempt is to begin at once */
	uint64_t total;              /* bytes of the file; UINT64_MAX: not known */
	uint64_t skip;               /* bytes of this answer that are only compared */
	struct sdp_sha256 *digest;   /* of the delivered bytes */
	struct sdp_sha256 *compared; /* of the same bytes in this answer */
	char delivered_hex[SDP_SHA256_HEX];
};

/* Room for the value of the header Range. */
enum { SDP_HTTP_RANGE = 40 };

/*
 * Begins an attempt.  Returns whether it has to ask for the rest: with the header Range, whose
 * value range receives, and with version as the value of If-Range or If-Match.
 */
bool sdp_http_body_begin(struct sdp_http_body *body, char range[SDP_HTTP_RANGE]);

/* Takes bytes of an answer.  Returns 0, or -1 with err, which ends the attempt. */
int sdp_http_body_take(struct sdp_http_body *body, const struct sdp_http_call *http, int status,
		       const char *bytes, size_t length, struct sdp_err *err);

/*
 * Ends an attempt.  Returns 1 if the status and failure of the call decide what happens (the body
 * is complete if the status is 2xx), 0 if another attempt has to begin at once, or -1 with err.
 */
int sdp_http_body_end(struct sdp_http_body *body, struct sdp_http_call *http, struct sdp_err *err);

void sdp_http_body_release(struct sdp_http_body *body);

#endif
