/* Receives the bytes of one version of a file, in several attempts. */
#include "net/http_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT = 200 }; /* a longer value of a header counts as none */

static int changed(const struct sdp_http_body *body, struct sdp_err *err)
{
	return sdp_fail(err, SDP_SYSTEM, "%s changed while it was read", body->name);
}

static int other_part(const struct sdp_http_body *body, struct sdp_err *err)
{
	return sdp_fail(err, SDP_SYSTEM, "%s: the server sends another part than asked for",
			body->name);
}

/* Copies the value of a header; empty if it is not there or too long. Returns text. */
static const char *value_of(const struct sdp_http_call *http, const char *name, char text[TEXT])
{
	size_t length = 0;
	const char *value = sdp_http_header(http, name, &length);
	snprintf(text, TEXT, "%.*s", value && length < TEXT ? (int)length : 0, value ? value : "");
	return text;
}

/* ---- versions ---- */

/* Writes the ETag, or else Last-Modified, to text. Returns whether it is a strong ETag. */
static bool find_version(const struct sdp_http_call *http, char text[TEXT])
{
	size_t length;
	if (!sdp_http_header(http, "etag", &length)) {
		value_of(http, "last-modified", text);
		return false;
	}
	length = strlen(value_of(http, "etag", text));
	return length > 1 && text[0] == '"' && text[length - 1] == '"';
}

/* Returns the part of an ETag in which weak ones are compared. */
static const char *opaque(const char *version)
{
	return strncmp(version, "W/", 2) == 0 ? version + 2 : version;
}

/* ---- the head of an answer ---- */

/* Parses digits at text, which moves on. Returns whether there are some and they are a number. */
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

/*
 * Parses a Content-Range that ends with the last byte of the file: bytes FIRST-LAST/TOTAL, or with
 * an asterisk as TOTAL. Returns whether it is one.
 */
static bool parse_range(const char *at, uint64_t *first, uint64_t *total)
{
	static const char unit[] = "bytes ";
	uint64_t last = 0;
	if (strncasecmp(at, unit, strlen(unit)) != 0)
		return false;
	at += strlen(unit);
	if (!take_number(&at, first) || *at++ != '-' || !take_number(&at, &last) || *at++ != '/')
		return false;
	*total = last + 1;
	if (strcmp(at, "*") == 0)
		return true;
	return take_number(&at, total) && !*at && *total == last + 1;
}

/* Begins a partial answer, which must hold all bytes from the next one to the last. */
static int begin_part(struct sdp_http_body *body, const struct sdp_http_call *http,
		      struct sdp_err *err)
{
	char text[TEXT];
	uint64_t first = 0, total = 0;
	if (!body->rest || !parse_range(value_of(http, "content-range", text), &first, &total) ||
	    first != body->delivered)
		return other_part(body, err);
	/* The first answer did not tell the total if it came in chunks. */
	if (body->total != UINT64_MAX && total != body->total)
		return changed(body, err);
	bool strong = find_version(http, text);
	if (strong && strcmp(text, body->version) != 0)
		return changed(body, err);
	if (!strong) { /* a server that does not know the condition may send another version */
		body->whole = body->again = true;
		return sdp_fail(err, SDP_SYSTEM, "%s: a part without a strong ETag", body->name);
	}
	body->total = total;
	return 0;
}

/* Begins to compare an answer with the bytes that the sink already has. */
static int begin_again(struct sdp_http_body *body, const char *version, uint64_t total,
		       struct sdp_err *err)
{
	bool known = *version && *body->version;
	if ((known && strcmp(opaque(version), opaque(body->version)) != 0) ||
	    (total != UINT64_MAX && body->total != UINT64_MAX && total != body->total))
		return changed(body, err);
	if (body->total == UINT64_MAX)
		body->total = total;
	body->skip = body->delivered;
	body->compared = sdp_sha256_new(err);
	return body->compared ? sdp_sha256_so_far(body->digest, body->delivered_hex, err) : -1;
}

/* Begins an answer with all bytes, which must say how many there are, or come in chunks. */
static int begin_whole(struct sdp_http_body *body, const struct sdp_http_call *http,
		       struct sdp_err *err)
{
	char text[TEXT];
	uint64_t total = UINT64_MAX, first = 0, end = 0;
	const char *length = value_of(http, "content-length", text);
	bool known = take_number(&length, &total) && *length == '\0';
	if (!known && strcasecmp(value_of(http, "transfer-encoding", text), "chunked") != 0)
		return sdp_fail(err, SDP_SYSTEM,
				"%s: the server does not say how many bytes there are, so a lost "
				"connection would not be noticed",
				body->name);
	total = known ? total : UINT64_MAX;
	/* A cache may give a part that it has with the status of the whole. */
	size_t there;
	if (sdp_http_header(http, "content-range", &there) &&
	    (!parse_range(value_of(http, "content-range", text), &first, &end) || first != 0 ||
	     (known && end != total)))
		return other_part(body, err);
	bool strong = find_version(http, text);
	if (body->delivered)
		return begin_again(body, text, total, err);
	snprintf(body->version, sizeof body->version, "%s", text);
	body->strong = strong;
	body->total = total;
	if (!body->digest)
		body->digest = sdp_sha256_new(err);
	return body->digest ? 0 : -1;
}

