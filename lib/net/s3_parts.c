/*
 * Multipart uploads: a file is sent in parts, several at once, and an upload can be resumed.
 *
 *	create ─▶ upload_id ─▶ send the parts ─▶ complete ─▶ check that the object exists
 *	              │              ▲
 *	              └─▶ list parts ┘  when it is resumed: only missing parts are sent
 */
#include "net/s3_private.h"
#include "net/xml_scan.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MOST = 10000, PART_LEAST = 8 << 20, MIB = 1 << 20, ETAG = 128, BATCH = 256 };

uint64_t sdp_s3_part_size(uint64_t size)
{
	uint64_t part = (size + PARTS_MOST - 1) / PARTS_MOST;
	part = (part + MIB - 1) / MIB * MIB;
	return part < PART_LEAST ? PART_LEAST : part;
}

struct parts {
	struct sdp_s3 *s3;
	struct sdp_s3_upload *upload;
	struct sdp_s3_call *calls; /* one for each part of a batch */
	size_t batch_size;
	char (*etags)[ETAG]; /* of each part; "": it is not in the store yet */
	size_t count;
	uint64_t arrived; /* bytes of the parts that are in the store */
};

static uint64_t part_length(const struct sdp_s3_upload *u, size_t part)
{
	uint64_t begin = part * u->part_size;
	return u->size - begin < u->part_size ? u->size - begin : u->part_size;
}

/* Appends "uploadId=…", percent-encoded. */
static int add_upload_id(struct sdp_buf *query, const char *upload_id, struct sdp_err *err)
{
	return sdp_s3_add_parameter(query, "uploadId=", upload_id, err);
}

int sdp_s3_abort(struct sdp_s3 *s3, const char *key, const char *upload_id, struct sdp_err *err)
{
	struct sdp_buf query = {0};
	struct sdp_s3_call call = {.method = "DELETE", .key = key, .fd = -1};
	int rc = add_upload_id(&query, upload_id, err);
	call.query = query.data;
	if (rc == 0)
		rc = sdp_s3_one(s3, &call, err);
	if (rc < 0 && s3->fault == SDP_S3_MISSING)
		rc = 0;
	sdp_s3_call_release(&call);
	sdp_buf_release(&query);
	return rc;
}

/* ---- creating or resuming an upload ---- */

static int create(struct parts *p, struct sdp_err *err)
{
	struct sdp_s3_upload *u = p->upload;
	struct sdp_buf id = {0};
	struct sdp_s3_call call = {.method = "POST",
				   .key = u->key,
				   .fd = -1,
				   .query = "uploads=",
				   .headers = u->headers,
				   .header_count = u->header_count,
				   .root = "InitiateMultipartUploadResult",
				   .http.fresh_connection = true};
	int rc = sdp_s3_one(p->s3, &call, err);
	if (rc == 0)
		rc = sdp_xml_text(call.http.body.data, call.http.body.length, "UploadId", &id,
				  err) < 0
			     ? -1
			     : 0;
	if (rc == 0 && (id.length == 0 || id.length >= sizeof u->upload_id))
		rc = sdp_fail(err, SDP_SYSTEM, "s3://%s/%.500s: no usable UploadId", p->s3->bucket,
			      u->key);
	if (rc == 0)
		snprintf(u->upload_id, sizeof u->upload_id, "%s", id.data);
	/* An earlier attempt may have created an upload although its answer was lost. */
	bool again = call.retry.tries > 1;
	sdp_buf_release(&id);
	sdp_s3_call_release(&call);
	if (rc == 0 && again)
		rc = sdp_s3_sweep(p->s3, u->key, u->upload_id, err);
	if (rc == 0 && u->begun)
		rc = u->begun(u->context, u, err);
	return rc;
}

/* Stores the ETag of a part in the list, if its number and size are those of one of our parts. */
static int add_listed_part(void *context, const char *text, size_t length, struct sdp_err *err)
{
	struct parts *p = context;
	struct sdp_buf number = {0}, etag = {0}, size = {0};
	int rc = sdp_xml_text(text, length, "PartNumber", &number, err);
	if (rc >= 0)
		rc = sdp_xml_text(text, length, "ETag", &etag, err);
	if (rc >= 0)
		rc = sdp_xml_text(text, length, "Size", &size, err);
	size_t n = rc >= 0 ? strtoull(number.data, NULL, 10) : 0;
	if (n >= 1 && n <= p->count && etag.length && etag.length < ETAG && !p->etags[n - 1][0] &&
	    strtoull(size.data, NULL, 10) == part_length(p->upload, n - 1)) {
		memcpy(p->etags[n - 1], etag.data, etag.length + 1);
		p->arrived += part_length(p->upload, n - 1);
	}
	sdp_buf_release(&number);
	sdp_buf_release(&etag);
	sdp_buf_release(&size);
	return rc < 0 ? -1 : 0;
}

