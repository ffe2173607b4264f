/* Makes HTTP calls, several at once, and makes those again whose failure is transient. */
#include "net/http_retry.h"

#include "base/clock.h"
#include "base/rng.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WAIT = 100 /* milliseconds until the calls are looked at again */ };

uint64_t sdp_http_random_ms(uint64_t most, uint64_t *count)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	double u = sdp_rng_unit((uint64_t)now.tv_nsec, (uint64_t)getpid(), (*count)++);
	return (uint64_t)(u * (double)most);
}

static int deliver(void *context, int status, const char *bytes, size_t length, struct sdp_err *err)
{
	struct sdp_http_retry *call = context;
	return sdp_http_body_take(call->body, call->http, status, bytes, length, err);
}

static int start(const struct sdp_http_retries *calls, struct sdp_http_retry *call,
		 struct sdp_err *err)
{
	call->range[0] = '\0';
	if (call->body)
		sdp_http_body_begin(call->body, call->range);
	if (calls->prepare && calls->prepare(calls->context, call, err) < 0)
		return -1;
	call->http->sink = call->body ? deliver : NULL;
	call->http->context = call;
	call->started = true;
	call->tries++;
	return sdp_http_start(calls->http, call->http, err);
}

/*
 * Starts the first call that waits and is due, unless calls->parallel calls are active.  *active is
 * the number of active calls; *wait receives the milliseconds until another call can be started.
 */
static int start_next(const struct sdp_http_retries *calls, int *active, int *wait,
		      struct sdp_err *err)
{
	uint64_t now = sdp_clock_ms();
	*wait = WAIT;
	for (size_t i = 0; i < calls->count && *active < calls->parallel; i++) {
		struct sdp_http_retry *call = calls->call(calls->context, i);
		if (call->ended || call->started)
			continue;
		if (call->due > now) {
			uint64_t left = call->due - now;
			*wait = left < (uint64_t)*wait ? (int)left + 1 : *wait;
			continue;
		}
		if (start(calls, call, err) < 0)
			return -1;
		++*active;
		*wait = 0; /* it should begin to send before the body of the next call is hashed */
		break;
	}
	return 0;
}

static struct sdp_http_retry *owner_of(const struct sdp_http_retries *calls,
				       const struct sdp_http_call *http)
{
	for (size_t i = 0; i < calls->count; i++)
		if (calls->call(calls->context, i)->http == http)
			return calls->call(calls->context, i);
	SDP_BUG();
}

static int run(const struct sdp_http_retries *calls, struct sdp_err *err)
{
	size_t left = 0;
	int active = 0, wait;
	for (size_t i = 0; i < calls->count; i++)
		left += !calls->call(calls->context, i)->ended;
	while (left) {
		struct sdp_http_call *http;
		if (start_next(calls, &active, &wait, err) < 0)
			return -1;
		int rc = sdp_http_wait(calls->http, wait, &http, err);
		if (rc < 0)
			return -1;
		if (calls->tick)
			calls->tick(calls->context);
		if (rc == 0)
			continue;
		struct sdp_http_retry *call = owner_of(calls, http);
		active--;
		call->started = false;
		call->due = 0;
		rc = call->body ? sdp_http_body_end(call->body, http, err) : 1;
		if (rc == 1)
			rc = calls->answer(calls->context, call, err);
		if (rc < 0)
			return -1;
		call->ended = rc == 1;
		left -= call->ended;
	}
	return 0;
}

int sdp_http_retry_all(const struct sdp_http_retries *calls, struct sdp_err *err)
{
	int rc = run(calls, err);
	for (size_t i = 0; rc < 0 && i < calls->count; i++) {
		struct sdp_http_retry *call = calls->call(calls->context, i);
		if (call->started)
			sdp_http_cancel(call->http);
		call->started = false;
	}
	return rc;
}
