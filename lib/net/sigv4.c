/* AWS Signature Version 4: the canonical request, the string to sign, and the signature. */
#define _GNU_SOURCE /* explicit_bzero */
#include "net/sigv4.h"

#include "base/secret.h"
#include "base/text.h"
#include "net/sha256.h"
#include "sdp/mem.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

void sdp_sigv4_date(time_t when, char out[SDP_SIGV4_DATE])
{
	struct tm tm;
	gmtime_r(&when, &tm);
	strftime(out, SDP_SIGV4_DATE, "%Y%m%dT%H%M%SZ", &tm);
}

/* ---- the query, sorted by name and value ---- */

struct parameter {
	const char *name, *value;
	size_t name_length, value_length;
};

static int by_parameter(const void *a, const void *b)
{
	const struct parameter *x = a, *y = b;
	int order = sdp_text_compare(x->name, x->name_length, y->name, y->name_length);
	return order ? order
		     : sdp_text_compare(x->value, x->value_length, y->value, y->value_length);
}

static int add_query(struct sdp_buf *out, const char *query, struct sdp_err *err)
{
	size_t count = 0, most = 1;
	for (const char *p = query; *p; p++)
		most += *p == '&';
	struct parameter *all = sdp_alloc(most, sizeof *all, err);
	if (!all)
		return -1;
	for (const char *p = query; *p;) {
		size_t n = strcspn(p, "&"), name = strcspn(p, "=&");
		if (n)
			all[count++] = (struct parameter){p, p + name + (name < n), name,
							  n - name - (name < n)};
		p += n + (p[n] == '&');
	}
	qsort(all, count, sizeof *all, by_parameter);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = sdp_buf_format(out, err, "%s%.*s=%.*s", i ? "&" : "", (int)all[i].name_length,
				    all[i].name, (int)all[i].value_length, all[i].value);
	free(all);
	return rc;
}

/* ---- headers, sorted by name in lower case ---- */

static int by_header(const void *a, const void *b)
{
	const struct sdp_sigv4_header *x = *(const struct sdp_sigv4_header *const *)a;
	const struct sdp_sigv4_header *y = *(const struct sdp_sigv4_header *const *)b;
	int order = strcasecmp(x->name, y->name);
	return order ? order : (x > y) - (x < y); /* headers of the same name keep their order */
}

static const struct sdp_sigv4_header **sort_headers(const struct sdp_sigv4_request *request,
						    struct sdp_err *err)
{
	const struct sdp_sigv4_header **sorted =
		sdp_alloc(request->header_count, sizeof *sorted, err);
	for (size_t i = 0; sorted && i < request->header_count; i++)
		sorted[i] = &request->headers[i];
	if (sorted)
		qsort(sorted, request->header_count, sizeof *sorted, by_header);
	return sorted;
}

static int add_lower(struct sdp_buf *out, const char *name, struct sdp_err *err)
{
	size_t from = out->length;
	if (sdp_buf_add_text(out, name, err) < 0)
		return -1;
	for (char *p = out->data + from; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return 0;
}

/* Appends a value without blanks at its ends; each run of blanks inside becomes one blank. */
static int add_value(struct sdp_buf *out, const char *value, struct sdp_err *err)
{
	const char *blanks = " \t\r\n";
	int rc = 0;
	for (const char *p = value + strspn(value, blanks); rc == 0 && *p;) {
		size_t n = strcspn(p, blanks);
		rc = sdp_buf_add(out, p, n, err);
		p += n;
		p += strspn(p, blanks);
		if (rc == 0 && *p)
			rc = sdp_buf_add(out, " ", 1, err);
	}
	return rc;
}

static int add_headers(struct sdp_buf *out, struct sdp_buf *names,
		       const struct sdp_sigv4_request *request, struct sdp_err *err)
{
	const struct sdp_sigv4_header **sorted = sort_headers(request, err);
	int rc = sorted ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < request->header_count; i++) {
		bool again = i && strcasecmp(sorted[i]->name, sorted[i - 1]->name) == 0;
		if (again) {
			out->length--; /* the line feed */
			rc = sdp_buf_add(out, ",", 1, err);
		} else {
			rc = names->length ? sdp_buf_add(names, ";", 1, err) : 0;
			if (rc == 0 && add_lower(names, sorted[i]->name, err) == 0 &&
			    add_lower(out, sorted[i]->name, err) == 0)
				rc = sdp_buf_add(out, ":", 1, err);
			else
				rc = -1;
		}
		if (rc == 0 && add_value(out, sorted[i]->value, err) == 0)
			rc = sdp_buf_add(out, "\n", 1, err);
		else
			rc = -1;
	}
	free(sorted);
	return rc;
}

static int canonical(const struct sdp_sigv4_request *r, struct sdp_buf *out, struct sdp_buf *names,
		     struct sdp_err *err)
{
	if (sdp_buf_format(out, err, "%s\n%s\n", r->method, r->path) < 0 ||
	    add_query(out, r->query, err) < 0 || sdp_buf_add(out, "\n", 1, err) < 0 ||
	    add_headers(out, names, r, err) < 0)
		return -1;
	return sdp_buf_format(out, err, "\n%s\n%s", names->data ? names->data : "", r->payload);
}

/*
 * Computes the signature of the text: the signing key is a chain of HMACs over the day, the region,
 * the service and "aws4_request", and the signature is the HMAC of the text with it.
 */
static int compute_signature(const struct sdp_sigv4_keys *keys, const char *date,
			     const struct sdp_buf *text, char hex[SDP_SHA256_HEX],
			     struct sdp_err *err)
{
	struct sdp_buf first = {0};
	unsigned char key[SDP_SHA256_BYTES];
	int rc = sdp_buf_format(&first, err, "AWS4%s", keys->secret);
	if (rc == 0)
		rc = sdp_hmac_sha256(first.data, first.length, date, 8, key, err);
	const char *steps[] = {keys->region, keys->service, "aws4_request", text->data};
	for (size_t i = 0; rc == 0 && i < sizeof steps / sizeof *steps; i++) {
		unsigned char next[SDP_SHA256_BYTES];
		rc = sdp_hmac_sha256(key, sizeof key, steps[i], strlen(steps[i]), next, err);
		memcpy(key, next, sizeof key);
		explicit_bzero(next, sizeof next);
	}
	if (rc == 0)
		sdp_hex(key, sizeof key, hex);
	explicit_bzero(key, sizeof key);
	sdp_secret_release(&first);
	return rc;
}

int sdp_sigv4_sign(const struct sdp_sigv4_keys *keys, const struct sdp_sigv4_request *request,
		   const char *date, struct sdp_buf *out, struct sdp_err *err)
{
	struct sdp_buf text = {0}, names = {0}, scope = {0};
	char hash[SDP_SHA256_HEX], signature[SDP_SHA256_HEX];
	int rc = sdp_buf_format(&scope, err, "%.8s/%s/%s/aws4_request", date, keys->region,
				keys->service);
	if (rc == 0)
		rc = canonical(request, &text, &names, err);
	if (rc == 0)
		rc = sdp_sha256_of(text.data, text.length, hash, err);
	text.length = 0;
	if (rc == 0)
		rc = sdp_buf_format(&text, err, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope.data,
				    hash);
	if (rc == 0)
		rc = compute_signature(keys, date, &text, signature, err);
	if (rc == 0)
		rc = sdp_buf_format(
			out, err, "AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=%s,Signature=%s",
			keys->id, scope.data, names.data ? names.data : "", signature);
	sdp_buf_release(&text);
	sdp_buf_release(&names);
	sdp_buf_release(&scope);
	return rc;
}
