/*
 * The S3 client: which answers are a success, a failure, or a reason to try again.
 */
#include "base/clock.h"
#include "net/s3_private.h"
#include "net/xml_scan.h"
#include "sdp/mem.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	BACKOFF_FIRST = 200,    /* milliseconds: the longest pause before the second attempt */
	BACKOFF_MOST = 20000,   /* milliseconds */
	RETRY_AFTER_MOST = 120, /* seconds */
	CORRECTIONS_MOST = 3    /* changes of region, host or clock per call */
};

struct sdp_s3 *sdp_s3_new(const struct sdp_aws *aws, const char *bucket,
			  const struct sdp_s3_options *options, struct sdp_err *err)
{
	struct sdp_s3 *s3 = sdp_alloc(1, sizeof *s3, err);
	if (!s3)
		return NULL;
	*s3 = (struct sdp_s3){.aws = aws, .bucket = bucket, .options = *options};
	snprintf(s3->region, sizeof s3->region, "%s", aws->region);
	struct sdp_http_options http = {aws->ca_file, options->stall, options->agent, false};
	s3->http = sdp_http_new(&http, err);
	if (s3->http)
		return s3;
	free(s3);
	return NULL;
}

void sdp_s3_free(struct sdp_s3 *s3)
{
	if (s3)
		sdp_http_free(s3->http);
	free(s3);
}

void sdp_s3_finishing(struct sdp_s3 *s3, bool on)
{
	sdp_http_finishing(s3->http, on);
}

void sdp_s3_call_release(struct sdp_s3_call *call)
{
	sdp_http_call_release(&call->http);
	sdp_buf_release(&call->url);
	sdp_buf_release(&call->lines);
}

/* ---- classifying answers ---- */

enum outcome { SUCCESS, RETRY, RETRY_NOW, FAILED };

/* Sets code to the error code in the body of the answer, or to "" if there is none. */
static int error_code(const struct sdp_s3_call *call, struct sdp_buf *code, struct sdp_err *err)
{
	const char *end,
		*p = sdp_xml_find(call->http.body.data, call->http.body.length, "Error", &end);
	if (p)
		return sdp_xml_text(p, (size_t)(end - p), "Code", code, err);
	return sdp_buf_add(code, "", 0, err);
}

static bool is_region(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", text[i]))
			return false;
	return length > 0 && length < 64;
}

