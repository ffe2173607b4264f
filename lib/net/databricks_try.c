/*
 * Makes one call, with retries.
 *
 *	attempt ──2xx──▶ done
 *	   ▲  └──429, 503, no answer──▶ pause ─┐
 *	   └───────────────────────────────────┘ until retry_seconds are over
 *
 * A message about a failed attempt never contains a token or a client secret.
 */
#include "base/clock.h"
#include "net/databricks_private.h"
#include "net/http_retry.h"

#include <stdio.h>
#include <string.h>

enum {
	PAUSE = 1000,    /* milliseconds between attempts, without Retry-After */
	JITTER = 300,    /* milliseconds: the random part of a pause */
	SECRET_LEAST = 8 /* bytes; a shorter secret is not masked, since it may be part of a word */
};

void sdp_databricks_call_release(struct sdp_databricks_call *call)
{
	sdp_buf_release(&call->body);
	sdp_buf_release(&call->workspace);
}

int sdp_databricks_pause(struct sdp_databricks *d, int milliseconds, struct sdp_err *err)
{
	struct sdp_http_call *none;
	int less = milliseconds / 2 < JITTER ? milliseconds / 2 : JITTER;
	return sdp_http_wait(d->http, milliseconds - (int)sdp_http_random_ms(less, &d->pauses),
			     &none, err);
}

/* Replaces the secrets that we send by asterisks, since an answer may repeat them. */
static void mask_secrets(char *text, const struct sdp_databricks *d)
{
	const char *secrets[] = {d->settings->token.value, d->settings->client_secret.value,
				 d->authorization.length > 22 ? d->authorization.data + 22 : NULL};
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		size_t n = secrets[i] ? strlen(secrets[i]) : 0;
		for (char *at = text; n >= SECRET_LEAST && (at = strstr(at, secrets[i])); at += n)
			memset(at, '*', n);
	}
}

/*
 * Appends the error of the answer to message.  Of a redirect it is the new location; the client
 * does not follow redirects, since the new host would receive the token.
 */
static int read_answer(const struct sdp_databricks *d, struct sdp_databricks_call *call,
		       const struct sdp_http_call *http, struct sdp_buf *message,
		       struct sdp_err *err)
{
	size_t n;
	const char *to = http->status / 100 == 3 ? sdp_http_header(http, "location", &n) : NULL;
	int rc = to ? sdp_buf_format(message, err, "moved to %.*s", (int)strcspn(to, "?\r\n"), to)
		    : sdp_databricks_error(http->body.data, http->body.length, call->code, message,
					   err);
	if (rc == 0 && message->length)
		mask_secrets(message->data, d);
	return rc;
}

static int format_error(const struct sdp_databricks *d, struct sdp_databricks_call *call,
			const struct sdp_http_call *http, bool again, bool first,
			struct sdp_err *err)
{
	struct sdp_buf message = {0};
	int path = (int)strcspn(call->path, "?");
	char retry_hint[60] = "";
	call->code[0] = '\0';
	if (http->sink_failed) {
		*err = http->sink_err;
		return -1;
	}
	if (http->status == 0) {
		sdp_fail(err, SDP_SYSTEM, "%s %.*s: %s%s", call->method, path, call->path,
			 http->failure,
			 !again && call->once && !http->permanent
				 ? "; it may have been executed nevertheless"
			 : again && !first ? ", repeatedly"
					   : "");
	} else if (read_answer(d, call, http, &message, err) == 0) {
		if (again && http->retry_after)
			snprintf(retry_hint, sizeof retry_hint, " (it asks to wait %lld s)",
				 (long long)http->retry_after);
		sdp_fail(err, SDP_SYSTEM, "%s %.*s: %d%s%s%s%.600s%s%s", call->method, path,
			 call->path, http->status, call->code[0] ? " " : "", call->code,
			 message.length ? ": " : "", message.length ? message.data : "",
			 again && !first ? ", repeatedly" : "", retry_hint);
	}
	mask_secrets(err->text, d);
	sdp_buf_release(&message);
	return -1;
}

