/* The HTTP client: libcurl's multi interface, with handles that are kept for further calls. */
#include "net/http.h"

#include "base/library.h"
#include "base/need_memory.h"
#include "base/signals.h"
#include "sdp/mem.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

SDP_LIBRARY(curl, curl_version_info(CURLVERSION_NOW)->version);

enum {
	BODY_MOST = 64 << 20,    /* bytes of an answer that is kept in memory */
	UPLOAD_BUFFER = 1 << 20, /* bytes */
	CONNECT_MOST = 10,       /* seconds */
	POLL_MOST = 200,         /* milliseconds until a signal is noticed */
	IDLE = 16,               /* handles that are kept, with their connections */
	EXPECT_LEAST = 1 << 20,  /* bytes; a larger body is sent with Expect: 100-continue */
};

struct sdp_http {
	CURLM *multi;
	struct sdp_http_options options;
	bool finishing;
	CURL *idle[IDLE];
	int idle_count;
};

static int fail(CURLcode code, struct sdp_err *err)
{
	return sdp_fail(err, SDP_SYSTEM, "libcurl: %s", curl_easy_strerror(code));
}

struct sdp_http *sdp_http_new(const struct sdp_http_options *options, struct sdp_err *err)
{
	struct sdp_http *http = sdp_alloc(1, sizeof *http, err);
	if (!http)
		return NULL;
	http->options = *options;
	CURLcode rc = curl_global_init(CURL_GLOBAL_DEFAULT);
	http->multi = rc == CURLE_OK ? curl_multi_init() : NULL;
	if (http->multi)
		return http;
	fail(rc == CURLE_OK ? CURLE_OUT_OF_MEMORY : rc, err);
	free(http);
	return NULL;
}

void sdp_http_free(struct sdp_http *http)
{
	if (!http)
		return;
	for (int i = 0; i < http->idle_count; i++)
		curl_easy_cleanup(http->idle[i]);
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
	free(http);
}

void sdp_http_finishing(struct sdp_http *http, bool on)
{
	http->finishing = on;
}

