/* The record of a stored file: as a struct, as the printed document, and as the stored text. */
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "table/codec.h"
#include "upload.h"

#include <stdio.h>
#include <string.h>

void upload_record_release(struct upload_record *record)
{
	free(record->name);
	free(record->uri);
	*record = (struct upload_record){0};
}

static int put_count(cJSON *doc, const char *key, int64_t count, struct sdp_err *err)
{
	return count < 0 ? sdp_doc_null(doc, key, err) : sdp_doc_integer(doc, key, count, err);
}

static int fill(cJSON *doc, const struct upload_record *r, struct sdp_err *err)
{
	if (sdp_doc_text(doc, "task", "upload", err) < 0 ||
	    sdp_doc_text(doc, "file_id", r->id, err) < 0 ||
	    sdp_doc_text(doc, "name", r->name, err) < 0 ||
	    sdp_doc_text(doc, "type", upload_type_name(r->kind.type), err) < 0 ||
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

cJSON *upload_record_document(const struct upload_record *record, struct sdp_err *err)
{
	cJSON *doc = cJSON_CreateObject();
	if (!doc)
		sdp_fail_memory(err);
	else if (fill(doc, record, err) == 0)
		return doc;
	cJSON_Delete(doc);
	return NULL;
}

int upload_record_text(const struct upload_record *record, struct sdp_buf *out, struct sdp_err *err)
{
	static const struct sdp_doc_style json = {.format = SDP_DOC_JSON};
	cJSON *doc = upload_record_document(record, err);
	int rc = doc ? sdp_doc_print(doc, &json, out, err) : -1;
	cJSON_Delete(doc);
	return rc;
}

static const char *text_of(const cJSON *doc, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(doc, key);
	return cJSON_IsString(item) ? item->valuestring : NULL;
}

static int64_t count_of(const cJSON *doc, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(doc, key);
	return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 0x1p53
		       ? (int64_t)item->valuedouble
		       : -1;
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

static bool read_texts(struct upload_record *r, const cJSON *doc)
{
	const char *sha256 = text_of(doc, "sha256"), *type = text_of(doc, "type"),
		   *at = text_of(doc, "uploaded_at");
	const char *backend = text_of(doc, "backend"), *other = text_of(doc, "duplicate_of");
	if (!copy_id(r->id, text_of(doc, "file_id")) || !sha256 || strlen(sha256) != 64 ||
	    strspn(sha256, "0123456789abcdef") != 64 || !type || !backend || !at ||
	    strlen(at) >= sizeof r->uploaded_at || count_of(doc, "size") < 0 ||
	    (other && !copy_id(r->duplicate_of, other)))
		return false;
	memcpy(r->sha256, sha256, 65);
	snprintf(r->uploaded_at, sizeof r->uploaded_at, "%s", at);
	r->s3 = strcmp(backend, "s3") == 0;
	r->pending = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(doc, "pending"));
	r->size = (uint64_t)count_of(doc, "size");
	r->counts = (struct upload_counts){count_of(doc, "rows"), count_of(doc, "columns"),
					   count_of(doc, "pages")};
	r->kind.type = upload_type_by_name(type);
	return codec_by_name(text_of(doc, "compression"), &r->kind.codec);
}

int upload_record_parse(struct upload_record *record, const char *text, const char *where,
			struct sdp_err *err)
{
	cJSON *doc = cJSON_Parse(text);
	const char *name = text_of(doc, "name"), *uri = text_of(doc, "uri");
	int rc = 0;
	*record = (struct upload_record){0};
	if (!name || !uri || !read_texts(record, doc))
		rc = sdp_fail(err, SDP_DATA, "%.600s: is not the record of an upload", where);
	else if (!(record->name = sdp_strndup(name, strlen(name), err)) ||
		 !(record->uri = sdp_strndup(uri, strlen(uri), err)))
		rc = -1;
	cJSON_Delete(doc);
	if (rc < 0)
		upload_record_release(record);
	return rc;
}

/* ---- lists of records ---- */

int upload_records_take(struct upload_records *records, struct upload_record *record,
			struct sdp_err *err)
{
	if (sdp_grow(&records->items, &records->capacity, records->count + 1,
		     sizeof *records->items, err) < 0)
		return -1;
	records->items[records->count++] = *record;
	*record = (struct upload_record){0};
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct upload_record *x = a, *y = b;
	return strcmp(x->id, y->id);
}

void upload_records_sort(struct upload_records *records)
{
	if (records->count)
		qsort(records->items, records->count, sizeof *records->items, by_id);
}

static int by_content(const void *a, const void *b)
{
	const struct upload_record *x = *(struct upload_record *const *)a,
				   *y = *(struct upload_record *const *)b;
	int order = strcmp(x->sha256, y->sha256);
	return order ? order : by_id(x, y);
}

int upload_records_find_duplicates(struct upload_records *records, struct sdp_err *err)
{
	struct upload_record **all =
		records->count ? sdp_alloc(records->count, sizeof(struct upload_record *), err)
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

void upload_records_release(struct upload_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		upload_record_release(&records->items[i]);
	free(records->items);
	*records = (struct upload_records){0};
}
