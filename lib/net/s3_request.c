/* Makes the HTTP request of an S3 call: URL, headers and signature. */
#include "net/percent.h"
#include "net/s3_private.h"

#include <stdio.h>
#include <string.h>

/*
 * Returns whether the bucket is part of the host name (BUCKET.s3.REGION.amazonaws.com) rather than
 * of the path.  A bucket name with a dot would not match the certificate of that host.
 */
static bool has_own_host(const struct sdp_s3 *s3)
{
	return !s3->aws->endpoint && !strchr(s3->bucket, '.');
}

/*
 * Appends "https://HOST" to call->url and writes the host to host, as the header Host has it.
 * Returns the path of the endpoint ("" if it has none), or NULL on failure.
 */
static const char *add_origin(struct sdp_s3 *s3, struct sdp_s3_call *call, char host[300],
			      struct sdp_err *err)
{
	const char *endpoint = s3->aws->endpoint, *path = "";
	if (endpoint) {
		const char *begin = strstr(endpoint, "://") + 3;
		size_t n = strcspn(begin, "/"), scheme = (size_t)(begin - endpoint);
		path = begin + n;
		snprintf(host, 300, "%.*s", (int)n, begin);
		/* The default port is not part of the header Host. */
		const char *port = scheme == 8 ? ":443" : ":80";
		size_t length = strlen(host), p = strlen(port);
		if (length > p && strcmp(host + length - p, port) == 0)
			host[length - p] = '\0';
		return sdp_buf_format(&call->url, err, "%.*s%s", (int)scheme, endpoint, host) < 0
			       ? NULL
			       : path;
	}
	if (s3->host[0])
		snprintf(host, 300, "%s", s3->host);
	else
		snprintf(host, 300, "%s%ss3.%s.amazonaws.com", has_own_host(s3) ? s3->bucket : "",
			 has_own_host(s3) ? "." : "", s3->region);
	return sdp_buf_format(&call->url, err, "https://%s", host) < 0 ? NULL : path;
}

/* Makes call->url without the query; *path receives the offset at which its path begins. */
static int make_url(struct sdp_s3 *s3, struct sdp_s3_call *call, char host[300], size_t *path,
		    struct sdp_err *err)
{
	call->url.length = 0;
	const char *before = add_origin(s3, call, host, err);
	if (!before)
		return -1;
	*path = call->url.length;
	size_t n = strlen(before);
	while (n && before[n - 1] == '/')
		n--;
	if (sdp_buf_add(&call->url, before, n, err) < 0 ||
	    (!has_own_host(s3) && sdp_buf_format(&call->url, err, "/%s", s3->bucket) < 0))
		return -1;
	if (call->key || call->url.length == *path)
		if (sdp_buf_add_text(&call->url, "/", err) < 0)
			return -1;
	return call->key ? sdp_percent_encode(&call->url, call->key, strlen(call->key), "/", err)
			 : 0;
}

static int hash_body(struct sdp_s3_call *call, struct sdp_err *err)
{
	if (call->sha256[0])
		return 0;
	if (call->fd >= 0)
		return sdp_sha256_of_file(call->fd, call->offset, call->length, call->file,
					  call->sha256, call->also, err);
	return sdp_sha256_of(call->bytes ? call->bytes : "", (size_t)call->length, call->sha256,
			     err);
}

/* Writes all headers that are signed to out, which has room for 15, and returns their number. */
static size_t collect_headers(const struct sdp_s3 *s3, const struct sdp_s3_call *call,
			      const char *host, const char *date, struct sdp_sigv4_header *out)
{
	size_t n = 0;
	out[n++] = (struct sdp_sigv4_header){"host", host};
	out[n++] = (struct sdp_sigv4_header){"x-amz-content-sha256", call->sha256};
	out[n++] = (struct sdp_sigv4_header){"x-amz-date", date};
	if (s3->aws->token)
		out[n++] = (struct sdp_sigv4_header){"x-amz-security-token", s3->aws->token};
	if (call->retry.range[0]) {
		out[n++] = (struct sdp_sigv4_header){"range", call->retry.range};
		out[n++] = (struct sdp_sigv4_header){"if-match", call->into->version};
	}
	if (call->header_count > 15 - n)
		SDP_BUG();
	for (size_t i = 0; i < call->header_count; i++)
		out[n++] = call->headers[i];
	return n;
}

/* Makes the header lines of the HTTP call, "name: value", in call->lines. */
static int make_header_lines(struct sdp_s3_call *call, const struct sdp_sigv4_header *headers,
			     size_t count, const struct sdp_buf *authorization, struct sdp_err *err)
{
	size_t at[16], n = 0;
	call->lines.length = 0;
	for (size_t i = 1; i < count; i++) { /* libcurl sends the host itself */
		at[n++] = call->lines.length;
		if (sdp_buf_format(&call->lines, err, "%s: %s", headers[i].name, headers[i].value) <
			    0 ||
		    sdp_buf_add(&call->lines, "", 1, err) < 0)
			return -1;
	}
	at[n++] = call->lines.length;
	if (sdp_buf_format(&call->lines, err, "authorization: %s", authorization->data) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		call->line[i] = call->lines.data + at[i];
	call->http.headers = call->line;
	call->http.header_count = n;
	return 0;
}

static int sign(struct sdp_s3 *s3, struct sdp_s3_call *call, const char *host, const char *path,
		struct sdp_err *err)
{
	char date[SDP_SIGV4_DATE];
	struct sdp_sigv4_header headers[15];
	struct sdp_buf authorization = {0};
	sdp_sigv4_date(time(NULL) + (time_t)s3->skew, date);
	size_t count = collect_headers(s3, call, host, date, headers);
	struct sdp_sigv4_keys keys = {s3->aws->id, s3->aws->secret, s3->region, "s3"};
	struct sdp_sigv4_request request = {call->method, path,  call->query ? call->query : "",
					    headers,      count, call->sha256};
	int rc = sdp_sigv4_sign(&keys, &request, date, &authorization, err);
	if (rc == 0)
		rc = make_header_lines(call, headers, count, &authorization, err);
	sdp_buf_release(&authorization);
	return rc;
}

int sdp_s3_prepare(struct sdp_s3 *s3, struct sdp_s3_call *call, struct sdp_err *err)
{
	char host[300];
	size_t path;
	if (hash_body(call, err) < 0 || make_url(s3, call, host, &path, err) < 0 ||
	    sign(s3, call, host, call->url.data + path, err) < 0)
		return -1;
	if (call->query && sdp_buf_format(&call->url, err, "?%s", call->query) < 0)
		return -1;
	struct sdp_http_call *http = &call->http;
	http->method = call->method;
	http->url = call->url.data;
	http->bytes = call->bytes;
	http->fd = call->fd;
	http->offset = call->offset;
	http->length = call->length;
	return 0;
}
