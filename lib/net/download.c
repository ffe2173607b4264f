/* Reads the bytes of an URL, with redirects, repeated attempts and resumption. */
#include "net/download.h"

#include "base/clock.h"
#include "base/env.h"
#include "base/need_memory.h"
#include "net/http_retry.h"
#include "sdp/mem.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
	char *url; /* after redirects */
	int redirects;
	int tries;         /* since the last new byte */
	uint64_t received; /* bytes that the sink has received */
	uint64_t before;   /* of these, before this attempt */
	uint64_t total;    /* of all bytes, from the first answer */
	bool checked;      /* the head of this attempt's answer is checked */
	char range[64], condition[260];
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
	r->before = r->received;
	r->checked = false;
	r->headers[count++] = "Accept-Encoding: identity";
	if (r->received) {
		snprintf(r->range, sizeof r->range, "Range: bytes=%" PRIu64 "-", r->received);
		snprintf(r->condition, sizeof r->condition, "If-Range: %s", retry->seen);
		r->headers[count++] = r->range;
		r->headers[count++] = r->condition;
	}
	http->method = "GET";
	http->url = r->url;
	http->headers = r->headers;
	http->header_count = count;
	http->fd = -1;
	return 0;
}

/* Parses digits at text, which move on. Returns whether there are some and they are a number. */
static bool take_number(const char **text, uint64_t *out)
{
	enum { MOST = 18 };
	size_t digits = strspn(*text, "0123456789");
	if (digits == 0 || digits > MOST)
		return false;
	*out = strtoull(*text, NULL, 10);
	*text += digits;
	return true;
}

/* Copies the value of a header; empty if it is not there or too long. Returns text. */
static const char *value_of(const struct sdp_http_call *http, const char *name, char *text,
			    size_t size)
{
	size_t length;
	const char *value = sdp_http_header(http, name, &length);
	snprintf(text, size, "%.*s", value && length < size ? (int)length : 0, value ? value : "");
	return text;
}

/* Checks that a partial answer is what is asked for: all bytes from the next one to the last. */
static int check_range(struct reading *r, struct sdp_err *err)
{
	static const char unit[] = "bytes ";
	char text[100];
	const char *at = value_of(&r->http, "content-range", text, sizeof text);
	uint64_t first = 0, last = 0, total = 0;
	bool good = strncmp(at, unit, strlen(unit)) == 0;
	at += good ? strlen(unit) : 0;
	good = good && take_number(&at, &first) && *at++ == '-' && take_number(&at, &last) &&
	       *at++ == '/';
	total = last + 1;
	good = good && (strcmp(at, "*") == 0 || (take_number(&at, &total) && *at == '\0'));
	/* The first answer did not tell the total if it came in chunks. */
	if (!good || !r->before || first != r->before || last + 1 != total ||
	    (r->total != UINT64_MAX && total != r->total))
		return sdp_fail(err, SDP_SYSTEM, "%s: the server sends another part than asked for",
				r->download->title);
	r->total = total;
	return 0;
}

/* Checks that an answer says where it ends; of a repeated one, that it is as long as before. */
static int check_head(struct reading *r, int status, struct sdp_err *err)
{
	uint64_t total = UINT64_MAX;
	char text[100];
	const char *title = r->download->title;
	r->checked = true;
	if (status == 206)
		return check_range(r, err);
	const char *length = value_of(&r->http, "content-length", text, sizeof text);
	bool known = take_number(&length, &total) && *length == '\0';
	total = known ? total : UINT64_MAX;
	if (!known &&
	    strcasecmp(value_of(&r->http, "transfer-encoding", text, sizeof text), "chunked") != 0)
		return sdp_fail(err, SDP_SYSTEM,
				"%s: the server does not say how many bytes there are, so a lost "
				"connection would not be noticed",
				title);
	if (r->before && total != r->total)
		return sdp_fail(err, SDP_SYSTEM, "%s changed while it was read", title);
	r->total = total;
	return 0;
}

