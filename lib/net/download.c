/* Reads the bytes of an URL, with redirects, repeated attempts and resumption. */
#include "net/download.h"

#include "base/clock.h"
#include "base/env.h"
#include "base/need_memory.h"
#include "net/http_retry.h"
#include "sdp/mem.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	REDIRECTS = 10,
	ATTEMPTS = 5,           /* in a row without any new byte */
	BACKOFF_FIRST = 200,    /* ms */
	BACKOFF_MOST = 5000,    /* ms */
	RETRY_AFTER_MOST = 120, /* seconds */
	HEADERS = 3,
};

struct reading {
	const struct sdp_download *download;
	struct sdp_http_call http;
	struct sdp_http_retry retry;
	struct sdp_http_body body;
	char *url; /* where a redirect leads; NULL: the address itself */
	int redirects;
	int tries;       /* since the last new byte */
	uint64_t before; /* bytes that the sink had before this attempt */
	char range[20 + SDP_HTTP_RANGE], condition[260];
	const char *headers[HEADERS];
	uint64_t random;
};

/* Returns a part of an URL, which the caller frees with curl_free, or NULL. */
static char *part_of(const char *url, CURLUPart part)
{
	CURLU *parsed = sdp_need_memory(curl_url());
	char *text = NULL;
	if (curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(parsed, part, &text, 0) != CURLUE_OK)
		text = NULL;
	curl_url_cleanup(parsed);
	return text;
}

static bool has_part(const char *url, CURLUPart part)
{
	char *text = part_of(url, part);
	curl_free(text);
	return text;
}

static bool is_secure(const char *url)
{
	char *scheme = part_of(url, CURLUPART_SCHEME);
	bool secure = scheme && strcmp(scheme, "https") == 0;
	curl_free(scheme);
	return secure;
}

static int check_url(const struct sdp_download *d, struct sdp_err *err)
{
	if (!has_part(d->url, CURLUPART_HOST))
		return sdp_fail(err, SDP_USAGE, "%s: not a valid URL", d->title);
	if (has_part(d->url, CURLUPART_USER) || has_part(d->url, CURLUPART_PASSWORD))
		return sdp_fail(err, SDP_USAGE,
				"%s: a user and a password in an URL are not sent, because others "
				"could see them",
				d->title);
	return 0;
}

/* ---- an attempt ---- */

static int prepare(void *context, struct sdp_http_retry *retry, struct sdp_err *err)
{
	struct reading *r = context;
	struct sdp_http_call *http = retry->http;
	size_t count = 0;
	(void)err;
	r->before = r->body.delivered;
	r->headers[count++] = "Accept-Encoding: identity";
	if (retry->range[0]) {
		snprintf(r->range, sizeof r->range, "Range: %s", retry->range);
		snprintf(r->condition, sizeof r->condition, "If-Range: %s", r->body.version);
		r->headers[count++] = r->range;
		r->headers[count++] = r->condition;
	}
	http->method = "GET";
	http->url = r->url ? r->url : r->download->url;
	http->headers = r->headers;
	http->header_count = count;
	http->fd = -1;
	return 0;
}

/* ---- the answer ---- */

/* Follows a redirect: sets the URL of the next attempt. */
static int redirect(struct reading *r, struct sdp_err *err)
{
	const char *title = r->download->title;
	size_t length;
	const char *to = sdp_http_header(&r->http, "location", &length);
	if (!to || length == 0)
		return sdp_fail(err, SDP_SYSTEM, "%s: a redirect to nowhere", title);
	if (++r->redirects > REDIRECTS)
		return sdp_fail(err, SDP_SYSTEM, "%s: more than %d redirects", title, REDIRECTS);
	char *place = sdp_strndup(to, length, err), *whole = NULL;
	if (!place)
		return -1;
	CURLU *parsed = sdp_need_memory(curl_url());
	bool good = curl_url_set(parsed, CURLUPART_URL, r->http.url, 0) == CURLUE_OK &&
		    curl_url_set(parsed, CURLUPART_URL, place, 0) == CURLUE_OK &&
		    curl_url_get(parsed, CURLUPART_URL, &whole, 0) == CURLUE_OK;
	curl_url_cleanup(parsed);
	free(place);
	char *next = good ? sdp_strndup(whole, strlen(whole), err) : NULL;
	curl_free(whole);
	if (good && !next)
		return -1;
	bool web = good && (strncmp(next, "http://", 7) == 0 || strncmp(next, "https://", 8) == 0);
	if (!web || (is_secure(r->http.url) && !is_secure(next)) ||
	    has_part(next, CURLUPART_USER)) {
		free(next);
		return sdp_fail(err, SDP_SYSTEM, "%s: a redirect that is not followed: %s", title,
				web ? "from https to http, or with a password" : "not to an URL");
	}
	free(r->url);
	r->url = next;
	r->retry.due = sdp_clock_ms();
	return 0;
}