static void empty(struct sdp_buf *buf)
{
	buf->length = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

/* ---- what libcurl calls ---- */

static size_t read_body(char *to, size_t size, size_t count, void *context)
{
	struct sdp_http_call *call = context;
	uint64_t left = call->length - call->at;
	size_t n = size * count < left ? size * count : (size_t)left;
	if (n == 0)
		return 0;
	if (call->fd < 0) {
		memcpy(to, (const char *)call->bytes + call->at, n);
	} else {
		ssize_t have = sdp_read_at(call->fd, to, n, call->offset + call->at);
		if (have <= 0) {
			call->sink_failed = true;
			if (have < 0)
				sdp_fail_errno(&call->sink_err, "cannot read what is sent");
			else
				sdp_fail(&call->sink_err, SDP_DATA,
					 "the file shrank while it was sent");
			return CURL_READFUNC_ABORT;
		}
		n = (size_t)have;
	}
	call->at += n;
	call->sent = call->at;
	return n;
}

static int seek_body(void *context, curl_off_t offset, int origin)
{
	struct sdp_http_call *call = context;
	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > call->length)
		return CURL_SEEKFUNC_FAIL;
	call->at = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static size_t write_head(char *bytes, size_t size, size_t count, void *context)
{
	struct sdp_http_call *call = context;
	struct sdp_err err;
	size_t n = size * count;
	if (n > 5 && memcmp(bytes, "HTTP/", 5) == 0)
		empty(&call->head); /* the headers so far belong to "100 Continue" */
	return sdp_buf_add(&call->head, bytes, n, &err) < 0 ? 0 : n;
}

static size_t write_body(char *bytes, size_t size, size_t count, void *context)
{
	struct sdp_http_call *call = context;
	size_t n = size * count;
	long status = 0;
	curl_easy_getinfo(call->handle, CURLINFO_RESPONSE_CODE, &status);
	if (call->sink && status / 100 == 2) {
		call->sink_failed =
			call->sink(call->context, (int)status, bytes, n, &call->sink_err) < 0;
		return call->sink_failed ? 0 : n;
	}
	struct sdp_err err;
	if (call->body.length + n > BODY_MOST || sdp_buf_add(&call->body, bytes, n, &err) < 0)
		return 0;
	return n;
}

/* ---- a call ---- */

#define SET(option, value)                                                                         \
	do                                                                                         \
		if (rc == CURLE_OK)                                                                \
			rc = curl_easy_setopt(h, CURLOPT_##option, value);                         \
	while (0)

static CURLcode set_common(CURL *h, const struct sdp_http_options *options)
{
	CURLcode rc = CURLE_OK;
	long stall = options->stall;
	SET(NOSIGNAL, 1L);
	SET(PROTOCOLS_STR, "http,https");
	SET(FOLLOWLOCATION, 0L);
	/* With HTTP/2, the parts of an upload would share one connection. */
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(PATH_AS_IS, 1L);
	SET(SSL_VERIFYPEER, 1L);
	SET(SSL_VERIFYHOST, 2L);
	SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (options->ca_file)
		SET(CAINFO, options->ca_file);
	if (options->direct)
		SET(NOPROXY, "*");
	SET(USERAGENT, options->agent);
	SET(CONNECTTIMEOUT, stall < CONNECT_MOST ? stall : CONNECT_MOST);
	SET(LOW_SPEED_LIMIT, 1L);
	SET(LOW_SPEED_TIME, stall);
	SET(UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
	SET(BUFFERSIZE, 256L * 1024);
	return rc;
}

static CURLcode set_method(CURL *h, struct sdp_http_call *call)
{
	CURLcode rc = CURLE_OK;
	bool body = strcmp(call->method, "PUT") == 0 || strcmp(call->method, "POST") == 0;
	if (body || call->length) {
		SET(UPLOAD, 1L);
		SET(INFILESIZE_LARGE, (curl_off_t)call->length);
	}
	if (strcmp(call->method, "HEAD") == 0)
		SET(NOBODY, 1L);
	else
		SET(CUSTOMREQUEST, call->method);
	return rc;
}

static CURLcode set_call(CURL *h, struct sdp_http_call *call)
{
	CURLcode rc = CURLE_OK;
	struct curl_slist *list = NULL;
	size_t count = call->header_count + (call->length < EXPECT_LEAST);
	for (size_t i = 0; i < count; i++) {
		struct curl_slist *more =
			curl_slist_append(list,
					  i < call->header_count ? call->headers[i] : "Expect:");
		if (!more) {
			curl_slist_free_all(list);
			return CURLE_OUT_OF_MEMORY;
		}
		list = more;
	}
	call->list = list;
	SET(URL, call->url);
	SET(HTTPHEADER, list);
	SET(ERRORBUFFER, call->failure);
	SET(READFUNCTION, read_body);
	SET(READDATA, call);
	SET(SEEKFUNCTION, seek_body);
	SET(SEEKDATA, call);
	SET(HEADERFUNCTION, write_head);
	SET(HEADERDATA, call);
	SET(WRITEFUNCTION, write_body);
	SET(WRITEDATA, call);
	SET(PRIVATE, call);
	if (call->fresh_connection)
		SET(FRESH_CONNECT, 1L);
	return rc == CURLE_OK ? set_method(h, call) : rc;
}

/*
 * Returns the handle of a call to the idle handles; its connection stays in the pool of the multi
 * handle.  A handle without an answer is not reused: if there was no connection, libcurl 7.88 keeps
 * its buffer and then refuses to set BUFFERSIZE.
 */
static void return_handle(struct sdp_http_call *call)
{
	struct sdp_http *http = call->http;
	if (!call->handle)
		return;
	long asked = 0;
	curl_easy_getinfo(call->handle, CURLINFO_REQUEST_SIZE, &asked);
	call->request_sent = asked > 0;
	curl_multi_remove_handle(http->multi, call->handle);
	if (call->status && http->idle_count < IDLE)
		http->idle[http->idle_count++] = call->handle;
	else
		curl_easy_cleanup(call->handle);
	curl_slist_free_all(call->list);
	call->handle = NULL;
	call->list = NULL;
}

int sdp_http_start(struct sdp_http *http, struct sdp_http_call *call, struct sdp_err *err)
{
	CURL *h = http->idle_count ? http->idle[--http->idle_count] : curl_easy_init();
	if (!h)
		return sdp_fail_memory(err);
	curl_easy_reset(h);
	call->http = http;
	call->handle = h;
	call->status = 0;
	call->failure[0] = '\0';
	call->request_sent = call->sink_failed = false;
	empty(&call->head);
	empty(&call->body);
	call->at = call->sent = 0;
	CURLcode rc = set_common(h, &http->options);
	if (rc == CURLE_OK)
		rc = set_call(h, call);
	if (rc == CURLE_OK && curl_multi_add_handle(http->multi, h) != CURLM_OK)
		rc = CURLE_OUT_OF_MEMORY;
	if (rc == CURLE_OK)
		return 0;
	return_handle(call);
	return fail(rc, err);
}

static bool is_permanent(CURLcode rc)
{
	return rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CACERT_BADFILE ||
	       rc == CURLE_SSL_CERTPROBLEM || rc == CURLE_SSL_ISSUER_ERROR ||
	       rc == CURLE_URL_MALFORMAT || rc == CURLE_UNSUPPORTED_PROTOCOL;
}

static void read_times(CURL *h, struct sdp_http_call *call)
{
	curl_off_t after = 0;
	size_t length;
	char text[64];
	const char *date = sdp_http_header(call, "date", &length);
	call->retry_after = call->date = 0;
	if (curl_easy_getinfo(h, CURLINFO_RETRY_AFTER, &after) == CURLE_OK && after > 0)
		call->retry_after = after;
	if (date && length < sizeof text) {
		snprintf(text, sizeof text, "%.*s", (int)length, date);
		time_t t = curl_getdate(text, NULL);
		call->date = t > 0 ? t : 0;
	}
}

static struct sdp_http_call *end(CURL *h, CURLcode rc)
{
	char *private = NULL;
	long status = 0;
	curl_easy_getinfo(h, CURLINFO_PRIVATE, &private);
	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	struct sdp_http_call *call = (void *)private;
	/* A server may answer with an error before it has the whole body; that answer counts. */
	if (rc == CURLE_OK || (status >= 400 && !call->sink_failed)) {
		call->status = (int)status;
		call->failure[0] = '\0';
	} else if (!call->failure[0]) {
		snprintf(call->failure, sizeof call->failure, "%s", curl_easy_strerror(rc));
	}
	call->permanent = is_permanent(rc);
	read_times(h, call);
	return_handle(call);
	return call;
}

int sdp_http_wait(struct sdp_http *http, int milliseconds, struct sdp_http_call **ended,
		  struct sdp_err *err)
{
	for (;;) {
		int running, queued;
		CURLMcode rc = curl_multi_perform(http->multi, &running);
		if (rc != CURLM_OK)
			return sdp_fail(err, SDP_SYSTEM, "libcurl: %s", curl_multi_strerror(rc));
		for (CURLMsg *m; (m = curl_multi_info_read(http->multi, &queued));)
			if (m->msg == CURLMSG_DONE) {
				*ended = end(m->easy_handle, m->data.result);
				return 1;
			}
		if (sdp_interrupted && !http->finishing)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
		if (milliseconds <= 0)
			return 0;
		int some = milliseconds < POLL_MOST ? milliseconds : POLL_MOST;
		curl_multi_poll(http->multi, NULL, 0, some, NULL);
		milliseconds -= some;
	}
}

void sdp_http_cancel(struct sdp_http_call *call)
{
	return_handle(call);
}

void sdp_http_call_release(struct sdp_http_call *call)
{
	return_handle(call);
	sdp_buf_release(&call->head);
	sdp_buf_release(&call->body);
}

bool sdp_http_is_url(const char *url)
{
	CURLU *parsed = sdp_need_memory(curl_url());
	CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, 0);
	if (code == CURLUE_OUT_OF_MEMORY)
		sdp_need_memory(NULL);
	curl_url_cleanup(parsed);
	return code == CURLUE_OK;
}

const char *sdp_http_header(const struct sdp_http_call *call, const char *name, size_t *length)
{
	size_t n = strlen(name);
	for (const char *line = call->head.data; line && *line;) {
		const char *end_of_line = line + strcspn(line, "\r\n"), *p = line + n;
		if ((size_t)(end_of_line - line) > n && strncasecmp(line, name, n) == 0 &&
		    *p == ':') {
			p++;
			while (p < end_of_line && (*p == ' ' || *p == '\t'))
				p++;
			while (end_of_line > p &&
			       (end_of_line[-1] == ' ' || end_of_line[-1] == '\t'))
				end_of_line--;
			*length = (size_t)(end_of_line - p);
			return p;
		}
		line = end_of_line + strspn(end_of_line, "\r\n");
	}
	return NULL;
}