static int list_parts(struct parts *p, struct sdp_err *err)
{
	struct sdp_buf query = {0};
	struct sdp_s3_pages pages = {.key = p->upload->key,
				     .root = "ListPartsResult",
				     .item = "Part",
				     .what = "parts",
				     .markers = {{"NextPartNumberMarker", "&part-number-marker="}},
				     .each = add_listed_part,
				     .context = p};
	int rc = add_upload_id(&query, p->upload->upload_id, err);
	pages.query = query.data;
	if (rc == 0)
		rc = sdp_s3_read_pages(p->s3, &pages, err);
	sdp_buf_release(&query);
	p->upload->resumed = p->arrived;
	return rc;
}

/*
 * Returns 1 if the object exists with the size of the file and the same value of the first
 * x-amz-meta-… header; 0 if not; -1 on failure.
 */
static int object_exists(struct parts *p, struct sdp_err *err)
{
	const struct sdp_s3_upload *u = p->upload;
	const char *wanted = NULL;
	struct sdp_buf have = {0};
	uint64_t size;
	const char *name = NULL;
	for (size_t i = 0; i < u->header_count && !name; i++)
		if (strncmp(u->headers[i].name, "x-amz-meta-", 11) == 0) {
			name = u->headers[i].name;
			wanted = u->headers[i].value;
		}
	int rc = sdp_s3_head(p->s3, u->key, &size, name, &have, err);
	if (rc < 0)
		rc = p->s3->fault == SDP_S3_MISSING ? 0 : -1;
	else
		rc = size == u->size && wanted && strcmp(have.data, wanted) == 0;
	sdp_buf_release(&have);
	return rc;
}

/* ---- the parts ---- */

static int on_part(void *context, struct sdp_s3_call *call, struct sdp_err *err)
{
	struct parts *p = context;
	size_t part = (size_t)(call->offset / p->upload->part_size), n = 0;
	const char *etag = sdp_http_header(&call->http, "etag", &n);
	if (!etag || n == 0 || n >= ETAG)
		return sdp_fail(err, SDP_SYSTEM, "s3://%s/%.500s: part %zu has no ETag",
				p->s3->bucket, call->key, part + 1);
	memcpy(p->etags[part], etag, n);
	p->etags[part][n] = '\0';
	p->arrived += call->length;
	return 0;
}

static void tick(void *context)
{
	struct parts *p = context;
	uint64_t bytes = p->arrived;
	for (size_t i = 0; i < p->batch_size; i++)
		if (p->calls[i].retry.started)
			bytes += p->calls[i].http.sent;
	p->upload->progress(p->upload->context, bytes < p->upload->size ? bytes : p->upload->size);
}

static int make_call(struct parts *p, size_t part, struct sdp_buf *query, struct sdp_s3_call *call,
		     struct sdp_err *err)
{
	const struct sdp_s3_upload *u = p->upload;
	*call = (struct sdp_s3_call){.method = "PUT",
				     .key = u->key,
				     .fd = u->fd,
				     .file = u->file,
				     .offset = part * u->part_size,
				     .length = part_length(u, part),
				     .also = u->whole};
	query->length = 0;
	if (sdp_buf_format(query, err, "partNumber=%zu&", part + 1) < 0 ||
	    add_upload_id(query, u->upload_id, err) < 0)
		return -1;
	call->query = query->data;
	return 0;
}

/* Sends the missing parts from *next on, at most BATCH of them, and advances *next. */
static int send_batch(struct parts *p, size_t *next, struct sdp_buf *queries, struct sdp_err *err)
{
	int rc = 0;
	for (p->batch_size = 0; rc == 0 && *next < p->count && p->batch_size < BATCH; ++*next)
		if (!p->etags[*next][0]) {
			rc = make_call(p, *next, &queries[p->batch_size], &p->calls[p->batch_size],
				       err);
			p->batch_size++;
		}
	if (rc == 0)
		rc = sdp_s3_run(p->s3, p->calls, p->batch_size, on_part, p, err);
	for (size_t i = 0; i < p->batch_size; i++)
		sdp_s3_call_release(&p->calls[i]);
	p->batch_size = 0;
	return rc;
}

static int send_parts(struct parts *p, struct sdp_err *err)
{
	struct sdp_buf *queries = sdp_alloc(BATCH, sizeof *queries, err);
	p->calls = sdp_alloc(BATCH, sizeof *p->calls, err);
	int rc = queries && p->calls ? 0 : -1;
	struct sdp_s3_options before = p->s3->options;
	if (p->upload->progress) {
		p->s3->options.tick = tick;
		p->s3->options.tick_context = p;
	}
	for (size_t next = 0; rc == 0 && next < p->count;)
		rc = send_batch(p, &next, queries, err);
	p->s3->options = before;
	for (size_t i = 0; queries && i < BATCH; i++)
		sdp_buf_release(&queries[i]);
	free(queries);
	free(p->calls);
	return rc;
}

/* ---- completing the upload ---- */

