/* The record of a stored file: as a struct, as the printed document, and as the stored text. */
#include "storage/record.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/messages.h"
#include "table/codec.h"

#include <stdio.h>
#include <string.h>

void sdp_upload_record_release(struct sdp_upload_record *record)
{
	free(record->name);
	free(record->uri);
	*record = (struct sdp_upload_record){0};
}

static int put_count(cJSON *doc, const char *key, int64_t count, struct sdp_err *err)
{
	return count < 0 ? sdp_doc_null(doc, key, err) : sdp_doc_integer(doc, key, count, err);
}

static int fill(cJSON *doc, const struct sdp_upload_record *r, struct sdp_err *err)
{
	if (sdp_doc_text(doc, "task", "upload", err) < 0 ||
	    sdp_doc_text(doc, "file_id", r->id, err) < 0 ||
	    sdp_doc_text(doc, "name", r->name, err) < 0 ||
	    sdp_doc_text(doc, "type", sdp_upload_type_name(r->kind.type), err) < 0 ||
	    sdp_doc_text(doc, "compression", r->kind.codec ? r->kind.codec->name : NULL, err) < 0 ||
	    sdp_doc_count(doc, "size", r->size, err) < 0 ||
	    sdp_doc_text(doc, "sha256", r->sha256, err) < 0 ||
	    put_count(doc, "rows", r->counts.rows, err) < 0 ||
	    put_count(doc, "columns", r->counts.columns, err) < 0 ||
	    put_count(doc, "pages", r->counts.pages, err) < 0)
		return -1;
	return sdp_doc_text(doc, "uri", r->uri, err) < 0 ||
			       sdp_doc_text(doc, "uploaded_at", r->uploaded_at, err) < 0 ||
			       sdp_doc_text(doc, "backend", r->s3 ? "s3" : "local", err) < 0 ||
			       sdp_doc_bool(doc, "pending", r->pending, err) < 0 ||
			       sdp_doc_text(doc, "duplicate_of",
					    *r->duplicate_of ? r->duplicate_of : NULL, err) < 0
		       ? -1
		       : 0;
}

cJSON *sdp_upload_record_document(const struct sdp_upload_record *record, struct sdp_err *err)
{
	cJSON *doc = cJSON_CreateObject();
	if (!doc)
		sdp_fail_memory(err);
	else if (fill(doc, record, err) == 0)
		return doc;
	cJSON_Delete(doc);
	return NULL;
}

int sdp_upload_record_text(const struct sdp_upload_record *record, struct sdp_buf *out,
			   struct sdp_err *err)
{
	static const struct sdp_doc_style json = {.format = SDP_DOC_JSON};
	cJSON *doc = sdp_upload_record_document(record, err);
	int rc = doc ? sdp_doc_print(doc, &json, out, err) : -1;
	cJSON_Delete(doc);
	return rc;
}

/* Returns -1 if there is no number. */
static int64_t count_of(const cJSON *doc, const char *key)
{
	return (int64_t)sdp_doc_get_count(doc, key, UINT64_MAX);
}

static bool copy_id(char out[SDP_UUID_LENGTH + 1], const char *text)
{
	if (!text || !sdp_uuid_valid(text))
		return false;
	memcpy(out, text, SDP_UUID_LENGTH + 1);
	return true;
}

/* Finds a compression; that of no name is NULL.  Returns false if the name is unknown. */
static bool codec_by_name(const char *name, const struct sdp_codec **codec)
{
	size_t i = 0;
	while (sdp_codecs[i] && (!name || strcmp(sdp_codecs[i]->name, name) != 0))
		i++;
	*codec = sdp_codecs[i];
	return !name || *codec;
}

static bool read_texts(struct sdp_upload_record *r, const cJSON *doc)
{
	const char *sha256 = sdp_doc_get_text(doc, "sha256"), *type = sdp_doc_get_text(doc, "type"),
		   *at = sdp_doc_get_text(doc, "uploaded_at");
	const char *backend = sdp_doc_get_text(doc, "backend"),
		   *other = sdp_doc_get_text(doc, "duplicate_of");
	if (!copy_id(r->id, sdp_doc_get_text(doc, "file_id")) || !sha256 || strlen(sha256) != 64 ||
	    strspn(sha256, "0123456789abcdef") != 64 || !type || !backend || !at ||
	    strlen(at) >= sizeof r->uploaded_at || count_of(doc, "size") < 0 ||
	    (other && !copy_id(r->duplicate_of, other)))
		return false;
	memcpy(r->sha256, sha256, 65);
	snprintf(r->uploaded_at, sizeof r->uploaded_at, "%s", at);
	r->s3 = strcmp(backend, "s3") == 0;
	r->pending = cJSON_IsTrue(sdp_doc_member(doc, "pending"));
	r->size = (uint64_t)count_of(doc, "size");
	r->counts = (struct sdp_upload_counts){count_of(doc, "rows"), count_of(doc, "columns"),
					       count_of(doc, "pages")};
	r->kind.type = sdp_upload_type_by_name(type);
	return codec_by_name(sdp_doc_get_text(doc, "compression"), &r->kind.codec);
}

