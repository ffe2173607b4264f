/* Builds documents as cJSON trees. */
#include "document/value.h"

#include "base/library.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

SDP_LIBRARY(cjson, cJSON_Version());

/*
 * Adds item to parent, which then owns it. Frees it on failure. If parent is NULL, it could not be
 * made, so adding to it fails in the same way.
 */
static cJSON *add(cJSON *parent, const char *key, cJSON *item, struct sdp_err *err)
{
	/* cJSON names only the members of objects, and copies the key unless it is told not to. */
	if (item &&
	    (key ? cJSON_AddItemToObjectCS(parent, key, item) : cJSON_AddItemToArray(parent, item)))
		return item;
	cJSON_Delete(item);
	sdp_fail_memory(err);
	return NULL;
}

/*
 * Makes a leaf with a copy of its text in the same piece of memory, because documents with many
 * rows are mainly leaves. cJSON treats the text as a reference, which it does not free.
 */
static cJSON *leaf(int type, const char *text)
{
	size_t length = strlen(text);
	cJSON *item = cJSON_malloc(sizeof *item + length + 1);
	if (!item)
		return NULL;
	*item = (cJSON){.type = type | cJSON_IsReference, .valuestring = (char *)(item + 1)};
	memcpy(item + 1, text, length + 1);
	return item;
}

int sdp_doc_number(cJSON *object, const char *key, const char *lexeme, struct sdp_err *err)
{
	return add(object, key, leaf(cJSON_Raw, lexeme), err) ? 0 : -1;
}

int sdp_doc_decimal(cJSON *object, const char *key, const char *number, struct sdp_err *err)
{
	cJSON *item = leaf(cJSON_Raw, number);
	if (item)
		item->valueint = SDP_DOC_DECIMAL;
	return add(object, key, item, err) ? 0 : -1;
}

int sdp_doc_integer(cJSON *object, const char *key, int64_t value, struct sdp_err *err)
{
	char text[32];
	sdp_decimal_print(text, value, 0);
	return sdp_doc_number(object, key, text, err);
}

int sdp_doc_count(cJSON *object, const char *key, uint64_t value, struct sdp_err *err)
{
	char text[32];
	if (value <= INT64_MAX)
		return sdp_doc_integer(object, key, (int64_t)value, err);
	snprintf(text, sizeof text, "%" PRIu64, value);
	return sdp_doc_number(object, key, text, err);
}

int sdp_doc_real(cJSON *object, const char *key, double value, struct sdp_err *err)
{
	char text[32];
	if (!isfinite(value))
		return sdp_doc_null(object, key, err);
	sdp_num_print(text, value);
	return sdp_doc_number(object, key, text, err);
}

int sdp_doc_setting(cJSON *object, const char *key, double value, struct sdp_err *err)
{
	char text[32];
	sdp_num_print(text, value);
	cJSON *item = leaf(cJSON_Raw, text);
	if (item)
		item->valueint = SDP_DOC_SETTING;
	return add(object, key, item, err) ? 0 : -1;
}

int sdp_doc_reals(cJSON *object, const char *key, const double *values, size_t count,
		  struct sdp_err *err)
{
	if (!values)
		return sdp_doc_null(object, key, err);
	cJSON *array = sdp_doc_array(object, key, err);
	int rc = array ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = sdp_doc_real(array, NULL, values[i], err);
	return rc;
}

int sdp_doc_add_reals(cJSON *object, const struct sdp_doc_field *members, size_t count,
		      struct sdp_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = sdp_doc_real(object, members[i].key, members[i].value, err);
	return rc;
}

int sdp_doc_text(cJSON *object, const char *key, const char *text, struct sdp_err *err)
{
	if (!text)
		return sdp_doc_null(object, key, err);
	return add(object, key, leaf(cJSON_String, text), err) ? 0 : -1;
}

int sdp_doc_null(cJSON *object, const char *key, struct sdp_err *err)
{
	return add(object, key, cJSON_CreateNull(), err) ? 0 : -1;
}

int sdp_doc_bool(cJSON *object, const char *key, bool value, struct sdp_err *err)
{
	return add(object, key, cJSON_CreateBool(value), err) ? 0 : -1;
}

cJSON *sdp_doc_array(cJSON *object, const char *key, struct sdp_err *err)
{
	return add(object, key, cJSON_CreateArray(), err);
}

cJSON *sdp_doc_object(cJSON *object, const char *key, struct sdp_err *err)
{
	return add(object, key, cJSON_CreateObject(), err);
}

cJSON *sdp_doc_row(cJSON *array, struct sdp_err *err)
{
	return add(array, NULL, cJSON_CreateObject(), err);
}

/* cJSON ignores the text of an array, but copies and frees it with the array. */
int sdp_doc_columns(cJSON *array, const char *names, struct sdp_err *err)
{
	if (!array)
		return sdp_fail_memory(err);
	array->valuestring = sdp_strndup(names, strlen(names), err);
	return array->valuestring ? 0 : -1;
}

int sdp_doc_copy_key(cJSON *object, struct sdp_err *err)
{
	/* Members are added without looking at failures, which err keeps. */
	if (!object || !object->child)
		return sdp_fail_memory(err);
	/* the prev of the first child is the last child */
	cJSON *last = object->child->prev;
	if (!(last->type & cJSON_StringIsConst))
		return 0;
	char *copy = sdp_strndup(last->string, strlen(last->string), err);
	if (!copy)
		return -1;
	last->string = copy;
	last->type &= ~cJSON_StringIsConst;
	return 0;
}