/*
 * Fails with the status of the server or the failure of the connection.  That there is no such file
 * is the fault of the address.
 */
static int fail_finally(const struct reading *r, struct sdp_err *err)
{
	const char *title = r->download->title;
	int status = r->http.status;
	if (status == 0)
		return sdp_fail(err, SDP_SYSTEM, "%s: %s", title, r->http.failure);
	bool none = status == 404 || status == 410;
	return sdp_fail(err, none ? SDP_DATA : SDP_SYSTEM, "%s: the server answers with %d%s",
			title, status,
			none                             ? ": there is no such file"
			: status == 401 || status == 403 ? ": it does not allow to read this"
							 : "");
}

static bool is_transient(const struct sdp_http_call *http)
{
	int s = http->status;
	return s == 0 ? !http->permanent : s == 408 || s == 425 || s == 429 || s >= 500;
}

static uint64_t backoff_ms(struct reading *r)
{
	uint64_t most = BACKOFF_FIRST, after = (uint64_t)r->http.retry_after;
	for (int i = 1; i < r->tries && most < BACKOFF_MOST; i++)
		most *= 2;
	return (after < RETRY_AFTER_MOST ? after : RETRY_AFTER_MOST) * 1000 +
	       sdp_http_random_ms(most, &r->random);
}

static int answer(void *context, struct sdp_http_retry *retry, struct sdp_err *err)
{
	struct reading *r = context;
	struct sdp_http_call *http = retry->http;
	int status = http->status;
	if (http->sink_failed) {
		*err = http->sink_err;
		return -1;
	}
	if (status / 100 == 2)
		return 1;
	if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308)
		return redirect(r, err);
	r->tries = r->body.delivered > r->before ? 1 : r->tries + 1;
	if (!is_transient(http) || r->tries >= ATTEMPTS)
		return fail_finally(r, err);
	/* What a redirect names may have expired: the next attempt begins at the address. */
	free(r->url);
	r->url = NULL;
	r->redirects = 0;
	retry->due = sdp_clock_ms() + backoff_ms(r);
	return 0;
}

static struct sdp_http_retry *call_at(void *context, size_t index)
{
	struct reading *r = context;
	(void)index;
	return &r->retry;
}

int sdp_download(const struct sdp_download *d, struct sdp_err *err)
{
	struct sdp_http_options options = {.ca_file = sdp_env("SSL_CERT_FILE"),
					   .stall = d->stall,
					   .agent = d->agent};
	if (check_url(d, err) < 0)
		return -1;
	struct sdp_http *http = sdp_http_new(&options, err);
	char *url = http ? sdp_strndup(d->url, strcspn(d->url, "#"), err) : NULL;
	struct sdp_download plain = *d;
	plain.url = url;
	struct reading r = {.download = &plain,
			    .body = {.name = d->title, .sink = d->sink, .context = d->context}};
	r.retry = (struct sdp_http_retry){.http = &r.http, .body = &r.body};
	struct sdp_http_retries calls = {.http = http,
					 .count = 1,
					 .parallel = 1,
					 .call = call_at,
					 .prepare = prepare,
					 .answer = answer,
					 .context = &r};
	int rc = url ? sdp_http_retry_all(&calls, err) : -1;
	sdp_http_call_release(&r.http);
	sdp_http_body_release(&r.body);
	sdp_http_free(http);
	free(r.url);
	free(url);
	return rc;
}
