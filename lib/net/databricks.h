/*
 * A client for the REST API of a Databricks workspace: settings, authentication, and calls with
 * retries.
 *
 * Each setting comes from an option, else from the environment, else from a profile in
 * ~/.databrickscfg (or DATABRICKS_CONFIG_FILE).  A call is retried after the statuses 429 and 503,
 * when Retry-After says or after one second.  It is also retried after network failures, unless it
 * is marked as once and may have been carried out.  Retries go on for retry_seconds from the first
 * failure.  An OAuth token is fetched when it is needed and renewed before it expires.  No message
 * contains a token or a client secret.
 *
 * Functions that return int return 0, or -1 with err.
 */
#ifndef SDP_NET_DATABRICKS_H
#define SDP_NET_DATABRICKS_H

#include "net/http_body.h"
#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_databricks_setting {
	char *value;      /* NULL: not set */
	char source[120]; /* where it comes from, for messages: "DATABRICKS_HOST" */
};

/* The settings.  The struct owns the values. */
struct sdp_databricks_settings {
	struct sdp_databricks_setting host; /* "https://NAME", without a path */
	struct sdp_databricks_setting token, client_id, client_secret, auth_type, cluster_id;
	struct sdp_databricks_setting profile; /* value NULL: DEFAULT, or there is no file */
	bool oauth;                            /* OAuth of a service principal, not a token */
	char file[500];                        /* the path of the file of profiles */
	/*
	 * The text of a warning: a setting in the environment overrides a different value in the
	 * profile that was chosen.  "": there is none.
	 */
	char overridden[200];
	const char *ca_file; /* SSL_CERT_FILE, or NULL */
};

/* The options of the command line; a NULL is an option that is not given. */
struct sdp_databricks_options {
	const char *host, *profile, *cluster_id;
	int retry_seconds;
	const char *agent; /* the header User-Agent */
	/* called with the reason when a call fails for the first time and is retried; or NULL */
	void (*on_retry)(const char *why);
};

/*
 * Reads the settings.  A setting that is missing or malformed is SDP_USAGE, and the message names
 * it.  Call sdp_databricks_settings_release in any case.
 */
int sdp_databricks_settings_read(struct sdp_databricks_settings *settings,
				 const struct sdp_databricks_options *options, struct sdp_err *err);
void sdp_databricks_settings_release(struct sdp_databricks_settings *settings);

struct sdp_databricks;

/* Returns a new client, or NULL with err.  The settings must outlive it. */
struct sdp_databricks *sdp_databricks_new(const struct sdp_databricks_settings *settings,
					  const struct sdp_databricks_options *options,
					  struct sdp_err *err);
void sdp_databricks_free(struct sdp_databricks *d);

/*
 * Prepares for the last calls, which clean up: from now on signals are ignored, and calls are
 * retried for at most 20 seconds, or not at all if the last call ended without any answer.
 */
void sdp_databricks_finishing(struct sdp_databricks *d);

/* One call of the API.  The members that are not set must be zero. */
struct sdp_databricks_call {
	const char *method;
	const char *path; /* "/api/2.1/clusters/list?page_size=100", percent-encoded */
	const char *json; /* the body; or NULL */
	int fd;           /* without json: the body is length bytes of this file from offset on */
	uint64_t offset, length;
	bool raw; /* the body and the answer are bytes, not JSON */
	/*
	 * The call is not idempotent.  After a network failure it is retried only if none of its
	 * body has been sent.
	 */
	bool once;
	/*
	 * Receives the body of answers with a status of 2xx.  It is not released.  NULL: the body
	 * is kept in body.
	 */
	struct sdp_http_body *into;

	/* The result. */
	int status;    /* of the last attempt; 0: no answer */
	bool done;     /* this or an earlier attempt may have been carried out */
	char code[80]; /* the error_code of the API; "": none */
	struct sdp_buf body;
	struct sdp_buf workspace; /* the header x-databricks-org-id */
};

/*
 * Makes a call, with retries.  Returns 0 after an answer with a status of 2xx.  Otherwise err is
 * SDP_SYSTEM with a message such as "GET /api/…: 403 PERMISSION_DENIED: message", and call->status
 * and call->code tell the kind of failure.  Call sdp_databricks_call_release in any case.
 */
int sdp_databricks_run(struct sdp_databricks *d, struct sdp_databricks_call *call,
		       struct sdp_err *err);
void sdp_databricks_call_release(struct sdp_databricks_call *call);

/*
 * Sleeps for so many milliseconds minus a random time of at most 300 ms and at most half of it.
 * Returns 0, or -1 if a signal asks the process to end.
 */
int sdp_databricks_pause(struct sdp_databricks *d, int milliseconds, struct sdp_err *err);

/*
 * Extracts the error from the body of an answer.  code receives the error code, or "" if there is
 * none; the message is appended as one line.  They come from the JSON members error_code and
 * message, error and error_description, or detail; of another body, the message is the title of
 * the HTML page or the first line.
 */
int sdp_databricks_error(const char *body, size_t length, char code[80], struct sdp_buf *message,
			 struct sdp_err *err);

#endif