int sdp_upload_record_parse(struct sdp_upload_record *record, const struct sdp_buf *text,
			    const char *where, struct sdp_err *err)
{
	cJSON *doc = sdp_doc_parse(text->data ? text->data : "", text->length, err);
	const char *name = sdp_doc_get_text(doc, "name"), *uri = sdp_doc_get_text(doc, "uri");
	int rc = 0;
	*record = (struct sdp_upload_record){0};
	if (doc ? !name || !uri || !read_texts(record, doc) : err->code == SDP_DATA)
		rc = sdp_fail(err, SDP_DATA, "%.600s: is not the record of an upload", where);
	else if (!doc || !(record->name = sdp_strndup(name, strlen(name), err)) ||
		 !(record->uri = sdp_strndup(uri, strlen(uri), err)))
		rc = -1;
	cJSON_Delete(doc);
	if (rc < 0)
		sdp_upload_record_release(record);
	return rc;
}

/* ---- the name of a record in a folder ---- */

void sdp_upload_entry_name(char out[SDP_UPLOAD_ENTRY + 1], const char *id, const char *sha256)
{
	snprintf(out, SDP_UPLOAD_ENTRY + 1, "%s.%s.json", id, sha256);
}

bool sdp_upload_is_entry(const char *name)
{
	char id[SDP_UUID_LENGTH + 1];
	snprintf(id, sizeof id, "%s", name);
	return strlen(name) == SDP_UPLOAD_ENTRY && sdp_uuid_valid(id) &&
	       name[SDP_UUID_LENGTH] == '.' &&
	       strspn(name + SDP_UUID_LENGTH + 1, "0123456789abcdef") == SDP_UPLOAD_SHA &&
	       strcmp(name + SDP_UPLOAD_ENTRY - 5, ".json") == 0;
}

/* ---- lists of records ---- */

int sdp_upload_records_take(struct sdp_upload_records *records, struct sdp_upload_record *record,
			    struct sdp_err *err)
{
	if (sdp_grow(&records->items, &records->capacity, records->count + 1,
		     sizeof *records->items, err) < 0)
		return -1;
	records->items[records->count++] = *record;
	*record = (struct sdp_upload_record){0};
	return 0;
}

int sdp_upload_records_skip(struct sdp_upload_records *records, const struct sdp_err *why)
{
	sdp_warn("%s", why->text);
	if (records->skipped++ == 0 || (why->code == SDP_DATA && records->why.code != SDP_DATA))
		records->why = *why;
	return 0;
}

int sdp_upload_records_whole(const struct sdp_upload_records *records, struct sdp_err *err)
{
	if (records->skipped == 0)
		return 0;
	return sdp_fail(err, records->why.code, "incomplete (not read: %zu): %.800s",
			records->skipped, records->why.text);
}

static int by_id(const void *a, const void *b)
{
	const struct sdp_upload_record *x = a, *y = b;
	return strcmp(x->id, y->id);
}

void sdp_upload_records_sort(struct sdp_upload_records *records)
{
	if (records->count)
		qsort(records->items, records->count, sizeof *records->items, by_id);
}

static int by_content(const void *a, const void *b)
{
	const struct sdp_upload_record *x = *(struct sdp_upload_record *const *)a,
				       *y = *(struct sdp_upload_record *const *)b;
	int order = strcmp(x->sha256, y->sha256);
	return order ? order : by_id(x, y);
}

int sdp_upload_records_find_duplicates(struct sdp_upload_records *records, struct sdp_err *err)
{
	struct sdp_upload_record **all =
		records->count ? sdp_alloc(records->count, sizeof(struct sdp_upload_record *), err)
			       : NULL;
	if (!all)
		return records->count ? -1 : 0;
	for (size_t i = 0; i < records->count; i++)
		all[i] = &records->items[i];
	qsort(all, records->count, sizeof *all, by_content);
	for (size_t i = 0, first = 0; i < records->count; i++) {
		if (strcmp(all[i]->sha256, all[first]->sha256) != 0)
			first = i;
		snprintf(all[i]->duplicate_of, sizeof all[i]->duplicate_of, "%s",
			 i == first ? "" : all[first]->id);
	}
	free(all);
	return 0;
}

void sdp_upload_records_release(struct sdp_upload_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		sdp_upload_record_release(&records->items[i]);
	free(records->items);
	*records = (struct sdp_upload_records){0};
}
