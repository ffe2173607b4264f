/*
 * The REST API of a Databricks workspace: who we are there, and calls that are tried again.
 *
 * Settings come from options, then the environment, then a profile of ~/.databrickscfg
 * (DATABRICKS_CONFIG_FILE), each with its source.  A call is tried again after 429 and 503, when
 * Retry-After says or after a second, and after network failures if it may be made twice, for
 * retry_seconds from the first failure on.  A token of OAuth is fetched when it is needed, and anew
 * before it ends.  No token ever gets into a message.
 */
#ifndef SDP_NET_DATABRICKS_H
#define SDP_NET_DATABRICKS_H

#include "net/http.h"
#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_databricks_setting {
	char *value; /* NULL: not set */
	char source[120];
};

struct sdp_databricks_settings {
	struct sdp_databricks_setting host; /* https://name, without a path */
	struct sdp_databricks_setting token, client_id, client_secret, auth_type, cluster_id;
	struct sdp_databricks_setting profile; /* value NULL: DEFAULT, or no file */
	bool oauth;
	char file[500]; /* of profiles */
	/* a setting of a chosen profile that the environment beats, for a warning; "" */
	char beaten[200];
	const char *ca_file;
};

/* What options say; NULL: nothing. */
struct sdp_databricks_options {
	const char *host, *profile, *cluster_id;
	int retry_seconds;
	const char *agent;
	/* a call failed so and will be tried again; NULL: nobody wants to know */
	void (*tell)(const char *why);
};

/* SDP_USAGE says what is missing or malformed.  Values stay the settings'. */
int sdp_databricks_settings_read(struct sdp_databricks_settings *settings,
				 const struct sdp_databricks_options *options, struct sdp_err *err);
void sdp_databricks_settings_release(struct sdp_databricks_settings *settings);

struct sdp_databricks;

/* The settings must outlive it. */
struct sdp_databricks *sdp_databricks_new(const struct sdp_databricks_settings *settings,
					  const struct sdp_databricks_options *options,
					  struct sdp_err *err);
void sdp_databricks_free(struct sdp_databricks *d);

/*
 * From here on signals do not interrupt, and tries are few, one where nobody answers: for the last
 * calls that tidy up.
 */
void sdp_databricks_finishing(struct sdp_databricks *d);

/* One call of the API. */
struct sdp_databricks_call {
	const char *method, *path; /* "/api/2.1/clusters/list?page_size=100", encoded */
	const char *json;          /* the body, or NULL */
	int fd;                    /* else, if length is not 0 or raw is set, octets of this file */
	uint64_t offset, length;
	bool raw;
	/* not to be made twice: after a network failure it may have been done */
	bool once;
	/* Takes the body of an answer of 2xx, each byte once, however often it is asked for. */
	int (*sink)(void *context, int status, const char *bytes, size_t length,
		    struct sdp_err *err);
	void *context;

	/* What came of it. */
	int status;    /* of the last try; 0: no answer */
	bool done;     /* what it asks may have been done, by this try or one before */
	char code[80]; /* the API's error_code, "" if none */
	struct sdp_buf body;
	struct sdp_buf workspace; /* the header x-databricks-org-id */
};

/*
 * 0: an answer of 2xx.  -1: err says "GET /api/…: 403 PERMISSION_DENIED: message" (SDP_SYSTEM), and
 * call->status and code what kind it was.  Release it in any case.
 */
int sdp_databricks_run(struct sdp_databricks *d, struct sdp_databricks_call *call,
		       struct sdp_err *err);
void sdp_databricks_call_release(struct sdp_databricks_call *call);

/* Waits, up to 300 ms less than said at random; -1 if a signal asks to end. */
int sdp_databricks_pause(struct sdp_databricks *d, int milliseconds, struct sdp_err *err);

/*
 * The error of an answer: what the body says by JSON (error_code and message, error and
 * error_description, detail), a page's title, or its first line, without line ends.
 */
int sdp_databricks_error(const char *body, size_t length, char code[80], struct sdp_buf *message,
			 struct sdp_err *err);

int sdp_databricks_base64(const void *bytes, size_t length, struct sdp_buf *out,
			  struct sdp_err *err);
/* Fails (SDP_SYSTEM) on what is no base64. */
int sdp_databricks_unbase64(const char *text, size_t length, struct sdp_buf *out,
			    struct sdp_err *err);

#endif