/* Returns whether the text is the name of a host of Amazon and has no other part of an URL. */
static bool is_amazon(const char *text, size_t length)
{
	static const char amazon[] = ".amazonaws.com";
	size_t n = strlen(amazon);
	for (size_t i = 0; text && i < length; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", text[i]))
			return false;
	return text && length > n && length < 300 && memcmp(text + length - n, amazon, n) == 0;
}

/*
 * If the answer names another region or host of the bucket, uses it from now on and returns true.
 * Only hosts of Amazon are accepted, and only if no endpoint is set.
 */
static bool follow_redirect(struct sdp_s3 *s3, struct sdp_s3_call *call)
{
	const struct sdp_buf *body = &call->http.body;
	const char *end, *p;
	size_t n;
	if (call->http.status / 100 != 3 && call->http.status != 400)
		return false;
	if (++call->corrections > CORRECTIONS_MOST)
		return false;
	p = sdp_http_header(&call->http, "x-amz-bucket-region", &n);
	if (!p && (p = sdp_xml_find(body->data, body->length, "Region", &end)))
		n = (size_t)(end - p);
	if (p && is_region(p, n) && (strlen(s3->region) != n || memcmp(s3->region, p, n) != 0)) {
		snprintf(s3->region, sizeof s3->region, "%.*s", (int)n, p);
		s3->host[0] = '\0';
		return true;
	}
	p = sdp_xml_find(body->data, body->length, "Endpoint", &end);
	n = p ? (size_t)(end - p) : 0;
	if (s3->aws->endpoint || !is_amazon(p, n))
		return false;
	snprintf(s3->host, sizeof s3->host, "%.*s", (int)n, p);
	return true;
}

/* Takes over the time of the store, so that signatures have the time that it expects. */
static bool reset_clock(struct sdp_s3 *s3, struct sdp_s3_call *call)
{
	if (!call->http.date || ++call->corrections > CORRECTIONS_MOST)
		return false;
	s3->skew = call->http.date - (int64_t)time(NULL);
	return true;
}

static bool one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/*
 * Returns whether an answer with a status of 2xx is a complete one of a store.  Others give such
 * answers, too, a captive portal for instance; and what is incomplete does not tell whether the
 * store has done what it should.
 */
static bool is_complete(const struct sdp_s3_call *call)
{
	const struct sdp_buf *body = &call->http.body;
	const char *end;
	size_t n;
	if (strcmp(call->method, "PUT") == 0 && !sdp_http_header(&call->http, "etag", &n))
		return false;
	if (strcmp(call->method, "PUT") == 0 || strcmp(call->method, "DELETE") == 0)
		return body->length == 0;
	return !call->root || sdp_xml_find(body->data, body->length, call->root, &end);
}

static enum outcome classify(struct sdp_s3 *s3, struct sdp_s3_call *call, const char *code)
{
	static const char *const transient[] = {"InternalError",
						"SlowDown",
						"ServiceUnavailable",
						"RequestTimeout",
						"RequestTimeTooSkewed",
						"OperationAborted",
						"ConditionalRequestConflict",
						"Busy",
						"ThrottlingException",
						"Throttling",
						"RequestLimitExceeded",
						"BadDigest",
						"XAmzContentSHA256Mismatch",
						NULL};
	int status = call->http.status;
	if (call->http.sink_failed || (status == 0 && call->http.permanent))
		return FAILED;
	if (status == 0 || status == 408 || status == 429 || (status >= 500 && status != 501))
		return RETRY;
	if (status / 100 == 2 && !*code)
		return is_complete(call) ? SUCCESS : RETRY;
	if (strcmp(code, "RequestTimeTooSkewed") == 0 && reset_clock(s3, call))
		return RETRY_NOW;
	if (follow_redirect(s3, call))
		return RETRY_NOW;
	return one_of(code, transient) ? RETRY : FAILED;
}

/* ---- errors and retries ---- */

static int format_error(struct sdp_s3 *s3, const struct sdp_s3_call *call, const char *code,
			bool exhausted, struct sdp_err *err)
{
	char place[700], quoted[64];
	struct sdp_buf message = {0};
	const char *again = exhausted && call->retry.tries > 1 ? ", repeatedly" : "";
	int status = call->http.status;
	snprintf(place, sizeof place, "s3://%s%s%.500s", s3->bucket, call->key ? "/" : "",
		 call->key ? call->key : "");
	if (call->http.sink_failed) {
		s3->fault = SDP_S3_LOCAL;
		*err = call->http.sink_err;
		return -1;
	}
	bool theirs =
		status == 0 || status / 100 == 2 || status >= 500 || status == 408 || status == 429;
	s3->fault = exhausted && theirs ? SDP_S3_UNREACHABLE
		    : status == 404     ? SDP_S3_MISSING
					: SDP_S3_REFUSED;
	if (status == 0)
		return sdp_fail(err, SDP_SYSTEM, "%s: %s: %s%s", place, call->method,
				call->http.failure, again);
	if (status / 100 == 2 && !*code)
		return sdp_fail(err, SDP_SYSTEM, "%s: %s: the answer is incomplete, or not from S3",
				place, call->method);
	if (sdp_xml_text(call->http.body.data, call->http.body.length, "Message", &message, err) <
	    0)
		return -1;
	/* The address of an object is at fault if the store knows no such object or bucket. */
	bool none = call->into && status == 404 && strncmp(code, "NoSuch", 6) == 0;
	sdp_fail(err, none ? SDP_DATA : SDP_SYSTEM, "%s: %s: %d%s%s%s%s%s", place, call->method,
		 status, *code ? " " : "", code, message.length ? ": " : "",
		 message.length ? sdp_quote(quoted, sizeof quoted, message.data, message.length)
				: "",
		 again);
	sdp_buf_release(&message);
	return -1;
}

/* Returns the milliseconds to wait before the next attempt. */
static uint64_t backoff_ms(struct sdp_s3 *s3, const struct sdp_s3_call *call)
{
	uint64_t most = BACKOFF_FIRST;
	for (int i = 1; i < call->retry.tries && most < BACKOFF_MOST; i++)
		most *= 2;
	if (most > BACKOFF_MOST)
		most = BACKOFF_MOST;
	uint64_t after = call->http.retry_after < RETRY_AFTER_MOST
				 ? (uint64_t)call->http.retry_after
				 : RETRY_AFTER_MOST;
	return after * 1000 + sdp_http_random_ms(most, &s3->backoffs);
}

/* Handles the end of an attempt.  Returns 1 if the call succeeded, 0 to retry, -1 if it failed. */
static int handle_answer(struct sdp_s3 *s3, struct sdp_s3_call *call, struct sdp_err *err)
{
	struct sdp_buf code = {0};
	int rc = error_code(call, &code, err) < 0 ? -1 : 0;
	if (rc == 0) {
		enum outcome outcome = classify(s3, call, code.data);
		if (outcome == SUCCESS)
			rc = 1;
		else if (outcome == FAILED ||
			 (outcome == RETRY && call->retry.tries >= s3->aws->attempts))
			rc = format_error(s3, call, code.data, outcome == RETRY, err);
		else if (outcome == RETRY)
			call->retry.due = sdp_clock_ms() + backoff_ms(s3, call);
	}
	sdp_buf_release(&code);
	return rc;
}

/* ---- running ---- */

struct running {
	struct sdp_s3 *s3;
	struct sdp_s3_call *calls;
	int (*done)(void *context, struct sdp_s3_call *call, struct sdp_err *err);
	void *context;
};

static struct sdp_http_retry *call_at(void *context, size_t index)
{
	struct running *r = context;
	r->calls[index].retry.http = &r->calls[index].http;
	r->calls[index].retry.body = r->calls[index].into;
	return &r->calls[index].retry;
}

static struct sdp_s3_call *owner_of(struct sdp_http_retry *retry)
{
	return (struct sdp_s3_call *)((char *)retry - offsetof(struct sdp_s3_call, retry));
}

static int prepare(void *context, struct sdp_http_retry *retry, struct sdp_err *err)
{
	struct running *r = context;
	return sdp_s3_prepare(r->s3, owner_of(retry), err);
}

static int answer(void *context, struct sdp_http_retry *retry, struct sdp_err *err)
{
	struct running *r = context;
	struct sdp_s3 *s3 = r->s3;
	struct sdp_s3_call *call = owner_of(retry);
	int rc = handle_answer(s3, call, err);
	call->failed = rc < 0 && call->may_fail &&
		       (s3->fault == SDP_S3_MISSING || s3->fault == SDP_S3_REFUSED);
	if (rc == 0 || (rc < 0 && !call->failed))
		return rc;
	rc = r->done && r->done(r->context, call, err) < 0 ? -1 : 1;
	s3->fault = SDP_S3_LOCAL;
	return rc;
}

static void tick(void *context)
{
	const struct sdp_s3_options *options = &((struct running *)context)->s3->options;
	if (options->tick)
		options->tick(options->tick_context);
}

int sdp_s3_run(struct sdp_s3 *s3, struct sdp_s3_call *calls, size_t count,
	       int (*done)(void *context, struct sdp_s3_call *call, struct sdp_err *err),
	       void *context, struct sdp_err *err)
{
	struct running running = {s3, calls, done, context};
	struct sdp_http_retries all = {.http = s3->http,
				       .count = count,
				       .parallel = s3->options.parallel,
				       .call = call_at,
				       .prepare = prepare,
				       .answer = answer,
				       .tick = tick,
				       .context = &running};
	s3->fault = SDP_S3_LOCAL;
	int rc = sdp_http_retry_all(&all, err);
	if (rc == 0)
		s3->fault = SDP_S3_NONE;
	return rc;
}

int sdp_s3_one(struct sdp_s3 *s3, struct sdp_s3_call *call, struct sdp_err *err)
{
	return sdp_s3_run(s3, call, 1, NULL, NULL, err);
}