/* Returns whether a call that ended like this may be retried. */
static bool is_retryable(const struct sdp_databricks_call *call, const struct sdp_http_call *http)
{
	if (http->sink_failed)
		return false;
	if (http->status == 0)
		return !http->permanent && (!call->once || (http->sent == 0 && call->json));
	return http->status == 429 || http->status == 503;
}

/* Returns whether the server may have carried out the call. */
static bool may_be_done(const struct sdp_http_call *http)
{
	int kind = http->status / 100;
	return kind == 2 || kind == 5 || (kind == 0 && http->request_sent);
}

/* ---- attempts ---- */

struct attempts {
	struct sdp_databricks *d;
	struct sdp_databricks_call *call;
	struct sdp_http_retry retry;
	uint64_t begin; /* the end of the first failed attempt; 0: none has failed */
};

static struct sdp_http_retry *only_call(void *context, size_t index)
{
	(void)index;
	return &((struct attempts *)context)->retry;
}

static int answer(void *context, struct sdp_http_retry *retry, struct sdp_err *err)
{
	struct attempts *a = context;
	struct sdp_databricks *d = a->d;
	struct sdp_databricks_call *call = a->call;
	const struct sdp_http_call *http = retry->http;
	call->done = call->done || may_be_done(http);
	if (http->status / 100 == 2) {
		call->code[0] = '\0'; /* of an earlier attempt */
		return 1;
	}
	/*
	 * retry_seconds count from the end of the first failed attempt, since a large body may take
	 * longer than that to send.
	 */
	uint64_t now = sdp_clock_ms();
	bool first = !a->begin;
	a->begin = first ? now : a->begin;
	uint64_t wait = http->retry_after ? (uint64_t)http->retry_after * 1000 : PAUSE;
	bool again = is_retryable(call, http);
	if (!again || now - a->begin + wait > (uint64_t)d->retry_seconds * 1000) {
		d->timed_out = again && http->status == 0;
		return format_error(d, call, http, again, first, err);
	}
	if (first && d->on_retry) {
		struct sdp_err why;
		format_error(d, call, http, true, first, &why);
		d->on_retry(why.text);
	}
	/* The random part of the pause is added, so that it is never shorter than wait. */
	retry->due = now + wait + sdp_http_random_ms(JITTER, &d->pauses);
	return 0;
}

int sdp_databricks_try(struct sdp_databricks *d, struct sdp_databricks_call *call, const char *url,
		       const char *const *headers, size_t header_count, struct sdp_err *err)
{
	struct sdp_http_call http = {.method = call->method,
				     .url = url,
				     .headers = headers,
				     .header_count = header_count,
				     .bytes = call->json,
				     .fd = call->json || !call->length ? -1 : call->fd,
				     .offset = call->offset,
				     .length = call->json ? strlen(call->json) : call->length,
				     .fresh_connection = call->once};
	struct attempts attempts = {.d = d,
				    .call = call,
				    .retry = {.http = &http, .body = call->into}};
	struct sdp_http_retries one = {.http = d->http,
				       .count = 1,
				       .parallel = 1,
				       .call = only_call,
				       .answer = answer,
				       .context = &attempts};
	d->timed_out = false;
	int rc = sdp_http_retry_all(&one, err);
	call->done = call->done || may_be_done(&http);
	size_t n;
	const char *workspace = sdp_http_header(&http, "x-databricks-org-id", &n);
	call->status = http.status;
	sdp_buf_release(&call->body);
	call->body = http.body;
	http.body = (struct sdp_buf){0};
	if (workspace && rc == 0) {
		call->workspace.length = 0;
		rc = sdp_buf_add(&call->workspace, workspace, n, err);
	}
	if (rc == 0 && !call->body.data)
		rc = sdp_buf_add(&call->body, "", 0, err);
	sdp_http_call_release(&http);
	return rc;
}