static int receive(void *context, int status, const char *bytes, size_t length, struct sdp_err *err)
{
	struct reading *r = context;
	if (!r->checked && check_head(r, status, err) < 0)
		return -1;
	r->received += length;
	r->tries = 0;
	return r->download->sink(r->download->context, bytes, length, err);
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
	bool good = curl_url_set(parsed, CURLUPART_URL, r->url, 0) == CURLUE_OK &&
		    curl_url_set(parsed, CURLUPART_URL, place, 0) == CURLUE_OK &&
		    curl_url_get(parsed, CURLUPART_URL, &whole, 0) == CURLUE_OK;
	curl_url_cleanup(parsed);
	free(place);
	char *next = good ? sdp_strndup(whole, strlen(whole), err) : NULL;
	curl_free(whole);
	if (good && !next)
		return -1;
	bool web = good && (strncmp(next, "http://", 7) == 0 || strncmp(next, "https://", 8) == 0);
	if (!web || (is_secure(r->url) && !is_secure(next)) || has_part(next, CURLUPART_USER)) {
		free(next);
		return sdp_fail(err, SDP_SYSTEM, "%s: a redirect that is not followed: %s", title,
				web ? "from https to http, or with a password" : "not to an URL");
	}
	free(r->url);
	r->url = next;
	r->retry.due = sdp_clock_ms();
	return 0;
}

/* Fails with the status of the server or the failure of the connection. */
static int fail_finally(const struct reading *r, bool transient, struct sdp_err *err)
{
	const char *title = r->download->title;
	int status = r->http.status;
	if (status == 0)
		return sdp_fail(err, SDP_SYSTEM, "%s: %s", title, r->http.failure);
	return sdp_fail(err, transient ? SDP_SYSTEM : SDP_DATA, "%s: the server answers with %d%s",
			title, status,
			status == 404 || status == 410   ? ": there is no such file"
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

/* Checks that a complete answer has all bytes. */
static int finish(struct reading *r, struct sdp_err *err)
{
	if (!r->checked && check_head(r, r->http.status, err) < 0)
		return -1;
	if (r->total != UINT64_MAX && r->received != r->total)
		return sdp_fail(err, SDP_SYSTEM, "%s: %" PRIu64 " of %" PRIu64 " bytes arrived",
				r->download->title, r->received, r->total);
	return 1;
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
	if (status == 200 || (status == 206 && r->before))
		return finish(r, err);
	if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308)
		return redirect(r, err);
	if (status == 416 || status / 100 == 2)
		return sdp_fail(err, SDP_SYSTEM, "%s: the server answers with %d",
				r->download->title, status);
	bool transient = is_transient(http);
	r->tries++;
	if (!transient || r->tries >= ATTEMPTS)
		return fail_finally(r, transient, err);
	/* Nothing would tell whether a second answer has the same bytes. */
	if (r->received && !retry->seen[0])
		return sdp_fail(err, SDP_SYSTEM,
				"%s: the connection was lost, and the server gives nothing (ETag, "
				"Last-Modified) by which the rest could be read",
				r->download->title);
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
	struct reading r = {.download = d};
	if (check_url(d, err) < 0)
		return -1;
	struct sdp_http *http = sdp_http_new(&options, err);
	r.url = http ? sdp_strndup(d->url, strcspn(d->url, "#"), err) : NULL;
	r.retry = (struct sdp_http_retry){.http = &r.http,
					  .sink = receive,
					  .context = &r,
					  .name = d->title,
					  .version = "etag",
					  .other_version = "last-modified"};
	struct sdp_http_retries calls = {.http = http,
					 .count = 1,
					 .parallel = 1,
					 .call = call_at,
					 .prepare = prepare,
					 .answer = answer,
					 .context = &r};
	int rc = r.url ? sdp_http_retry_all(&calls, err) : -1;
	sdp_http_call_release(&r.http);
	sdp_http_free(http);
	free(r.url);
	return rc;
}
