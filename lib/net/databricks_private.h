/* Between the files of Databricks. */
#ifndef SDP_NET_DATABRICKS_PRIVATE_H
#define SDP_NET_DATABRICKS_PRIVATE_H

#include "net/databricks.h"

struct sdp_databricks {
	const struct sdp_databricks_settings *settings;
	struct sdp_http *http;
	int retry_seconds;
	void (*tell)(const char *why);
	uint64_t pauses;
	bool finishing;
	bool lost; /* the last call ended without an answer, its time for tries over */
	struct sdp_buf authorization; /* "Authorization: …" */
	char *endpoint;               /* of tokens, once it is known */
	/* milliseconds of the monotonic clock; 0: never, or there is none yet */
	uint64_t expires;
};

/* ---- databricks_oauth.c ---- */

/* A header of who we are, fresh: fetches a token if it has to. */
int sdp_databricks_authorize(struct sdp_databricks *d, bool anew, struct sdp_err *err);

/* ---- databricks_try.c ---- */

/* One call by its URL, tried again where that may help; authorized: with that header. */
int sdp_databricks_try(struct sdp_databricks *d, struct sdp_databricks_call *call, const char *url,
		       const char *const *headers, size_t header_count, struct sdp_err *err);

#endif