static int complete(struct parts *p, struct sdp_err *err)
{
	struct sdp_buf body = {0}, query = {0};
	struct sdp_s3_call call = {.method = "POST",
				   .key = p->upload->key,
				   .fd = -1,
				   .root = "CompleteMultipartUploadResult"};
	int rc = sdp_buf_add_text(&body, "<CompleteMultipartUpload>", err);
	for (size_t i = 0; rc == 0 && i < p->count; i++) {
		rc = sdp_buf_format(&body, err, "<Part><PartNumber>%zu</PartNumber><ETag>", i + 1);
		if (rc == 0 && sdp_xml_escape(&body, p->etags[i], err) == 0)
			rc = sdp_buf_add_text(&body, "</ETag></Part>", err);
		else
			rc = -1;
	}
	if (rc == 0)
		rc = sdp_buf_add_text(&body, "</CompleteMultipartUpload>", err);
	if (rc == 0)
		rc = add_upload_id(&query, p->upload->upload_id, err);
	call.query = query.data;
	call.bytes = body.data;
	call.length = body.length;
	if (rc == 0)
		rc = sdp_s3_one(p->s3, &call, err);
	sdp_s3_call_release(&call);
	sdp_buf_release(&body);
	sdp_buf_release(&query);
	return rc;
}

/*
 * Completes the upload and checks the object.  If the store does not know the upload, an earlier
 * attempt may have completed it although its answer was lost; the check of the object decides.
 */
static int finish(struct parts *p, struct sdp_err *err)
{
	int rc = complete(p, err);
	if (rc < 0 && p->s3->fault != SDP_S3_MISSING)
		return -1;
	struct sdp_err why = *err;
	int exists = object_exists(p, err);
	if (exists > 0)
		return 0;
	if (exists == 0 && rc < 0)
		*err = why;
	else if (exists == 0)
		sdp_fail(err, SDP_SYSTEM,
			 "s3://%s/%.500s: the stored object differs from what was sent, in its "
			 "size or ETag",
			 p->s3->bucket, p->upload->key);
	p->s3->fault = SDP_S3_REFUSED;
	return -1;
}

static int resume(struct parts *p, bool *done, struct sdp_err *err)
{
	if (list_parts(p, err) == 0)
		return 0;
	if (p->s3->fault != SDP_S3_MISSING)
		return -1;
	int exists = object_exists(p, err);
	*done = exists == 1;
	p->upload->upload_id[0] = '\0';
	return exists < 0 ? -1 : 0;
}

int sdp_s3_upload_parts(struct sdp_s3 *s3, struct sdp_s3_upload *upload, struct sdp_err *err)
{
	struct parts p = {.s3 = s3, .upload = upload};
	bool done = false;
	p.count = (size_t)((upload->size + upload->part_size - 1) / upload->part_size);
	p.etags = sdp_alloc(p.count, sizeof *p.etags, err);
	int rc = p.etags ? 0 : -1;
	if (rc == 0 && upload->upload_id[0])
		rc = resume(&p, &done, err);
	if (rc == 0 && !done && !upload->upload_id[0])
		rc = create(&p, err);
	if (rc == 0 && !done)
		rc = send_parts(&p, err);
	if (rc == 0 && !done)
		rc = finish(&p, err);
	free(p.etags);
	return rc;
}

struct sweep {
	const char *key, *keep;
	struct sdp_buf ids; /* each followed by a NUL */
};

static int add_upload(void *context, const char *text, size_t length, struct sdp_err *err)
{
	struct sweep *sweep = context;
	struct sdp_buf key = {0}, id = {0};
	int rc = sdp_xml_text(text, length, "Key", &key, err);
	if (rc >= 0)
		rc = sdp_xml_text(text, length, "UploadId", &id, err);
	if (rc > 0 && strcmp(key.data, sweep->key) == 0 && strcmp(id.data, sweep->keep) != 0)
		rc = sdp_buf_add(&sweep->ids, id.data, id.length + 1, err);
	sdp_buf_release(&key);
	sdp_buf_release(&id);
	return rc < 0 ? -1 : 0;
}

int sdp_s3_sweep(struct sdp_s3 *s3, const char *key, const char *keep, struct sdp_err *err)
{
	struct sweep sweep = {key, keep, {0}};
	struct sdp_buf query = {0};
	struct sdp_s3_pages pages = {.root = "ListMultipartUploadsResult",
				     .item = "Upload",
				     .what = "uploads",
				     .markers = {{"NextKeyMarker", "&key-marker="},
						 {"NextUploadIdMarker", "&upload-id-marker="}},
				     .each = add_upload,
				     .context = &sweep};
	int rc = sdp_s3_add_parameter(&query, "uploads=&prefix=", key, err);
	pages.query = query.data;
	if (rc == 0)
		rc = sdp_s3_read_pages(s3, &pages, err);
	for (size_t at = 0; rc == 0 && at < sweep.ids.length; at += strlen(sweep.ids.data + at) + 1)
		rc = sdp_s3_abort(s3, key, sweep.ids.data + at, err);
	sdp_buf_release(&query);
	sdp_buf_release(&sweep.ids);
	return rc;
}
