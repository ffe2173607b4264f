/*
 * One call and its tries.
 *
 *	try ──2xx──▶ done
 *	 ▲  └─429, 503, no answer──▶ pause ──▶ try, while there is time
 *
 * A message about a failed try never contains a token or a client secret.
 */
#include "base/clock.h"
#include "base/rng.h"
#include "base/signals.h"
#include "net/databricks_private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	PAUSE = 1000, /* milliseconds */
	JITTER = 300,
	SECRET_LEAST = 8 /* shorter ones are in every other word */
};

void sdp_databricks_call_release(struct sdp_databricks_call *call)
{
	sdp_buf_release(&call->body);
	sdp_buf_release(&call->workspace);
}

static double chance(struct sdp_databricks *d)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return sdp_rng_unit((uint64_t)now.tv_nsec, (uint64_t)getpid(), d->pauses++);
}

int sdp_databricks_pause(struct sdp_databricks *d, int milliseconds, struct sdp_err *err)
{
	int less = milliseconds / 2 < JITTER ? milliseconds / 2 : JITTER;
	uint64_t end = sdp_clock_ms() + (uint64_t)(milliseconds - (int)(chance(d) * less)), now;
	while ((now = sdp_clock_ms()) < end) {
		struct timespec some = {0, 100000000};
		if (end - now < 100)
			some.tv_nsec = (long)(end - now) * 1000000;
		if (sdp_interrupted && !d->finishing)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
		nanosleep(&some, NULL);
	}
	return 0;
}

/* No message may hold what the server was sent as a secret. */
static void hide(char *text, const struct sdp_databricks *d)
{
	const char *secrets[] = {d->settings->token.value, d->settings->client_secret.value,
				 d->authorization.length > 22 ? d->authorization.data + 22 : NULL};
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		size_t n = secrets[i] ? strlen(secrets[i]) : 0;
		for (char *at = text; n >= SECRET_LEAST && (at = strstr(at, secrets[i])); at += n)
			memset(at, '*', n);
	}
}

/* What the answer says, and where else it sends us: nobody follows with a token. */
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
		hide(message->data, d);
	return rc;
}

static int format_error(const struct sdp_databricks *d, struct sdp_databricks_call *call,
			const struct sdp_http_call *http, bool again, bool first,
			struct sdp_err *err)
{
	struct sdp_buf message = {0};
	int path = (int)strcspn(call->path, "?");
	char wish[60] = "";
	call->code[0] = '\0';
	if (http->sink_failed) {
		*err = http->sink_err;
		return -1;
	}
	if (http->status == 0) {
		sdp_fail(err, SDP_SYSTEM, "%s %.*s: %s%s", call->method, path, call->path,
			 http->failure,
			 !again && call->once && !http->permanent
				 ? "; it may have been done all the same"
			 : again && !first ? ", again and again"
					   : "");
	} else if (read_answer(d, call, http, &message, err) == 0) {
		if (again && http->retry_after)
			snprintf(wish, sizeof wish, " (wait for %lld s, it says)",
				 (long long)http->retry_after);
		sdp_fail(err, SDP_SYSTEM, "%s %.*s: %d%s%s%s%.600s%s%s", call->method, path,
			 call->path, http->status, call->code[0] ? " " : "", call->code,
			 message.length ? ": " : "", message.length ? message.data : "",
			 again && !first ? ", again and again" : "", wish);
	}
	hide(err->text, d);
	sdp_buf_release(&message);
	return -1;
}

/* May a call that ended so be made again? */
static bool passes(const struct sdp_databricks_call *call, const struct sdp_http_call *http)
{
	if (http->sink_failed)
		return false;
	if (http->status == 0)
		return !http->permanent && (!call->once || (http->sent == 0 && call->json));
	return http->status == 429 || http->status == 503;
}

static bool may_be_done(const struct sdp_http_call *http)
{
	int kind = http->status / 100;
	return kind == 2 || kind == 5 || (kind == 0 && http->request_sent);
}

static int one_try(struct sdp_databricks *d, struct sdp_http_call *http, struct sdp_err *err)
{
	struct sdp_http_call *ended;
	int rc = sdp_http_start(d->http, http, err);
	while (rc == 0 && (rc = sdp_http_wait(d->http, 1000, &ended, err)) == 0)
		;
	if (rc < 0)
		sdp_http_cancel(http);
	return rc < 0 ? -1 : 0;
}

/*
 * ---- bodies that go to a sink: a broken one is asked for again, and what was taken is passed over
 * ----
 */

struct flow {
	const struct sdp_databricks_call *call;
	const struct sdp_http_call *http;
	uint64_t taken, over; /* bytes so far; of them, those that come again in this try */
	char changed[64];     /* Last-Modified of what they belong to */
};

static int take(void *context, int status, const char *bytes, size_t length, struct sdp_err *err)
{
	struct flow *f = context;
	size_t n = 0, over = f->over < length ? (size_t)f->over : length;
	const char *changed = sdp_http_header(f->http, "last-modified", &n);
	n = n < sizeof f->changed ? n : 0;
	if (f->taken == 0)
		snprintf(f->changed, sizeof f->changed, "%.*s", (int)n, changed ? changed : "");
	else if (strlen(f->changed) != n || memcmp(f->changed, changed ? changed : "", n) != 0)
		return sdp_fail(err, SDP_SYSTEM, "%s changed while it was read", f->call->path);
	f->over -= over;
	f->taken += length - over;
	return length == over
		       ? 0
		       : f->call->sink(f->call->context, status, bytes + over, length - over, err);
}

/* ---- tries ---- */

static int try_on(struct sdp_databricks *d, struct sdp_databricks_call *call,
		  struct sdp_http_call *http, struct flow *flow, struct sdp_err *err)
{
	uint64_t begin = 0, now;
	d->lost = false;
	for (;;) {
		flow->over = flow->taken;
		int rc = one_try(d, http, err);
		call->done = call->done || may_be_done(http);
		if (rc < 0)
			return -1;
		if (http->status / 100 == 2) {
			call->code[0] = '\0'; /* of an earlier try */
			return 0;
		}
		/* Time counts from the first failure: what is large may take longer to send. */
		now = sdp_clock_ms();
		bool first = !begin;
		begin = first ? now : begin;
		uint64_t wait = http->retry_after ? (uint64_t)http->retry_after * 1000 : PAUSE;
		bool again = passes(call, http);
		if (!again || now - begin + wait > (uint64_t)d->retry_seconds * 1000) {
			d->lost = again && http->status == 0;
			return format_error(d, call, http, again, first, err);
		}
		if (first && d->tell) {
			struct sdp_err why;
			format_error(d, call, http, true, first, &why);
			d->tell(why.text);
		}
		/* Not before the time that was said; what is random comes on top. */
		if (sdp_databricks_pause(d, (int)wait + JITTER, err) < 0)
			return -1;
	}
}

int sdp_databricks_try(struct sdp_databricks *d, struct sdp_databricks_call *call, const char *url,
		       const char *const *headers, size_t header_count, struct sdp_err *err)
{
	struct flow flow = {.call = call};
	struct sdp_http_call http = {.method = call->method,
				     .url = url,
				     .headers = headers,
				     .header_count = header_count,
				     .bytes = call->json,
				     .fd = call->json || !call->length ? -1 : call->fd,
				     .offset = call->offset,
				     .length = call->json ? strlen(call->json) : call->length,
				     .sink = call->sink ? take : NULL,
				     .context = &flow,
				     .fresh_connection = call->once};
	flow.http = &http;
	int rc = try_on(d, call, &http, &flow, err);
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
