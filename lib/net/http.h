/*
 * An HTTP/1.1 client on libcurl.  It makes several calls at once in one process.  The body of a
 * request comes from memory or from a file.  Certificates are always verified, and redirects are
 * not followed.
 *
 *	sdp_http_start(call), …
 *	sdp_http_wait            a call has ended: start it again, or release it
 *
 * The caller owns each struct sdp_http_call and must not move it while the call is active.  Nothing
 * is retried here.
 */
#ifndef SDP_NET_HTTP_H
#define SDP_NET_HTTP_H

#include "sdp/buf.h"

#include <stdbool.h>

/* The strings must outlive the client. */
struct sdp_http_options {
	const char *ca_file; /* certificates to trust; NULL: those of the system */
	int stall;           /* seconds without any data after which a call fails */
	const char *agent;   /* the header User-Agent */
	bool direct;         /* ignore the proxy settings of the environment */
};

struct sdp_http;

/* One call.  A zeroed struct with a request filled in can be started; fd must be -1 or open. */
struct sdp_http_call {
	/* The request.  Strings and bytes stay the caller's and must not change during the call. */
	const char *method; /* GET, HEAD, PUT, POST, PATCH, DELETE */
	const char *url;
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	const void *bytes; /* the body, if fd is -1 */
	/*
	 * Use a new connection.  libcurl may send a request again if a reused connection turns out
	 * to be closed; on a new connection it never does.
	 */
	bool fresh_connection;
	int fd; /* the body is length bytes of this file from offset on; -1: it is bytes */
	uint64_t offset, length;
	/*
	 * Receives the body of an answer with a status of 2xx, piece by piece; it returns 0, or -1
	 * with err, which ends the call.  If it is NULL, and for other statuses, the body is kept
	 * in body, up to 64 MiB.
	 */
	int (*sink)(void *context, int status, const char *bytes, size_t length,
		    struct sdp_err *err);
	void *context;

	/* The result, valid when the call has ended. */
	int status; /* 0: there is no complete answer; failure says why */
	char failure[256];
	bool permanent;      /* the failure would occur again: a certificate, a malformed URL */
	int64_t retry_after; /* seconds, from the header Retry-After; 0: none */
	int64_t date;        /* seconds since 1970, from the header Date; 0: none */
	bool request_sent;   /* at least part of the request has been sent */
	bool sink_failed;    /* the sink returned -1, or the file of the body cannot be read */
	struct sdp_err sink_err;
	struct sdp_buf head, body; /* the headers and the body of the answer */
	uint64_t sent;             /* bytes of the request's body sent so far */

	/* private */
	struct sdp_http *http;
	void *handle, *list;
	uint64_t at;
};

/* Returns a new client, or NULL with err. */
struct sdp_http *sdp_http_new(const struct sdp_http_options *options, struct sdp_err *err);
/* Frees the client; all calls must have ended or been cancelled. */
void sdp_http_free(struct sdp_http *http);

/* Starts a call; sdp_http_wait drives it.  Returns 0, or -1 with err and the call is not active. */
int sdp_http_start(struct sdp_http *http, struct sdp_http_call *call, struct sdp_err *err);

/*
 * Drives all active calls.  Returns 1 as soon as one of them has ended, and stores it in *ended;
 * 0 after so many milliseconds; -1 if libcurl fails or a signal asks the process to end
 * (base/signals.h).
 */
int sdp_http_wait(struct sdp_http *http, int milliseconds, struct sdp_http_call **ended,
		  struct sdp_err *err);

/* Makes sdp_http_wait ignore signals (on) or obey them, for calls that finish or clean up. */
void sdp_http_finishing(struct sdp_http *http, bool on);

/* Ends a call at once if it is active. */
void sdp_http_cancel(struct sdp_http_call *call);

/* Cancels the call and frees its result. */
void sdp_http_call_release(struct sdp_http_call *call);

/* Returns whether libcurl accepts the URL; it rejects, for example, a port above 65535. */
bool sdp_http_is_url(const char *url);

/*
 * Returns the value of a header of the answer, without blanks around it, or NULL if there is none.
 * The case of name is ignored.  The value is *length bytes in call->head and is not ended by a NUL.
 */
const char *sdp_http_header(const struct sdp_http_call *call, const char *name, size_t *length);

#endif
