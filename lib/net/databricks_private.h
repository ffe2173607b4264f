/* The client of the Databricks API, and functions that its files share. */
#ifndef SDP_NET_DATABRICKS_PRIVATE_H
#define SDP_NET_DATABRICKS_PRIVATE_H

#include "net/databricks.h"

struct sdp_databricks {
	const struct sdp_databricks_settings *settings;
	struct sdp_http *http;
	int retry_seconds;
	void (*on_retry)(const char *why);
	uint64_t pauses; /* counts the pauses, for the random numbers */
	bool timed_out;  /* the last call had no answer in any attempt within retry_seconds */
	struct sdp_buf authorization; /* "Authorization: …" */
	char *endpoint;               /* the URL for OAuth tokens; NULL: not known yet */
	/*
	 * when to renew the OAuth token: ms of the monotonic clock; 0: no token, or it never
	 * expires
	 */
	uint64_t expires;
};

/* ---- databricks_oauth.c ---- */

/*
 * Sets d->authorization to a valid header.  An OAuth token is fetched if there is none, if it
 * expires, or if renew is true.  Returns 0 or -1.
 */
int sdp_databricks_authorize(struct sdp_databricks *d, bool renew, struct sdp_err *err);

/* ---- databricks_try.c ---- */

/*
 * Makes a call to url with these headers, with retries, and stores the result in call.  It does not
 * add the header Authorization.  Returns 0 after an answer with a status of 2xx, else -1.
 */
int sdp_databricks_try(struct sdp_databricks *d, struct sdp_databricks_call *call, const char *url,
		       const char *const *headers, size_t header_count, struct sdp_err *err);

#endif
