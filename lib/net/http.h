/*
 * HTTP on libcurl: several calls at once in one process, bodies from memory or a file, certificates
 * always verified, no redirects followed.
 *
 *	start(call) … start(call)      wait -> a call that ended; start it again, or not
 *
 * A call belongs to its user, who keeps it where it is until it has ended or was cancelled, and
 * releases it.  Nothing is retried here.
 */
#ifndef SDP_NET_HTTP_H
#define SDP_NET_HTTP_H

#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_http_options {
	const char *ca_file; /* certificates to trust; NULL: the system's */
	int stall;           /* seconds without a byte before a call fails */
	const char *agent;
	bool direct; /* past any proxy of the environment */
};

struct sdp_http;

struct sdp_http_call {
	/* What is asked; texts stay the user's. */
	const char *method; /* GET, HEAD, PUT, POST, PATCH, DELETE */
	const char *url;
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	const void *bytes; /* the body, where fd is -1 */
	/* on a connection of its own: libcurl then never sends it twice by itself */
	bool fresh_connection;
	int fd; /* else bytes of this file from offset on */
	uint64_t offset, length;
	/* Takes the body of an answer of 2xx; NULL: it goes to answer.  Fails like any function. */
	int (*sink)(void *context, int status, const char *bytes, size_t length,
		    struct sdp_err *err);
	void *context;

	/* What came of it. */
	int status; /* 0: there was no whole answer, failure says why */
	char failure[256];
	bool permanent;      /* that failure will come again: a certificate, a URL */
	int64_t retry_after; /* seconds, 0: not said */
	int64_t date;        /* of the answer, seconds since 1970; 0: not said */
	bool request_sent;   /* something of the request was sent */
	bool sink_failed;    /* with err of the sink in sink_err */
	struct sdp_err sink_err;
	struct sdp_buf head, body;
	uint64_t sent; /* bytes of the body so far */

	/* private */
	struct sdp_http *http;
	void *handle, *list;
	uint64_t at;
};

struct sdp_http *sdp_http_new(const struct sdp_http_options *options, struct sdp_err *err);
void sdp_http_free(struct sdp_http *http);

int sdp_http_start(struct sdp_http *http, struct sdp_http_call *call, struct sdp_err *err);

/*
 * Goes on with all calls until one has ended (1: *ended) or some milliseconds are over (0).  -1:
 * libcurl failed, or a signal asks to end and nothing is being finished.
 */
int sdp_http_wait(struct sdp_http *http, int milliseconds, struct sdp_http_call **ended,
		  struct sdp_err *err);

/* From here on signals do not interrupt: for the last calls that tidy up. */
void sdp_http_finishing(struct sdp_http *http);

/* Ends a call that goes on; nothing happens to one that does not. */
void sdp_http_cancel(struct sdp_http_call *call);

void sdp_http_call_release(struct sdp_http_call *call);

/* Is it one that a call can have: a port beyond 65535, say, is not. */
bool sdp_http_is_url(const char *url);

/* The value of a header of the answer, blanks around it taken off; NULL if there is none. */
const char *sdp_http_header(const struct sdp_http_call *call, const char *name, size_t *length);

#endif
