/*
 * Calls and their tries.
 *
 *	try ──2xx──▶ done
 *	 ▲  └─429, 503, no answer──▶ pause ──▶ try, while there is time
 *	 └──401 of an old token──▶ a new one, once
 */
#include "databricks_private.h"
#include "sdp/mem.h"
#include "sdp/rng.h"
#include "sdp/signals.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STALL = 120, PAUSE = 1000, JITTER = 300, RETRY_AFTER_MOST = 120 };

uint64_t sdp_databricks_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct sdp_databricks *sdp_databricks_new(const struct sdp_databricks_settings *settings,
					  const struct sdp_databricks_options *options, struct sdp_err *err)
{
	struct sdp_databricks *d = sdp_alloc(1, sizeof *d, err);
	if (!d)
		return NULL;
	*d = (struct sdp_databricks){.settings = settings, .retry_seconds = options->retry_seconds};
	struct sdp_http_options http = {settings->ca_file, STALL, options->agent};
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
	sdp_buf_release(&d->authorization);
	free(d->endpoint);
	free(d);
}

void sdp_databricks_finishing(struct sdp_databricks *d)
{
	d->finishing = true;
	sdp_http_finishing(d->http);
}

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
	uint64_t end = sdp_databricks_now() + (uint64_t)(milliseconds - (int)(chance(d) * less)), now;
	while ((now = sdp_databricks_now()) < end) {
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
static void hide(struct sdp_err *err, const struct sdp_databricks *d)
{
	const char *secrets[] = {d->settings->token.value, d->settings->client_secret.value,
				 d->authorization.length > 22 ? d->authorization.data + 22 : NULL};
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		size_t n = secrets[i] ? strlen(secrets[i]) : 0;
		for (char *at; n && (at = strstr(err->text, secrets[i]));)
			memset(at, '*', n);
	}
}

static int complain(const struct sdp_databricks *d, struct sdp_databricks_call *call, const struct sdp_http_call *http,
		    bool again, struct sdp_err *err)
{
	size_t path = strcspn(call->path, "?");
	struct sdp_buf message = {0};
	if (http->sink_failed) {
		*err = http->sink_err;
		return -1;
	}
	if (http->status == 0) {
		sdp_fail(err, SDP_SYSTEM, "%s %.*s: %s%s", call->method, (int)path, call->path, http->failure,
			 !again && call->once ? "; it may have been done all the same" : again ? ", again and again" : "");
		hide(err, d);
		return -1;
	}
	if (sdp_databricks_error(http->body.data, http->body.length, call->code, &message, err) < 0)
		return -1;
	sdp_fail(err, SDP_SYSTEM, "%s %.*s: %d%s%s%s%.600s%s", call->method, (int)path, call->path, http->status,
		 call->code[0] ? " " : "", call->code, message.length ? ": " : "", message.length ? message.data : "",
		 again ? ", again and again" : "");
	sdp_buf_release(&message);
	hide(err, d);
	return -1;
}

/* May a call that ended so be made again? */
static bool passes(const struct sdp_databricks_call *call, const struct sdp_http_call *http)
{
	if (http->sink_failed)
		return false;
	if (http->status == 0)
		return !http->hopeless && (!call->once || (http->sent == 0 && call->json));
	return http->status == 429 || http->status == 503;
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

int sdp_databricks_try(struct sdp_databricks *d, struct sdp_databricks_call *call, const char *url,
		       const char *const *headers, size_t header_count, struct sdp_err *err)
{
	uint64_t begin = sdp_databricks_now();
	struct sdp_http_call http = {.method = call->method, .url = url, .headers = headers, .header_count = header_count,
				     .bytes = call->json, .fd = call->json || !call->length ? -1 : call->fd,
				     .offset = call->offset, .length = call->json ? strlen(call->json) : call->length,
				     .sink = call->sink, .context = call->context, .alone = call->once};
	int rc;
	for (;;) {
		rc = one_try(d, &http, err);
		if (rc < 0 || http.status / 100 == 2)
			break;
		uint64_t wait = http.retry_after ? (uint64_t)http.retry_after * 1000 : PAUSE;
		if (wait > RETRY_AFTER_MOST * 1000)
			wait = RETRY_AFTER_MOST * 1000;
		bool again = passes(call, &http);
		if (!again || sdp_databricks_now() - begin + wait > (uint64_t)d->retry_seconds * 1000) {
			rc = complain(d, call, &http, again, err);
			break;
		}
		/* Not before the time that was said; what is random comes on top. */
		if (sdp_databricks_pause(d, (int)wait + JITTER, err) < 0) {
			rc = -1;
			break;
		}
	}
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

int sdp_databricks_run(struct sdp_databricks *d, struct sdp_databricks_call *call, struct sdp_err *err)
{
	struct sdp_buf url = {0};
	const char *type = call->json ? "Content-Type: application/json" : "Content-Type: application/octet-stream";
	int rc = sdp_buf_format(&url, err, "%s%s", d->settings->host.value, call->path);
	for (int turn = 0; rc == 0; turn++) {
		rc = sdp_databricks_authorize(d, turn > 0, err);
		if (rc < 0)
			break;
		const char *headers[] = {d->authorization.data, "Accept: application/json", type};
		if (call->raw)
			headers[1] = "Accept: */*";
		rc = sdp_databricks_try(d, call, url.data, headers, 2 + (call->json || call->raw), err);
		/* A token may have been withdrawn; a new one, once. */
		if (rc == 0 || call->status != 401 || !d->settings->oauth || turn > 0)
			break;
		rc = 0;
	}
	sdp_buf_release(&url);
	return rc;
}
