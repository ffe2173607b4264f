/*
 * HTTP calls that are repeated after transient failures: several at once, each until it has
 * succeeded or has failed permanently.
 *
 *	waiting ──due──▶ started ──answer──▶ ended        success
 *	   ▲                        ├──────▶ failed
 *	   └────────────────────────┘ retry, at the time that the answer sets
 *
 * The caller decides which answers are a success or a failure, and how long to wait.
 */
#ifndef SDP_NET_HTTP_RETRY_H
#define SDP_NET_HTTP_RETRY_H

#include "net/http_body.h"

/* One call.  A zeroed struct is ready for use. */
struct sdp_http_retry {
	struct sdp_http_call *http;
	/*
	 * Receives the body of answers with a status of 2xx, even if several attempts are needed.
	 * NULL: the body is kept in http->body.
	 */
	struct sdp_http_body *body;

	/* The state. */
	uint64_t due; /* when to try again, ms of the monotonic clock; answer sets it */
	int tries;    /* attempts */
	bool started; /* an attempt is active */
	bool ended;   /* the call is not made again */
	char range[SDP_HTTP_RANGE]; /* the header Range of this attempt; "": none (http_body.h) */
};

/* Several calls. */
struct sdp_http_retries {
	struct sdp_http *http;
	size_t count;
	int parallel; /* the most calls at once */
	/* Returns a call. */
	struct sdp_http_retry *(*call)(void *context, size_t index);
	/* Prepares an attempt: fills http with a request.  Returns 0 or -1.  It may be NULL. */
	int (*prepare)(void *context, struct sdp_http_retry *call, struct sdp_err *err);
	/*
	 * Classifies an answer.  If its status is 2xx, the body is complete.  Returns 1 if the call
	 * has ended, 0 to try again, or -1 if it failed, so that the other calls are cancelled.
	 */
	int (*answer)(void *context, struct sdp_http_retry *call, struct sdp_err *err);
	void (*tick)(void *context); /* called several times a second; or NULL */
	void *context;
};

/*
 * Makes all calls that have not ended.  Returns 0; if one fails or a signal asks the process to
 * end, cancels the others and returns -1.
 */
int sdp_http_retry_all(const struct sdp_http_retries *calls, struct sdp_err *err);

/* Returns a random number of milliseconds below most; *count is a counter of the caller. */
uint64_t sdp_http_random_ms(uint64_t most, uint64_t *count);

#endif
