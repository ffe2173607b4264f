/*
 * Authentication: a personal access token, or an OAuth token for a service principal, which is
 * fetched in these steps:
 *
 *	host/.well-known/databricks-config ─▶ oidc_endpoint
 *	      ─▶ /.well-known/oauth-authorization-server
 *	      ─▶ token_endpoint ─▶ POST client_credentials ─▶ access_token, expires_in
 */
#define _GNU_SOURCE /* explicit_bzero */
#include "base/base64.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/databricks_private.h"
#include "sdp/mem.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

/*
 * A token is renewed so many milliseconds before it expires, or after half of its lifetime if that
 * is at most twice as long.
 */
enum { EARLY = 60000 };

/*
 * Gets the JSON document at url and returns its member name, which must be a URL, as a new string;
 * NULL with err on failure.
 */
static char *discover(struct sdp_databricks *d, const char *url, const char *name,
		      struct sdp_err *err)
{
	static const char *const accept[] = {"Accept: application/json"};
	const char *host = d->settings->host.value,
		   *path = strncmp(url, host, strlen(host)) == 0 ? url + strlen(host) : url;
	struct sdp_databricks_call call = {.method = "GET", .path = path};
	char *found = NULL;
	if (sdp_databricks_try(d, &call, url, accept, 1, err) == 0) {
		cJSON *root = cJSON_ParseWithLength(call.body.data, call.body.length);
		const char *text =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, name));
		/* Secrets are sent only over TLS, except to a host on this machine (tests). */
		if (text && (strncmp(text, "https://", 8) == 0 || strncmp(host, "http://", 7) == 0))
			found = sdp_strndup(text, strlen(text), err);
		else
			sdp_fail(err, SDP_SYSTEM, "GET %s: its answer has no usable %s", path,
				 name);
		cJSON_Delete(root);
	}
	sdp_databricks_call_release(&call);
	return found;
}

static int find_endpoint(struct sdp_databricks *d, struct sdp_err *err)
{
	struct sdp_buf url = {0};
	int rc = sdp_buf_format(&url, err, "%s/.well-known/databricks-config",
				d->settings->host.value);
	char *oidc = rc == 0 ? discover(d, url.data, "oidc_endpoint", err) : NULL;
	url.length = 0;
	rc = oidc ? sdp_buf_format(&url, err, "%s/.well-known/oauth-authorization-server", oidc)
		  : -1;
	if (rc == 0)
		d->endpoint = discover(d, url.data, "token_endpoint", err);
	free(oidc);
	sdp_buf_release(&url);
	return d->endpoint ? 0 : -1;
}

static int take_token(struct sdp_databricks *d, const struct sdp_buf *body, struct sdp_err *err)
{
	cJSON *root = cJSON_ParseWithLength(body->data, body->length);
	char *token = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "access_token"));
	const cJSON *seconds = cJSON_GetObjectItemCaseSensitive(root, "expires_in");
	double span = cJSON_IsNumber(seconds) && seconds->valuedouble > 0
			      ? seconds->valuedouble * 1000
			      : 3600e3;
	int rc = -1;
	d->authorization.length = 0;
	if (!token || !*token || strpbrk(token, "\r\n"))
		sdp_fail(err, SDP_SYSTEM, "the answer to the request for a token contains none");
	else
		rc = sdp_buf_format(&d->authorization, err, "Authorization: Bearer %s", token);
	span = span > 2 * EARLY ? span - EARLY : span / 2;
	d->expires = sdp_clock_ms() + (uint64_t)span;
	if (token)
		explicit_bzero(token, strlen(token));
	cJSON_Delete(root);
	return rc;
}

static int fetch_token(struct sdp_databricks *d, struct sdp_err *err)
{
	enum { ROOM = 4096 }; /* at once, so that growing leaves no copies */
	struct sdp_buf basic = {0}, pair = {0};
	int rc = d->endpoint ? 0 : find_endpoint(d, err);
	if (rc == 0 &&
	    (sdp_buf_reserve(&basic, ROOM, err) < 0 || sdp_buf_reserve(&pair, ROOM, err) < 0))
		rc = -1;
	if (rc == 0)
		rc = sdp_buf_format(&pair, err, "%s:%s", d->settings->client_id.value,
				    d->settings->client_secret.value);
	if (rc == 0)
		rc = sdp_buf_add_text(&basic, "Authorization: Basic ", err);
	if (rc == 0)
		rc = sdp_base64_encode(pair.data, pair.length, &basic, err);
	if (rc == 0) {
		const char *headers[] = {basic.data, "Accept: application/json",
					 "Content-Type: application/x-www-form-urlencoded"};
		struct sdp_databricks_call call =
			{.method = "POST",
			 .path = "(token endpoint)",
			 .json = "grant_type=client_credentials&scope=all-apis"};
		rc = sdp_databricks_try(d, &call, d->endpoint, headers, 3, err);
		if (rc == 0)
			rc = take_token(d, &call.body, err);
		sdp_secret_release(&call.body);
		sdp_databricks_call_release(&call);
	}
	sdp_secret_release(&basic);
	sdp_secret_release(&pair);
	return rc;
}

int sdp_databricks_authorize(struct sdp_databricks *d, bool renew, struct sdp_err *err)
{
	if (d->settings->oauth &&
	    (renew || !d->authorization.length || sdp_clock_ms() >= d->expires))
		return fetch_token(d, err);
	if (d->authorization.length)
		return 0;
	return sdp_buf_format(&d->authorization, err, "Authorization: Bearer %s",
			      d->settings->token.value);
}
