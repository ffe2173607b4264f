/*
 * The client of a Databricks workspace and its authorized calls.  If the answer to a call is 401
 * because the OAuth token is no longer valid, the call is repeated once with a new token.
 */
#include "base/secret.h"
#include "net/databricks_private.h"
#include "sdp/mem.h"

#include <string.h>

enum {
	STALL = 120, /* seconds without any data after which an attempt fails */
	FINISH = 20, /* the most seconds for which a last call is retried */
};

struct sdp_databricks *sdp_databricks_new(const struct sdp_databricks_settings *settings,
					  const struct sdp_databricks_options *options,
					  struct sdp_err *err)
{
	struct sdp_databricks *d = sdp_alloc(1, sizeof *d, err);
	if (!d)
		return NULL;
	*d = (struct sdp_databricks){.settings = settings,
				     .retry_seconds = options->retry_seconds,
				     .on_retry = options->on_retry};
	struct sdp_http_options http = {settings->ca_file, STALL, options->agent,
					strncmp(settings->host.value, "http://", 7) == 0};
	d->http = sdp_http_new(&http, err);
	if (d->http)
		return d;
	free(d);
	return NULL;
}

void sdp_databricks_free(struct sdp_databricks *d)
{
	if (!d)
		return;
	sdp_http_free(d->http);
	sdp_secret_release(&d->authorization);
	free(d->endpoint);
	free(d);
}

void sdp_databricks_finishing(struct sdp_databricks *d)
{
	int most = d->timed_out ? 0 : FINISH;
	d->retry_seconds = d->retry_seconds < most ? d->retry_seconds : most;
	sdp_http_finishing(d->http, true);
}

int sdp_databricks_run(struct sdp_databricks *d, struct sdp_databricks_call *call,
		       struct sdp_err *err)
{
	struct sdp_buf url = {0};
	const char *type = call->json ? "Content-Type: application/json"
				      : "Content-Type: application/octet-stream";
	int rc = sdp_buf_format(&url, err, "%s%s", d->settings->host.value, call->path);
	for (int turn = 0; rc == 0; turn++) {
		rc = sdp_databricks_authorize(d, turn > 0, err);
		if (rc < 0)
			break;
		const char *headers[] = {d->authorization.data, "Accept: application/json", type};
		if (call->raw)
			headers[1] = "Accept: */*";
		rc = sdp_databricks_try(d, call, url.data, headers, 2 + (call->json || call->raw),
					err);
		/* The token may have been revoked: try once more with a new one. */
		if (rc == 0 || call->status != 401 || !d->settings->oauth || turn > 0)
			break;
		rc = 0;
	}
	sdp_buf_release(&url);
	return rc;
}
