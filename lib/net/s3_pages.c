/* Reads a list of the store, which comes in pages of at most 1000 items. */
#include "net/percent.h"
#include "net/s3_private.h"
#include "net/xml_scan.h"

#include <string.h>

enum { MARKERS = sizeof((struct sdp_s3_pages){0}.markers) / sizeof(struct sdp_s3_marker) };

int sdp_s3_add_parameter(struct sdp_buf *query, const char *text, const char *value,
			 struct sdp_err *err)
{
	if (sdp_buf_add_text(query, text, err) < 0)
		return -1;
	return sdp_percent_encode(query, value, strlen(value), "", err);
}

/* Makes the query of the page that begins after the markers, or of the first page without them. */
static int make_query(const struct sdp_s3_pages *pages, const struct sdp_buf *markers,
		      struct sdp_buf *query, struct sdp_err *err)
{
	query->length = 0;
	int rc = sdp_buf_add_text(query, pages->query, err);
	for (int i = 0; rc == 0 && i < MARKERS && pages->markers[i].parameter; i++)
		if (markers[i].length)
			rc = sdp_s3_add_parameter(query, pages->markers[i].parameter,
						  markers[i].data, err);
	return rc;
}

/* Replaces the markers by those of the next page; the first one is empty after the last page. */
static int read_markers(const struct sdp_s3_pages *pages, const struct sdp_buf *body,
			struct sdp_buf *markers, struct sdp_err *err)
{
	struct sdp_buf more = {0};
	int known = sdp_xml_text(body->data, body->length, "IsTruncated", &more, err), rc = known;
	for (int i = 0; rc >= 0 && i < MARKERS && pages->markers[i].parameter; i++)
		rc = sdp_xml_text(body->data, body->length, pages->markers[i].element, &markers[i],
				  err);
	bool truncated = rc >= 0 && known && strcmp(more.data, "true") == 0;
	if (truncated && !markers[0].length)
		rc = sdp_fail(err, SDP_SYSTEM, "the store's list of %s is incomplete", pages->what);
	for (int i = 0; known && !truncated && i < MARKERS; i++)
		markers[i].length = 0;
	sdp_buf_release(&more);
	return rc < 0 ? -1 : 0;
}

/* Reads a page, passes its items to each, and replaces the markers by those of the next page. */
static int read_page(struct sdp_s3 *s3, const struct sdp_s3_pages *pages, const char *query,
		     struct sdp_buf *markers, struct sdp_err *err)
{
	struct sdp_s3_call call = {.method = "GET",
				   .key = pages->key,
				   .fd = -1,
				   .query = query,
				   .root = pages->root};
	int rc = sdp_s3_one(s3, &call, err);
	const struct sdp_buf *body = &call.http.body;
	const char *stop = body->data + body->length, *end = body->data, *item;
	while (rc == 0 && (item = sdp_xml_find(end, (size_t)(stop - end), pages->item, &end)))
		rc = pages->each(pages->context, item, (size_t)(end - item), err);
	if (rc == 0)
		rc = read_markers(pages, body, markers, err);
	sdp_s3_call_release(&call);
	return rc;
}

int sdp_s3_read_pages(struct sdp_s3 *s3, const struct sdp_s3_pages *pages, struct sdp_err *err)
{
	struct sdp_buf markers[MARKERS] = {{0}}, query = {0}, before = {0};
	int rc = make_query(pages, markers, &query, err);
	for (unsigned turn = 1; rc == 0; turn++) {
		rc = read_page(s3, pages, query.data, markers, err);
		if (rc != 0 || !markers[0].length)
			break;
		rc = make_query(pages, markers, &query, err);
		/* If a store repeats a page, or several in turn, the list has no end. */
		if (rc == 0 && before.data && strcmp(query.data, before.data) == 0)
			rc = sdp_fail(err, SDP_SYSTEM, "the store's list of %s does not advance",
				      pages->what);
		before.length = (turn & (turn - 1)) == 0 ? 0 : before.length;
		if (rc == 0 && !before.length)
			rc = sdp_buf_add_text(&before, query.data, err);
	}
	for (int i = 0; i < MARKERS; i++)
		sdp_buf_release(&markers[i]);
	sdp_buf_release(&query);
	sdp_buf_release(&before);
	return rc;
}
