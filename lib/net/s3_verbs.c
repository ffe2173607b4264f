/* The operations on S3 objects: put, head, get, delete, list. */
#include "net/percent.h"
#include "net/s3_private.h"
#include "net/xml_scan.h"

#include <stdlib.h>

int sdp_s3_put(struct sdp_s3 *s3, const char *key, const struct sdp_sigv4_header *headers,
	       size_t header_count, const void *bytes, size_t length, struct sdp_err *err)
{
	struct sdp_s3_call call = {.method = "PUT",
				   .key = key,
				   .headers = headers,
				   .header_count = header_count,
				   .bytes = bytes,
				   .fd = -1,
				   .length = length};
	int rc = sdp_s3_one(s3, &call, err);
	sdp_s3_call_release(&call);
	return rc;
}

int sdp_s3_put_file(struct sdp_s3 *s3, const char *key, const struct sdp_sigv4_header *headers,
		    size_t header_count, int fd, const char *file, uint64_t length,
		    struct sdp_err *err)
{
	struct sdp_s3_call call = {.method = "PUT",
				   .key = key,
				   .headers = headers,
				   .header_count = header_count,
				   .fd = fd,
				   .file = file,
				   .length = length};
	int rc = sdp_s3_one(s3, &call, err);
	sdp_s3_call_release(&call);
	return rc;
}

static int copy_header(const struct sdp_http_call *http, const char *name, struct sdp_buf *out,
		       struct sdp_err *err)
{
	size_t n = 0;
	const char *value = sdp_http_header(http, name, &n);
	out->length = 0;
	return sdp_buf_add(out, value ? value : "", n, err);
}

int sdp_s3_head(struct sdp_s3 *s3, const char *key, uint64_t *size, const char *name,
		struct sdp_buf *value, struct sdp_err *err)
{
	struct sdp_s3_call call = {.method = "HEAD", .key = key, .fd = -1};
	struct sdp_buf length = {0};
	int rc = sdp_s3_one(s3, &call, err);
	if (rc == 0)
		rc = copy_header(&call.http, "content-length", &length, err);
	if (rc == 0)
		*size = strtoull(length.data, NULL, 10);
	if (rc == 0 && name)
		rc = copy_header(&call.http, name, value, err);
	sdp_buf_release(&length);
	sdp_s3_call_release(&call);
	return rc;
}

int sdp_s3_get(struct sdp_s3 *s3, const char *key, const char *name, struct sdp_buf *value,
	       int (*sink)(void *context, const void *bytes, size_t length, struct sdp_err *err),
	       void *context, struct sdp_err *err)
{
	struct sdp_buf uri = {0};
	struct sdp_http_body object = {.sink = sink,
				       .context = context,
				       .mark = "etag",
				       .encoded = true};
	struct sdp_s3_call call = {.method = "GET", .key = key, .fd = -1, .into = &object};
	int rc = sdp_buf_format(&uri, err, "s3://%s/%s", s3->bucket, key);
	object.name = uri.data;
	if (rc == 0)
		rc = sdp_s3_one(s3, &call, err);
	/* The last answer has the version of the bytes, as the first one has. */
	if (rc == 0 && name)
		rc = copy_header(&call.http, name, value, err);
	sdp_s3_call_release(&call);
	sdp_http_body_release(&object);
	sdp_buf_release(&uri);
	return rc;
}

int sdp_s3_get_text(struct sdp_s3 *s3, const char *key, struct sdp_buf *out, struct sdp_err *err)
{
	struct sdp_s3_call call = {.method = "GET", .key = key, .fd = -1};
	int rc = sdp_s3_one(s3, &call, err);
	out->length = 0;
	if (rc == 0)
		rc = sdp_buf_add(out, call.http.body.data ? call.http.body.data : "",
				 call.http.body.length, err);
	sdp_s3_call_release(&call);
	return rc;
}

int sdp_s3_delete(struct sdp_s3 *s3, const char *key, struct sdp_err *err)
{
	struct sdp_s3_call call = {.method = "DELETE", .key = key, .fd = -1};
	int rc = sdp_s3_one(s3, &call, err);
	sdp_s3_call_release(&call);
	return rc < 0 && s3->fault == SDP_S3_MISSING ? 0 : rc;
}

/* ---- listing ---- */

struct listing {
	int (*each)(void *context, const char *key, uint64_t size, struct sdp_err *err);
	void *context;
};

/*
 * Passes an object of the list to the caller.  Its key is percent-encoded (encoding-type=url),
 * since XML cannot contain every byte.
 */
static int handle_object(void *context, const char *text, size_t length, struct sdp_err *err)
{
	const struct listing *l = context;
	struct sdp_buf encoded = {0}, key = {0}, size = {0};
	int rc = sdp_xml_text(text, length, "Key", &encoded, err);
	for (size_t i = 0; i < encoded.length; i++)
		if (encoded.data[i] == '+')
			encoded.data[i] = ' ';
	if (rc >= 0)
		rc = sdp_percent_decode(&key, encoded.data, encoded.length, err);
	if (rc == 0)
		rc = sdp_xml_text(text, length, "Size", &size, err) < 0 ? -1 : 0;
	if (rc == 0)
		rc = l->each(l->context, key.data, strtoull(size.data, NULL, 10), err);
	sdp_buf_release(&encoded);
	sdp_buf_release(&key);
	sdp_buf_release(&size);
	return rc;
}

int sdp_s3_list(struct sdp_s3 *s3, const char *prefix, bool level,
		int (*each)(void *context, const char *key, uint64_t size, struct sdp_err *err),
		void *context, struct sdp_err *err)
{
	struct listing l = {each, context};
	struct sdp_buf query = {0};
	struct sdp_s3_pages pages = {.root = "ListBucketResult",
				     .item = "Contents",
				     .what = "objects",
				     .markers = {{"NextContinuationToken", "&continuation-token="}},
				     .each = handle_object,
				     .context = &l};
	int rc = sdp_s3_add_parameter(&query,
				      level ? "delimiter=%2F&encoding-type=url&list-type=2&prefix="
					    : "encoding-type=url&list-type=2&prefix=",
				      prefix, err);
	pages.query = query.data;
	if (rc == 0)
		rc = sdp_s3_read_pages(s3, &pages, err);
	sdp_buf_release(&query);
	return rc < 0 ? -1 : 0;
}