/* Some servers announce how a file is compressed whose name already says so. */
static bool is_own_coding(const char *name, const char *coding)
{
	static const char *const own[][2] = {{"gzip", ".gz"}, {"x-gzip", ".gz"}, {"zstd", ".zst"}};
	size_t length = strlen(name);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		size_t n = strlen(own[i][1]);
		if (strcasecmp(coding, own[i][0]) == 0 && length > n &&
		    strcmp(name + length - n, own[i][1]) == 0)
			return true;
	}
	return false;
}

/* Checks the head of an answer before any of its bytes is delivered. */
static int begin(struct sdp_http_body *body, const struct sdp_http_call *http, int status,
		 struct sdp_err *err)
{
	char text[TEXT];
	size_t length;
	body->begun = true;
	if (status != 200 && status != 206)
		return sdp_fail(err, SDP_SYSTEM, "%s: the server answers with %d", body->name,
				status);
	if (body->mark && !sdp_http_header(http, body->mark, &length))
		return sdp_fail(err, SDP_SYSTEM,
				"%s: the answer has no %s, so it is from another server",
				body->name, body->mark);
	const char *coding = value_of(http, "content-encoding", text);
	if (!body->encoded && sdp_http_header(http, "content-encoding", &length) && length &&
	    strcasecmp(coding, "identity") != 0 && !is_own_coding(body->name, coding))
		return sdp_fail(err, SDP_SYSTEM,
				"%s: the server sends it in the encoding '%.40s', which was not "
				"asked for",
				body->name, coding);
	return status == 206 ? begin_part(body, http, err) : begin_whole(body, http, err);
}

/* ---- attempts ---- */

bool sdp_http_body_begin(struct sdp_http_body *body, char range[SDP_HTTP_RANGE])
{
	body->begun = body->again = false;
	body->skip = 0;
	sdp_sha256_free(body->compared);
	body->compared = NULL;
	body->rest = body->delivered && body->strong && !body->whole;
	if (body->rest)
		snprintf(range, SDP_HTTP_RANGE, "bytes=%" PRIu64 "-", body->delivered);
	return body->rest;
}

/* Compares bytes that the sink already has. */
static int compare(struct sdp_http_body *body, const char *bytes, size_t length,
		   struct sdp_err *err)
{
	char hex[SDP_SHA256_HEX];
	if (sdp_sha256_add(body->compared, bytes, length, err) < 0)
		return -1;
	body->skip -= length;
	if (body->skip)
		return 0;
	if (sdp_sha256_end(body->compared, hex, err) < 0)
		return -1;
	return strcmp(hex, body->delivered_hex) == 0 ? 0 : changed(body, err);
}

int sdp_http_body_take(struct sdp_http_body *body, const struct sdp_http_call *http, int status,
		       const char *bytes, size_t length, struct sdp_err *err)
{
	if (!body->begun && begin(body, http, status, err) < 0)
		return -1;
	size_t over = body->skip < length ? (size_t)body->skip : length;
	if (over && compare(body, bytes, over, err) < 0)
		return -1;
	if (over == length)
		return 0;
	if (sdp_sha256_add(body->digest, bytes + over, length - over, err) < 0)
		return -1;
	body->delivered += length - over;
	return body->sink(body->context, bytes + over, length - over, err);
}

int sdp_http_body_end(struct sdp_http_body *body, struct sdp_http_call *http, struct sdp_err *err)
{
	int status = http->status;
	bool complete = status / 100 == 2;
	if (complete && !body->begun && begin(body, http, status, err) < 0 && !body->again)
		return -1;
	if (body->rest && status == 416) /* nothing is left, or there is less than before */
		body->whole = body->again = true;
	if (body->again) {
		http->sink_failed = false;
		return 0;
	}
	if (body->delivered && (status == 404 || status == 410 || status == 412))
		return changed(body, err);
	if (!complete)
		return 1;
	if (body->skip)
		return changed(body, err);
	if (body->total != UINT64_MAX && body->delivered != body->total)
		return sdp_fail(err, SDP_SYSTEM, "%s: %" PRIu64 " of %" PRIu64 " bytes arrived",
				body->name, body->delivered, body->total);
	return 1;
}

void sdp_http_body_release(struct sdp_http_body *body)
{
	sdp_sha256_free(body->digest);
	sdp_sha256_free(body->compared);
	body->digest = body->compared = NULL;
}
